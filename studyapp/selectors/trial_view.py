"""What a participant may see of a trial: no truth, no arm, no condition, no telling name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.db.models import Count, Min

from experiments.schema import Trials
from studyapp.models import Trial
from studyapp.selectors.studies import protocol_of, species_names

Layout = Literal["side_by_side", "overlay"]


@dataclass(frozen=True)
class Choice:
    """A species as offered."""

    key: str
    name: str


@dataclass(frozen=True)
class Media:
    """A file to load before a trial begins, and how long it is."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class TrialView:
    """Everything the page of a trial is made from.

    Pictures and layers are named by digest. `instruction` is what an attention check asks for.
    """

    uid: UUID
    title: str
    question: str
    picture: str | None
    layer: str | None
    width: int
    height: int
    media: tuple[Media, ...]
    layout: Layout
    interactions: tuple[str, ...]
    viewing_seconds: int | None
    choices: tuple[Choice, ...]
    instruction: str | None
    confidence_question: str | None
    confidence_levels: tuple[str, ...]
    number: int
    total: int


@dataclass(frozen=True)
class FeedbackView:
    """The truth, once the answer is stored and the protocol tells it."""

    uid: UUID
    title: str
    picture: str
    layer: str | None
    width: int
    height: int
    layout: Layout
    true_name: str
    chosen_name: str
    is_correct: bool
    number: int
    total: int


def trial_view(trial: Trial, stage: Trials) -> TrialView:
    """The page of a trial that is being asked."""
    return trial_views([trial], stage)[0]


def trial_views(trials: Sequence[Trial], stage: Trials) -> list[TrialView]:
    """The pages of some trials of one stage."""
    return [_trial_view(trial, stage, *_extent(trials[0])) for trial in trials] if trials else []


def _trial_view(trial: Trial, stage: Trials, first: int, total: int) -> TrialView:
    names = species_names(trial.session.study)
    condition = protocol_of(trial.session.study).conditions[trial.condition]
    picture, layer, width, height = _pictures(trial)
    return TrialView(
        uid=trial.uid,
        title=stage.title,
        question=stage.question,
        picture=picture,
        layer=layer,
        width=width,
        height=height,
        media=_media(trial),
        layout=condition.layout,
        interactions=condition.interactions if layer else (),
        viewing_seconds=stage.viewing_seconds if picture else None,
        choices=tuple(Choice(key, names[key]) for key in trial.choice_order),
        instruction=names.get(trial.instructed_choice),
        confidence_question=stage.confidence.question if stage.confidence else None,
        confidence_levels=stage.confidence.levels if stage.confidence else (),
        number=trial.index - first + 1,
        total=total,
    )


def feedback_view(trial: Trial) -> FeedbackView | None:
    """Nothing is told before an answer counts, nor in a stage without feedback."""
    stage = protocol_of(trial.session.study).stage(trial.stage_key)
    response = trial.responses.filter(is_conflict=False).first()
    if trial.stimulus is None or response is None:
        return None
    if not isinstance(stage, Trials) or not stage.feedback:
        return None
    names = species_names(trial.session.study)
    picture, layer, width, height = _pictures(trial)
    condition = protocol_of(trial.session.study).conditions[trial.condition]
    first, total = _extent(trial)
    return FeedbackView(
        uid=trial.uid,
        title=stage.title,
        picture=picture or "",
        layer=layer,
        width=width,
        height=height,
        layout=condition.layout,
        true_name=names[trial.stimulus.true_species],
        chosen_name=names[response.choice],
        is_correct=response.choice == trial.stimulus.true_species,
        number=trial.index - first + 1,
        total=total,
    )


def _pictures(trial: Trial) -> tuple[str | None, str | None, int, int]:
    if trial.stimulus is None:
        return None, None, 0, 0
    layer = trial.artefact.layer_id if trial.artefact else None
    return trial.stimulus.picture_id, layer, trial.stimulus.width, trial.stimulus.height


def _media(trial: Trial) -> tuple[Media, ...]:
    files = [trial.stimulus.picture] if trial.stimulus else []
    files += [trial.artefact.layer] if trial.artefact else []
    return tuple(Media(file.sha256, file.bytes) for file in files)


def _extent(trial: Trial) -> tuple[int, int]:
    """The first index and the number of the trials of a stage, which lie side by side."""
    fellows = trial.session.trials.filter(stage_key=trial.stage_key)
    found = fellows.aggregate(first=Min("index"), total=Count("pk"))
    return found["first"], found["total"]
