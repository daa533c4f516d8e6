"""Many simulated studies: counted in pieces, on several processes, resumed where they stopped.

Every study draws from a seed of its own, made of the run's seed, its point and its number, so that
neither the number of processes nor an interruption changes a result. Finished pieces are lines of a
journal beside the record; a journal of another run is refused.
"""

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

from analysis.effects import confirmatory
from analysis.errors import PowerError
from analysis.power.design import StudyDesign, plan_design
from analysis.power.simulation import simulate_study
from experiments.digest import derive_seed, sha256_json
from experiments.respondents import ResponseModel
from experiments.schema import Protocol

# Studies counted together: a second or so of work, which is what a Ctrl-C may cost.
PIECE = 10
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Point:
    """One point of the curve.

    Attributes
    ----------
    pictures
        None leaves the protocol's number.
    effect
        Difference of accuracies of an arm that has the whole of it.
    shifts
        Logits that each arm adds; arms that are not named add none.
    differences
        True difference of accuracies of each contrast of the plan.
    """

    participants: int
    pictures: int | None
    effect: float
    shifts: Mapping[str, float]
    differences: Sequence[float]


@dataclass(frozen=True)
class Run:
    """Everything that decides what a simulation gives."""

    protocol: Protocol
    response_model: ResponseModel
    points: tuple[Point, ...]
    studies: int
    seed: int

    def fingerprint(self) -> str:
        """Return a digest that differs as soon as a result could."""
        told = {
            "protocol": self.protocol.model_dump(mode="json"),
            "respondents": asdict(self.response_model),
            "points": [asdict(point) for point in self.points],
            "studies": self.studies,
            "seed": self.seed,
        }
        return sha256_json(told)


@dataclass(frozen=True)
class Counts:
    """What became of some studies at one point.

    Attributes
    ----------
    significant, wrong_direction, unanswered
        One entry a contrast.
    any_false
        Studies with a significant contrast that has no true difference.
    analysed
        Participants left by the exclusions, summed over studies.
    """

    studies: int
    significant: tuple[int, ...]
    wrong_direction: tuple[int, ...]
    unanswered: tuple[int, ...]
    any_false: int
    analysed: int

    def __add__(self, other: "Counts") -> "Counts":
        """Return the counts of both together."""
        pairs = zip(self, other, strict=True)
        raise NotImplementedError(pairs)


def count_studies(run: Run, place: int, first: int, count: int) -> Counts:
    """Simulate and analyse some studies of one point.

    Parameters
    ----------
    place
        Of the point.
    first, count
        Which studies of it.
    """
    raise NotImplementedError
