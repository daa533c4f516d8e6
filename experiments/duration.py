"""How long a study takes, before anybody took part.

An estimate: texts by a reading speed, trials by the reaction times that were fitted to a real
study, the rest by assumptions that are named beside it. A pilot tells better.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from experiments.fitted_respondents import response_model_named
from experiments.items import TextItem
from experiments.schema import (
    Consent,
    Debrief,
    Instructions,
    Protocol,
    Questionnaire,
    Quiz,
    Stage,
    Trials,
)
from experiments.screening import Screening
from experiments.stimulus_checks import picture_count

# Silent reading of English non-fiction (Brysbaert 2019, doi:10.1016/j.jml.2019.104047).
WORDS_PER_MINUTE = 238
TIMES_OF = "teaching"
_SECONDS_PER_QUESTION = 10.0
_SECONDS_PER_ITEM = 6.0
_SECONDS_PER_FREE_TEXT = 25.0
_SECONDS_PER_RATING = 2.0
_SECONDS_PER_FEEDBACK = 3.0
# Of a normal distribution: four of five people lie between it and its negative.
_FOUR_OF_FIVE = 1.2816

ASSUMPTIONS = (
    f"{WORDS_PER_MINUTE} words a minute (Brysbaert 2019)",
    f"trials as the response model “{TIMES_OF}” answers them at an even chance of being right, "
    "explanations not looked at for longer",
    f"our own guesses: {_SECONDS_PER_QUESTION:g} s a question that decides or checks, "
    f"{_SECONDS_PER_ITEM:g} s an item of a questionnaire and {_SECONDS_PER_FREE_TEXT:g} s a free "
    f"text, {_SECONDS_PER_RATING:g} s a rating of confidence, {_SECONDS_PER_FEEDBACK:g} s to read "
    "feedback",
    "no breaks",
)


@dataclass(frozen=True)
class StageDuration:
    """Seconds that a median participant spends on a stage, and those of four of five people."""

    title: str
    median_s: float
    quick_s: float
    slow_s: float


@dataclass(frozen=True)
class Duration:
    """The expected time of a whole study, stage by stage."""

    stages: tuple[StageDuration, ...]

    @property
    def median_minutes(self) -> float:
        """Of a median participant."""
        return sum(stage.median_s for stage in self.stages) / 60

    @property
    def range_minutes(self) -> tuple[float, float]:
        """Four of five people are expected between these."""
        quick = sum(stage.quick_s for stage in self.stages) / 60
        return quick, sum(stage.slow_s for stage in self.stages) / 60


def expected_duration(protocol: Protocol) -> Duration:
    """Return how long each stage is expected to take.

    The spread between people is that of the response model's times, for everything they do.
    """
    spread = math.exp(_FOUR_OF_FIVE * response_model_named(TIMES_OF).rt_person_sd)
    medians = ((stage.title, _seconds(stage, protocol)) for stage in protocol.stages)
    return Duration(
        tuple(
            StageDuration(title, median, median / spread, median * spread)
            for title, median in medians
        )
    )


def _seconds(stage: Stage, protocol: Protocol) -> float:
    match stage:
        case Consent() | Debrief():
            return _reading([stage.text])
        case Screening():
            asked = (question.text for question in stage.questions)
            return _reading([stage.text, *asked]) + _SECONDS_PER_QUESTION * len(stage.questions)
        case Instructions():
            return _reading(stage.pages)
        case Quiz():
            return _SECONDS_PER_QUESTION * len(stage.questions)
        case Trials():
            return _trials(stage, protocol)
        case Questionnaire():
            return _reading([stage.text]) + sum(
                _SECONDS_PER_FREE_TEXT if isinstance(item, TextItem) else _SECONDS_PER_ITEM
                for item in stage.items
            )


def _reading(texts: Iterable[str]) -> float:
    return 60 * sum(len(text.split()) for text in texts) / WORDS_PER_MINUTE


def _trials(stage: Trials, protocol: Protocol) -> float:
    asked = picture_count(stage, protocol)
    answer = response_model_named(TIMES_OF).median_rt_ms / 1000
    rating = _SECONDS_PER_RATING if stage.confidence else 0.0
    feedback = _SECONDS_PER_FEEDBACK if stage.feedback else 0.0
    times = 2 if stage.task.asks_first else 1
    return asked * (times * (answer + rating) + feedback) + stage.catch_trials * answer
