"""What a browser may send for a trial."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from experiments.timing import LONGEST_MS, Timing
from studyapp.selectors.trial_view import Choice, TrialView


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

    def __init__(self, view: TrialView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._view = view
        self.fields["is_first"].initial = view.is_first
        choice = self.fields["choice"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(option.key, option.name) for option in view.choices]
        choice.label = view.question
        if view.confidence_levels:
            self.fields["confidence"] = forms.TypedChoiceField(
                label=view.confidence_question,
                coerce=int,
                choices=list(enumerate(view.confidence_levels, start=1)),
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Please say how sure you are."),
                    "invalid_choice": _("Please say how sure you are."),
                },
            )

    def pictured_choices(self) -> list[tuple[Choice, Any]]:
        """Answers that are pictures, each with its button."""
        return list(zip(self._view.choices, self["choice"], strict=True))

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
