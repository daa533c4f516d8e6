"""The arms of a plan: what each shows while people learn and when they are assessed."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django import forms
from ruamel.yaml.comments import CommentedMap

from experiments.arm_editing import ArmMeets, set_arms
from experiments.manifest import Manifest
from experiments.schema import Condition, Phase, Protocol
from studyapp.selectors.stimulus_sets import ExplanationOffer, explanation_offers

_KEY = r"^[a-z0-9][a-z0-9_:.-]*$"
_PHASES: Mapping[Phase, str] = {
    "practice": "In practice",
    "pretest": "Tested beforehand",
    "training": "While learning",
    "assessment": "When assessed",
    "assisted": "Tested with help",
}
_NOTHING = {"none": {"display": "none"}}
_MOST = 12


class ArmForm(forms.Form):
    """One arm."""

    key = forms.RegexField(
        _KEY,
        max_length=100,
        label="Name",
        error_messages={"invalid": "Use small letters, digits, and _ : . - inside."},
    )

    def __init__(
        self, *args: Any, phases: list[Phase], choices: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for phase in phases:
            # An empty row stays empty as long as nothing in it is chosen.
            self.fields[phase] = forms.ChoiceField(
                label=_PHASES[phase], choices=choices, initial="none"
            )

    def meets(self, phases: list[Phase]) -> ArmMeets:
        told = self.cleaned_data
        return ArmMeets(told["key"], {phase: tuple(told[phase].split(",")) for phase in phases})


class _Rows(forms.BaseFormSet):  # type: ignore[type-arg]  # not generic at run time
    def clean(self) -> None:
        if any(self.errors):
            return
        kept = [form.cleaned_data["key"] for form in _kept(self.forms)]
        if not kept:
            raise forms.ValidationError("Keep at least one arm.")
        if max(Counter(kept).values()) > 1:
            raise forms.ValidationError("Two arms have the same name.")


def _kept(rows: list[ArmForm]) -> list[ArmForm]:
    """Rows that are filled in and not to be removed."""
    return [
        row for row in rows if row.cleaned_data.get("key") and not row.cleaned_data.get("DELETE")
    ]


class ArmsForm:
    """All arms, one row each, and one empty row for another."""

    def __init__(self, data: Any = None, *, protocol: Protocol, manifest: Manifest) -> None:
        self._phases: list[Phase] = [
            phase
            for phase in _PHASES
            if any(stage.phase == phase for stage in protocol.trials_stages())
        ]
        offers = explanation_offers(manifest)
        self._offered = {**_NOTHING, **{offer.name: offer.condition for offer in offers}}
        rows = [self._row(key, protocol) for key in protocol.arms]
        made = forms.formset_factory(
            ArmForm, formset=_Rows, extra=1, max_num=_MOST, can_delete=True
        )
        choices = _choices(protocol, offers, rows)
        self.rows = made(
            data,
            initial=rows,
            prefix="arm",
            form_kwargs={"phases": self._phases, "choices": choices},
        )

    def _row(self, key: str, protocol: Protocol) -> dict[str, str]:
        arm = protocol.arms[key]
        row = {"key": key}
        row.update({phase: ",".join(arm.conditions_in(phase)) for phase in self._phases})
        return row

    def is_valid(self) -> bool:
        return self.rows.is_valid()

    def change(self, document: CommentedMap) -> None:
        arms = [row.meets(self._phases) for row in _kept(self.rows.forms)]
        set_arms(document, arms, self._offered)


def _choices(
    protocol: Protocol, offers: list[ExplanationOffer], rows: list[dict[str, str]]
) -> list[tuple[str, str]]:
    """Nothing, the plan's conditions, what else the set offers, and lists that are met already."""
    declared = {key: _words(key, own) for key, own in protocol.conditions.items()}
    choices = {"none": declared.get("none", "nothing"), **declared}
    shown = {condition.explanation for condition in protocol.conditions.values()}
    for offer in offers:
        if offer.name not in shown and offer.name not in choices:
            choices[offer.name] = _offer_words(offer)
    for row in rows:
        for value in row.values():
            if "," in value:
                choices[value] = f"each of {value.replace(',', ', ')}, by turns"
    return list(choices.items())


def _words(key: str, condition: Condition) -> str:
    advice = "" if condition.advice == "none" else "with the classifier’s advice"
    if condition.explanation is None:
        return f"{key} ({advice})" if advice else "nothing"
    told = [] if condition.explanation == key else [condition.explanation]
    told += [advice] if advice else []
    return f"{key} ({', '.join(told)})" if told else key


def _offer_words(offer: ExplanationOffer) -> str:
    what = "placebo" if offer.is_placebo else "explanation"
    return f"{offer.name} ({what} of {offer.pictures} pictures)"
