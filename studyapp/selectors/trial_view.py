"""What a participant may see of a trial: no truth, no arm, no condition, no telling name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from uuid import UUID

from django.db.models import Count, Min, prefetch_related_objects
from django.utils.translation import gettext as _

from experiments.schema import Trials
from studyapp.models import Trial
from studyapp.selectors.explanation_view import ExplanationView, Media, explanation_view
from studyapp.selectors.progress import Asking, counting
from studyapp.selectors.speech import said
from studyapp.selectors.studies import protocol_of, species_names
from studyapp.selectors.task_words import in_words


@dataclass(frozen=True)
class Choice:
    """An answer as offered; some are pictures, or layers over the trial's own."""

    key: str
    name: str
    picture: str | None = None
    layer: str | None = None


@dataclass(frozen=True)
class Advice:
    """What the classifier answers, as far as the condition tells it."""

    name: str
    percent: int | None


@dataclass(frozen=True)
class TrialView:
    """Everything the page of a trial is made from.

    Pictures and layers are named by digest. `instruction` is what an attention check asks for,
    `prediction` what the network answered, where the task is about that. `is_first` asks before the
    explanation is shown, `asks_again` with it.
    """

    uid: UUID
    asking: str
    is_first: bool
    asks_again: bool
    title: str
    question: str
    prediction: str | None
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

    @property
    def is_pictured(self) -> bool:
        """Whether the answers are pictures."""
        return _is_pictured(self.choices)


@dataclass(frozen=True)
class FeedbackView:
    """What is right, once the answer is stored and the protocol tells it."""

    uid: UUID
    kind: str
    title: str
    choices: tuple[Choice, ...]
    picture: str
    width: int
    height: int
    explanation: ExplanationView | None
    right_name: str
    chosen_name: str
    true_name: str
    predicted_name: str
    is_correct: bool
    number: int
    total: int

    @property
    def words(self) -> str:
        """The template that says it, one for each kind of task."""
        return f"studyapp/feedback/{self.kind}.html"

    @property
    def is_pictured(self) -> bool:
        """Whether the answers were pictures."""
        return _is_pictured(self.choices)


def trial_view(asking: Asking, stage: Trials) -> TrialView:
    """The page of a trial that is being asked."""
    return trial_views([asking], stage)[0]


def trial_views(askings: Sequence[Asking], stage: Trials) -> list[TrialView]:
    """The pages of some trials of one stage."""
    if not askings:
        return []
    trials = [asking.trial for asking in askings]
    prefetch_related_objects(
        trials,
        *("stimulus__picture", "artefact__layer", "artefact__parts__layer"),
        *("options__picture", "options__layer"),
    )
    extent = _extent(trials[0])
    return [_trial_view(asking, stage, *extent) for asking in askings]


def _trial_view(asking: Asking, stage: Trials, first: int, total: int) -> TrialView:
    trial = asking.trial
    names = _names(trial, stage)
    picture, width, height = _picture(trial)
    explanation = None if asking.is_first else explanation_view(trial, is_live=True)
    tells = stage.task.tells_prediction and trial.stimulus
    return TrialView(
        uid=trial.uid,
        asking=asking.name,
        is_first=asking.is_first,
        asks_again=trial.asks_first and not asking.is_first,
        title=said(stage.title),
        question=_question(trial, stage),
        prediction=names[trial.stimulus.predicted_species] if tells and trial.stimulus else None,
        picture=picture,
        width=width,
        height=height,
        explanation=explanation,
        advice=None if asking.is_first else _advice(trial, names),
        media=_media(trial, explanation),
        viewing_seconds=stage.viewing_seconds if picture else None,
        choices=_choices(trial, names),
        instruction=names.get(trial.instructed_choice),
        confidence_question=in_words(said(stage.confidence.question)) if stage.confidence else None,
        confidence_levels=tuple(map(said, stage.confidence.levels)) if stage.confidence else (),
        number=trial.index - first + 1,
        total=total,
    )


def feedback_view(trial: Trial) -> FeedbackView | None:
    """Nothing is told before an answer counts, nor in a stage without feedback."""
    stage = protocol_of(trial.session.study).stage(trial.stage_key)
    response = counting(trial).first()
    if trial.stimulus is None or response is None:
        return None
    if trial.asks_first and not counting(trial, is_first=True).exists():
        return None
    if not isinstance(stage, Trials) or not stage.feedback:
        return None
    names = _names(trial, stage)
    picture, width, height = _picture(trial)
    first, total = _extent(trial)
    return FeedbackView(
        uid=trial.uid,
        kind=stage.task.kind,
        title=said(stage.title),
        choices=_choices(trial, names),
        picture=picture or "",
        width=width,
        height=height,
        explanation=explanation_view(trial, is_live=False),
        right_name=names[trial.right_choice],
        chosen_name=names[response.choice],
        true_name=names[trial.stimulus.true_species],
        predicted_name=names[trial.stimulus.predicted_species],
        is_correct=response.choice == trial.right_choice,
        number=trial.index - first + 1,
        total=total,
    )


def _question(trial: Trial, stage: Trials) -> str:
    """An attention check shows no picture, so that it can't ask about one."""
    if trial.instructed_choice:
        return _("Which answer is named above?")
    return said(stage.question) if stage.question else in_words(stage.task.question)


def _is_pictured(choices: tuple[Choice, ...]) -> bool:
    return any(choice.picture or choice.layer for choice in choices)


def _names(trial: Trial, stage: Trials) -> dict[str, str]:
    """How participants read species and the task's own answers."""
    own = {key: in_words(label) for key, label in stage.task.labels.items()}
    return {**species_names(trial.session.study), **own}


def _choices(trial: Trial, names: dict[str, str]) -> tuple[Choice, ...]:
    options = {option.key: option for option in trial.options.all()}
    return tuple(
        Choice(key, names[key], options[key].picture_id, options[key].layer_id)
        if key in options
        else Choice(key, names[key])
        for key in trial.choice_order
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
    files = [trial.stimulus.picture] if trial.stimulus else []
    files += [file for o in trial.options.all() if (file := o.picture or o.layer)]
    shown = tuple(Media(file.sha256, file.bytes) for file in files)
    return (*shown, *(explanation.media if explanation else ()))


def _extent(trial: Trial) -> tuple[int, int]:
    """The first index and the number of the trials of a stage, which lie side by side."""
    fellows = trial.session.trials.filter(stage_key=trial.stage_key)
    found = fellows.aggregate(first=Min("index"), total=Count("pk"))
    return found["first"], found["total"]
