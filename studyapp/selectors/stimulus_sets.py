"""What stimulus sets offer to a plan: species, and explanations as conditions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from experiments.manifest import Kind, Manifest
from studyapp.models import StimulusSet

# How each kind of explanation is shown, with all that a participant may do with it.
_SHOWN: Mapping[Kind, tuple[str, tuple[str, ...]]] = {
    "map": ("heatmap", ("opacity", "flip")),
    "concepts": ("concepts", ("pick", "opacity", "flip")),
    "graph": ("sag", ("pick", "expand", "flip")),
}


@dataclass(frozen=True)
class SetOffer:
    """An imported set."""

    name: str
    pictures: int
    imported_at: datetime


@dataclass(frozen=True)
class ExplanationOffer:
    """An explanation of a set: for how many pictures it was made, and from which."""

    name: str
    kind: Kind
    is_placebo: bool
    pictures: int

    @property
    def condition(self) -> dict[str, Any]:
        """As a protocol would declare it."""
        display, interactions = _SHOWN[self.kind]
        placebo = {"is_placebo": True} if self.is_placebo else {}
        return {
            "display": display,
            "explanation": self.name,
            **placebo,
            "interactions": interactions,
        }


@dataclass(frozen=True)
class SpeciesOffer:
    """A species of a set, and its pictures in each split."""

    key: str
    name: str
    train: int
    test: int


def stimulus_sets() -> list[SetOffer]:
    """Every imported set."""
    sets = StimulusSet.objects.annotate(pictures=Count("stimuli")).order_by("name")
    return [SetOffer(*told) for told in sets.values_list("name", "pictures", "imported_at")]


def explanation_offers(manifest: Manifest) -> list[ExplanationOffer]:
    """Every explanation that some picture of the set has."""
    counts: Counter[str] = Counter()
    first: dict[str, ExplanationOffer] = {}
    for stimulus in manifest.stimuli:
        for name, entry in stimulus.explanations.items():
            counts[name] += 1
            first.setdefault(name, ExplanationOffer(name, entry.kind, entry.source is not None, 0))
    return [
        ExplanationOffer(name, own.kind, own.is_placebo, counts[name])
        for name, own in sorted(first.items())
    ]


def species_offers(manifest: Manifest) -> list[SpeciesOffer]:
    """Every species of which the set has pictures."""
    counts = Counter((stimulus.true_species, stimulus.split) for stimulus in manifest.stimuli)
    offers = [
        SpeciesOffer(one.key, one.name, counts[one.key, "train"], counts[one.key, "test"])
        for one in manifest.species
    ]
    return [offer for offer in offers if offer.train + offer.test]
