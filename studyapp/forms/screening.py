"""The form of a screening stage, made from the protocol."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experiments.screening import Screening
from studyapp.selectors.speech import said


class ScreeningForm(forms.Form):
    """One radio group a question."""

    def __init__(self, stage: Screening, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in stage.questions:
            self.fields[question.key] = forms.ChoiceField(
                label=said(question.text),
                choices=[(choice, said(choice)) for choice in question.choices],
                widget=forms.RadioSelect,
                error_messages={"required": _("Please choose an answer.")},
            )

    def answers(self) -> dict[str, str]:
        """The chosen answers by question."""
        return dict(self.cleaned_data)
