"""Forms of quizzes and questionnaires, made from the protocol."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experiments.items import (
    ChoiceItem,
    Item,
    LikertItem,
    NumberItem,
    RatingItem,
    TextItem,
)
from experiments.schema import Questionnaire, Quiz
from studyapp.selectors.speech import said


class QuizForm(forms.Form):
    """One radio group a question. `attempt` says which attempt the page was made for."""

    attempt = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, stage: Quiz, *args: Any, **kwargs: Any) -> None:
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
        return {key: value for key, value in self.cleaned_data.items() if key != "attempt"}


class QuestionnaireForm(forms.Form):
    """One field an item."""

    def __init__(self, stage: Questionnaire, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in stage.items:
            self.fields[item.key] = _field(item)

    def answers(self) -> dict[str, str | None]:
        """Answers as text by item; None where nothing was answered."""
        return {
            key: None if value in (None, "") else str(value)
            for key, value in self.cleaned_data.items()
        }


class RatingField(forms.ChoiceField):
    """Numbered points; the ends have words."""

    def __init__(self, item: RatingItem, **kwargs: Any) -> None:
        points = [(str(point), str(point)) for point in item.points]
        super().__init__(choices=points, widget=forms.RadioSelect, **kwargs)
        self.low, self.high = said(item.low), said(item.high)


def _field(item: Item) -> forms.Field:
    shared: dict[str, Any] = {
        "label": said(item.text),
        "required": item.required,
        "error_messages": {"required": _("Please answer this question.")},
    }
    if isinstance(item, LikertItem):
        levels = [(str(number), said(level)) for number, level in enumerate(item.levels, start=1)]
        return forms.ChoiceField(choices=levels, widget=forms.RadioSelect, **shared)
    if isinstance(item, ChoiceItem):
        choices = [(choice, said(choice)) for choice in item.choices]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **shared)
    if isinstance(item, NumberItem):
        return forms.IntegerField(min_value=item.minimum, max_value=item.maximum, **shared)
    if isinstance(item, RatingItem):
        return RatingField(item, **shared)
    assert isinstance(item, TextItem)
    widget = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(max_length=item.max_characters, widget=widget, **shared)
