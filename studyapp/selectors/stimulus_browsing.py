"""Looking at a stimulus set: which pictures, and everything that is known of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from experiments.manifest import Kind, Manifest, ManifestExplanation, ManifestStimulus
from experiments.scores import ExplanationScore
from studyapp.models import ExplanationScores, Stimulus, StimulusSet
from studyapp.selectors.explanation_view import ExplanationView, artefact_view

ANSWERS = {"right": "the classifier is right", "wrong": "it is wrong"}
SPLITS = {"train": "train", "test": "test"}


@dataclass(frozen=True)
class Wanted:
    """What a page of pictures is narrowed down to; empty is everything."""

    species: str = ""
    split: str = ""
    answer: str = ""

    def takes(self, stimulus: ManifestStimulus) -> bool:
        """Whether a picture is asked for."""
        is_right = stimulus.predicted_species == stimulus.true_species
        return (
            self.species in ("", stimulus.true_species)
            and self.split in ("", stimulus.split)
            and self.answer in ("", "right" if is_right else "wrong")
        )


@dataclass(frozen=True)
class PictureView:
    """A picture with one explanation, as a participant's page takes it.

    `uid` tells the parts of a page that shows several from each other, `heading` is the id of the
    words that name this one.
    """

    uid: str
    heading: str
    picture: str
    width: int
    height: int
    explanation: ExplanationView


@dataclass(frozen=True)
class Explained:
    """An explanation with what the manifest tells of it."""

    name: str
    entry: ManifestExplanation
    view: PictureView
    score: ExplanationScore | None


def pictures_of(manifest: Manifest, wanted: Wanted) -> list[ManifestStimulus]:
    """The pictures asked for, in the order of the manifest."""
    return [stimulus for stimulus in manifest.stimuli if wanted.takes(stimulus)]


def explained(stimulus_set: StimulusSet, stimulus: ManifestStimulus) -> list[Explained]:
    """Every explanation of a picture, as the condition that suits it best would show it."""
    row = Stimulus.objects.prefetch_related("artefacts__layer", "artefacts__parts__layer").get(
        stimulus_set=stimulus_set, key=stimulus.key
    )
    artefacts = sorted(row.artefacts.all(), key=lambda one: one.name)
    scores = scores_of(row.picture_id, [artefact.explanation_key for artefact in artefacts])
    return [
        Explained(
            artefact.name,
            stimulus.explanations[artefact.name],
            PictureView(
                uid=artefact.name,
                heading=f"of-{artefact.name}",
                picture=row.picture_id,
                width=row.width,
                height=row.height,
                explanation=artefact_view(artefact, row, kind=_kind(artefact.kind)),
            ),
            scores.get(artefact.explanation_key),
        )
        for artefact in artefacts
    ]


def scores_of(picture: str, keys: Sequence[str]) -> dict[str, ExplanationScore]:
    """Of a picture's explanations, by their keys; not all have been scored."""
    found = ExplanationScores.objects.filter(picture_sha256=picture, explanation_key__in=keys)
    return {row.explanation_key: ExplanationScore.model_validate(row.scores) for row in found}


def _kind(stored: str) -> Kind:
    return next(kind for kind in get_args(Kind) if kind == stored)
