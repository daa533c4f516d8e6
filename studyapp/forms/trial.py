"""What a browser may send for a trial."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from experiments.schema import Trials
from experiments.timing import LONGEST_MS, Timing
from studyapp.models import Trial
from studyapp.selectors.trial_view import Choice, TrialView

Labelled = Iterable[tuple[Any, str]]


class TrialForm(forms.Form):
    """A choice, how sure, and a reaction time when the browser could measure one."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    is_first = forms.BooleanField(required=False, widget=forms.HiddenInput)
    rt_ms = forms.CharField(required=False, widget=forms.HiddenInput)
    timing = forms.CharField(required=False, widget=forms.HiddenInput)
    choice = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose an answer."),
            "invalid_choice": _("Please choose one of the answers."),
        },
    )

    def __init__(self, choices: Labelled, levels: Labelled, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["choice"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = list(choices)
        labelled = list(levels)
        if labelled:
            self.fields["confidence"] = forms.TypedChoiceField(
                coerce=int,
                choices=labelled,
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Please say how sure you are."),
                    "invalid_choice": _("Please say how sure you are."),
                },
            )

    @classmethod
    def sent(cls, trial: Trial, stage: Trials, data: Any) -> "TrialForm":
        """To check what came. No page is made of it, so it needs no words."""
        levels = stage.confidence.levels if stage.confidence else ()
        return cls(((key, key) for key in trial.choice_order), enumerate(levels, start=1), data)

    def clean_rt_ms(self) -> float | None:
        """A time that can't be right is stored as missing, never as a guess."""
        try:
            rt_ms = float(self.cleaned_data["rt_ms"])
        except ValueError:
            return None
        return rt_ms if 0 <= rt_ms < LONGEST_MS else None

    def clean_timing(self) -> Timing | None:
        """A page without a player has no timing record."""
        try:
            return Timing.model_validate_json(self.cleaned_data["timing"])
        except ValidationError:
            return None


class ShownTrialForm(TrialForm):
    """The same with its words, for a page."""

    def __init__(self, view: TrialView, *args: Any, **kwargs: Any) -> None:
        choices = ((option.key, option.name) for option in view.choices)
        super().__init__(choices, enumerate(view.confidence_levels, start=1), *args, **kwargs)
        self._view = view
        self.fields["is_first"].initial = view.is_first
        self.fields["choice"].label = view.question
        if "confidence" in self.fields:
            self.fields["confidence"].label = view.confidence_question

    def pictured_choices(self) -> list[tuple[Choice, Any]]:
        """Answers that are pictures, each with its button."""
        return list(zip(self._view.choices, self["choice"], strict=True))
