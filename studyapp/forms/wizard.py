"""The steps that make a plan without writing YAML. Each knows how to change the text."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from ruamel.yaml.comments import CommentedMap

from experiments.editing import (
    set_analysis,
    set_fields,
    set_participants,
    set_payment,
    set_pictures,
)
from experiments.loading import LONGEST_TEXT
from experiments.manifest import Manifest
from experiments.schema import PerSpecies, Protocol, Trials
from experiments.templates import templates
from studyapp.forms.drafts import own_line_ends
from studyapp.selectors.stimulus_sets import species_offers, stimulus_sets

Change = Callable[[CommentedMap], None]
_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
# UTF-8 has at most four bytes a character.
_LARGEST_FILE = 4 * LONGEST_TEXT


class BasicsForm(forms.Form):
    """What the study is called, who answers for it, and its pictures."""

    slug = forms.RegexField(
        _SLUG,
        max_length=60,
        label="Short name",
        help_text="Part of the study’s link: small letters, digits and hyphens, such as "
        "bills-2027. It can’t be changed once the plan is frozen.",
        error_messages={"invalid": "Use small letters, digits and single hyphens between them."},
    )
    title = forms.CharField(
        label="Title",
        help_text="As participants read it. It should not say what you expect to find.",
    )
    researcher = forms.CharField(
        label="Who is responsible", help_text="Name and institution, on the consent page."
    )
    contact = forms.CharField(
        label="How to reach them", help_text="An address that somebody reads while the study runs."
    )
    stimulus_set = forms.ChoiceField(
        label="Stimulus set",
        help_text="Pictures with a classifier’s answers and the explanations computed for them. "
        "Their own pages, under Pictures, show them all.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["stimulus_set"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (one.name, f"{one.name}: {one.pictures} pictures") for one in stimulus_sets()
        ]

    def change(self, document: CommentedMap) -> None:
        names = ("slug", "title", "researcher", "contact", "stimulus_set")
        set_fields(document, {name: self.cleaned_data[name] for name in names})


class StartForm(BasicsForm):
    """The design to begin with, and the basics."""

    template = forms.ChoiceField(
        label="What do you want to know?",
        choices=[
            (one.name, f"{one.asks} {one.design[:1].upper()}{one.design[1:]}.")
            for one in templates()
        ],
        widget=forms.RadioSelect,
        initial="three-arms",
        help_text="Each is a whole plan, with texts and an analysis. All of it can be changed.",
    )
    field_order = ["template"]


class OwnFileForm(forms.Form):
    """A protocol that was written elsewhere."""

    file = forms.FileField(
        label="Protocol file", help_text="YAML, as new_protocol writes it or a download here."
    )

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file.size > _LARGEST_FILE:
            raise forms.ValidationError(
                f"This file has {file.size:,} bytes; a protocol has at most {_LARGEST_FILE:,}."
            )
        try:
            return own_line_ends(file.read().decode())
        except UnicodeDecodeError as error:
            raise forms.ValidationError("This is not a file of UTF-8 text.") from error


class PicturesForm(forms.Form):
    """Which species are told apart, and how many pictures of each a stage shows."""

    species = forms.MultipleChoiceField(
        label="Species",
        widget=forms.CheckboxSelectMultiple,
        help_text="These are the answers. Few that look alike make a task in which an explanation "
        "can help; say in the instructions how many there are.",
    )

    def __init__(self, data: Any = None, *, protocol: Protocol, manifest: Manifest) -> None:
        drawn = [
            (stage, stage.stimuli)
            for stage in protocol.trials_stages()
            if isinstance(stage.stimuli, PerSpecies)
        ]
        counts = {_count_field(stage): wanted.per_species for stage, wanted in drawn}
        super().__init__(data, initial={"species": list(protocol.species), **counts})
        self._stages = [stage for stage, _ in drawn]
        field = self.fields["species"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (one.key, f"{one.name} ({one.train} train, {one.test} test)")
            for one in species_offers(manifest)
        ]
        for stage, wanted in drawn:
            self.fields[_count_field(stage)] = forms.IntegerField(
                label=f"{stage.title}: pictures of each species",
                min_value=1,
                max_value=1000,
                help_text=_draw_help(stage, wanted),
            )

    def clean_species(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["species"]
        if len(chosen) < 2:
            raise forms.ValidationError("Choose two or more: one species leaves nothing to tell.")
        return chosen

    def change(self, document: CommentedMap) -> None:
        counts = {stage.key: self.cleaned_data[_count_field(stage)] for stage in self._stages}
        set_pictures(document, self.cleaned_data["species"], counts)


def _count_field(stage: Trials) -> str:
    return f"pictures_{stage.key}"


def _draw_help(stage: Trials, wanted: PerSpecies) -> str:
    of_split = "either split" if wanted.split == "any" else f"the {wanted.split} split"
    why = {
        "practice": "One or two are enough to learn the page.",
        "training": "Here people learn, with feedback if the plan gives it.",
        "assessment": "Its answers are compared. More pictures make the result hold for other "
        "pictures, too: 16 or more in all.",
    }
    return f"Drawn from {of_split}. {why[stage.phase]}"


class NumbersForm(forms.Form):
    """How many people, what counts as an effect, and what is paid."""

    main = forms.IntegerField(
        label="Participants",
        min_value=1,
        max_value=100_000,
        help_text="Places of the main study, rounded up to a multiple of the arms. How many an "
        "effect needs says python -m analysis power.",
    )
    pilot = forms.IntegerField(
        label="Participants of a pilot",
        required=False,
        min_value=1,
        max_value=100_000,
        help_text="To try it with people; never mixed with the main data. Empty: no pilot.",
    )
    alpha = forms.FloatField(
        label="Level of the tests",
        min_value=0.0001,
        max_value=0.4999,
        help_text="How often all planned tests together may find what is not there; 0.05 is usual.",
    )
    smallest_effect = forms.FloatField(
        label="Smallest difference that matters",
        required=False,
        min_value=0.001,
        max_value=0.999,
        help_text="In the share of right answers: 0.05 is five of a hundred. Whether an effect is "
        "smaller than that is tested, too. Empty: no such test.",
    )
    pay = forms.DecimalField(
        label="Payment",
        required=False,
        min_value=Decimal("0"),
        max_value=Decimal("10000"),
        decimal_places=2,
        help_text="For a completed study, such as 2.50. Empty: none is told. Larus moves no money.",
    )
    currency = forms.RegexField(
        r"^[A-Z]{3}$", required=False, label="Currency", help_text="Such as EUR, GBP or USD."
    )
    minutes = forms.IntegerField(
        label="Minutes it takes",
        required=False,
        min_value=1,
        max_value=600,
        help_text="As people are told. What it pays in an hour comes from it.",
    )

    def __init__(self, data: Any = None, *, protocol: Protocol) -> None:
        places, plan = protocol.allocation.participants, protocol.analysis
        payment = protocol.payment
        initial: dict[str, Any] = {
            "main": places.get("main"),
            "pilot": places.get("pilot"),
            "alpha": plan.alpha,
            "smallest_effect": plan.smallest_effect,
        }
        if payment is not None:
            initial["pay"] = Decimal(payment.cents) / 100
            initial["currency"] = payment.currency
            initial["minutes"] = payment.minutes
        super().__init__(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("pay") is not None:
            for name in ("currency", "minutes"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, "Wanted where something is paid.")
        return cleaned

    def change(self, document: CommentedMap) -> None:
        told = self.cleaned_data
        set_participants(document, {"pilot": told["pilot"], "main": told["main"]})
        set_analysis(document, alpha=told["alpha"], smallest_effect=told["smallest_effect"])
        set_payment(document, self._payment())

    def _payment(self) -> dict[str, Any] | None:
        told = self.cleaned_data
        if told["pay"] is None:
            return None
        cents = int(told["pay"] * 100)
        return {"currency": told["currency"], "cents": cents, "minutes": told["minutes"]}
