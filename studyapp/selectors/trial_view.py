"""What a participant may see of a trial: no truth, no arm, no condition, no telling name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from uuid import UUID

from django.db.models import Count, Min, prefetch_related_objects

from experiments.schema import Trials
from studyapp.models import Trial
from studyapp.selectors.explanation_view import ExplanationView, Media, explanation_view
from studyapp.selectors.studies import protocol_of, species_names


@dataclass(frozen=True)
class Choice:
    """A species as offered."""

    key: str
    name: str


@dataclass(frozen=True)
class Advice:
    """What the classifier answers, as far as the condition tells it."""

    name: str
    percent: int | None


@dataclass(frozen=True)
class TrialView:
    """Everything the page of a trial is made from.

    Pictures and layers are named by digest. `instruction` is what an attention check asks for.
    """

    uid: UUID
    title: str
    question: str
    picture: str | None
    width: int
    height: int
    explanation: ExplanationView | None
    advice: Advice | None
    media: tuple[Media, ...]
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
    width: int
    height: int
    explanation: ExplanationView | None
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
    if not trials:
        return []
    prefetch_related_objects(
        trials, "stimulus__picture", "artefact__layer", "artefact__parts__layer"
    )
    first, total = _extent(trials[0])
    return [_trial_view(trial, stage, first, total) for trial in trials]


def _trial_view(trial: Trial, stage: Trials, first: int, total: int) -> TrialView:
    names = species_names(trial.session.study)
    picture, width, height = _picture(trial)
    explanation = explanation_view(trial, is_live=True)
    return TrialView(
        uid=trial.uid,
        title=stage.title,
        question=stage.question,
        picture=picture,
        width=width,
        height=height,
        explanation=explanation,
        advice=_advice(trial, names),
        media=_media(trial, explanation),
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
    picture, width, height = _picture(trial)
    first, total = _extent(trial)
    return FeedbackView(
        uid=trial.uid,
        title=stage.title,
        picture=picture or "",
        width=width,
        height=height,
        explanation=explanation_view(trial, is_live=False),
        true_name=names[trial.stimulus.true_species],
        chosen_name=names[response.choice],
        is_correct=response.choice == trial.stimulus.true_species,
        number=trial.index - first + 1,
        total=total,
    )


def _picture(trial: Trial) -> tuple[str | None, int, int]:
    if trial.stimulus is None:
        return None, 0, 0
    return trial.stimulus.picture_id, trial.stimulus.width, trial.stimulus.height


def _advice(trial: Trial, names: Mapping[str, str]) -> Advice | None:
    """Certainty is rounded down, so that nobody reads that the classifier can't err."""
    if trial.stimulus is None:
        return None
    told = protocol_of(trial.session.study).conditions[trial.condition].advice
    if told == "none":
        return None
    percent = floor(100 * trial.stimulus.predicted_probability)
    return Advice(
        name=names[trial.stimulus.predicted_species],
        percent=min(percent, 99) if told == "species_and_confidence" else None,
    )


def _media(trial: Trial, explanation: ExplanationView | None) -> tuple[Media, ...]:
    if trial.stimulus is None:
        return ()
    picture = Media(trial.stimulus.picture.sha256, trial.stimulus.picture.bytes)
    return (picture, *(explanation.media if explanation else ()))


def _extent(trial: Trial) -> tuple[int, int]:
    """The first index and the number of the trials of a stage, which lie side by side."""
    fellows = trial.session.trials.filter(stage_key=trial.stage_key)
    found = fellows.aggregate(first=Min("index"), total=Count("pk"))
    return found["first"], found["total"]
