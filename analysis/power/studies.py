"""One simulated study after another: drawn, analysed by the plan's own test, and counted."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from analysis.effects import confirmatory
from analysis.power.decisions import Decider, Decision
from analysis.power.design import StudyDesign, plan_design
from analysis.power.interim import decide_at_looks
from analysis.power.simulation import simulate_study
from experiments.digest import derive_seed, sha256_json
from experiments.respondents import ResponseModel
from experiments.schema import Protocol


@dataclass(frozen=True)
class Point:
    """One point of the curve.

    Attributes
    ----------
    participants
        Who consent, over all arms.
    pictures
        That one participant meets in the assessment.
    effect
        Difference of accuracies of an arm that has the whole of it.
    shifts
        Logits that arms add; an arm that is not named adds none.
    differences
        True difference of accuracies of each contrast of the plan.
    """

    participants: int
    pictures: int
    effect: float
    shifts: Mapping[str, float]
    differences: tuple[float, ...]


@dataclass(frozen=True)
class Run:
    """Everything that decides what a simulation finds."""

    protocol: Protocol
    response_model: ResponseModel
    points: tuple[Point, ...]
    studies: int
    seed: int

    def fingerprint(self) -> str:
        """Return a digest that differs as soon as a result could."""
        told = asdict(self) | {"protocol": self.protocol.model_dump(mode="json")}
        return sha256_json(told)


@dataclass(frozen=True)
class Counts:
    """What became of some studies of one point.

    Attributes
    ----------
    significant, wrong_direction, unanswered
        One entry a contrast.
    any_false
        Studies with a significant contrast that has no true difference.
    analysed
        Participants left by the exclusions when a study ended, summed over the studies.
    """

    studies: int
    significant: tuple[int, ...]
    wrong_direction: tuple[int, ...]
    unanswered: tuple[int, ...]
    any_false: int
    analysed: int

    def __add__(self, other: "Counts") -> "Counts":
        """Return the counts of the studies of both."""
        return Counts(
            studies=self.studies + other.studies,
            significant=_sums(self.significant, other.significant),
            wrong_direction=_sums(self.wrong_direction, other.wrong_direction),
            unanswered=_sums(self.unanswered, other.unanswered),
            any_false=self.any_false + other.any_false,
            analysed=self.analysed + other.analysed,
        )


def no_counts(contrasts: int) -> Counts:
    """Return the counts of no study."""
    zeros = (0,) * contrasts
    return Counts(0, zeros, zeros, zeros, 0, 0)


class Studies:
    """The studies of a run; each can be drawn again by its point and number."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._decider = Decider(run.protocol.analysis)
        self._designs: dict[tuple[int, int], StudyDesign] = {}

    def trials(self, place: int, number: int) -> pd.DataFrame:
        """Return the analysed trials of one study.

        Parameters
        ----------
        place
            Of its point.
        number
            Among the studies of that point.
        """
        point = self.run.points[place]
        return simulate_study(
            self._design(point),
            self.run.response_model,
            point.shifts,
            # Of what the study is, not of where it stands: more points change no study.
            seed=derive_seed(
                self.run.seed, point.participants, point.pictures, repr(point.effect), number
            ),
        )

    def count(self, place: int, numbers: Sequence[int]) -> Counts:
        """Draw, analyse and count some studies of one point."""
        point, plan = self.run.points[place], self.run.protocol.analysis
        counts = no_counts(len(plan.contrasts))
        truths = np.sign(point.differences)
        for number in numbers:
            trials = self.trials(place, number)
            decisions, analysed = self._decide(trials, point.participants)
            found = np.array([own.is_significant for own in decisions])
            signs = np.array([own.sign for own in decisions])
            counts += Counts(
                studies=1,
                significant=_as_counts(found),
                wrong_direction=_as_counts(found & (signs * truths < 0)),
                unanswered=_as_counts(~np.array([own.is_answered for own in decisions])),
                any_false=int((found & (truths == 0)).any()),
                analysed=analysed,
            )
        return counts

    def _decide(self, trials: pd.DataFrame, planned: int) -> tuple[list[Decision], int]:
        """Return a study's decisions, and the participants analysed when it ended."""
        looks = self.run.protocol.analysis.interim_looks
        if looks is None:
            return self._decider.decide(trials), int(trials["participant"].nunique())
        return decide_at_looks(self._decider, looks, trials, planned)

    def test_name(self) -> str:
        """Return the name of the confirmatory test, from the first study."""
        return confirmatory(self.trials(0, 0), self.run.protocol.analysis)[0].method

    def _design(self, point: Point) -> StudyDesign:
        key = (point.participants, point.pictures)
        if key not in self._designs:
            self._designs[key] = plan_design(self.run.protocol, *key)
        return self._designs[key]


def _as_counts(told: "np.typing.NDArray[np.bool_]") -> tuple[int, ...]:
    return tuple(int(own) for own in told)


def _sums(ours: tuple[int, ...], theirs: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(one + other for one, other in zip(ours, theirs, strict=True))
