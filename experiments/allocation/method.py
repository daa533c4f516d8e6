"""What a method of allocation declares."""

import random
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from experiments.allocation.strata import Factor
from experiments.declared import Declared, RecruitmentStage

Places = Annotated[int, Field(ge=1, le=100_000)]
# How many people hold a place, by arm and by their own stratum.
Held = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class SlotPlan:
    """One place of a recruitment stage.

    Attributes
    ----------
    index
        From 0 within the recruitment stage.
    block
        Which block or run it was drawn in, from 0 within the stratum.
    stratum
        Who may get it; empty means anybody.
    """

    index: int
    block: int
    arm: str
    stratum: str = ""


class AllocationMethod(Declared):
    """How participants are given to arms; a subclass is the form of one method in a protocol.

    Whatever the method, every place is a slot that exists from the freeze on. A cell (an arm, or
    an arm within a stratum) has as many slots as its quota, so that no method can exceed one.
    """

    method: str
    participants: dict[RecruitmentStage, Places] = Field(
        description="places in each recruitment stage; pilot data never mix with main data"
    )
    factors: tuple[Factor, ...] = Field(
        default=(),
        exclude_if=lambda factors: not factors,
        description="what is known of participants before the first trial and is to be balanced",
    )
    quotas: dict[RecruitmentStage, dict[str, Places]] = Field(
        default={},
        exclude_if=lambda quotas: not quotas,
        description="places of each stratum, named by its levels in the order of the factors, "
        "such as `novice+young`; they add up to `participants`",
    )
    release_after_hours: int | None = Field(
        default=None,
        ge=1,
        le=8760,
        exclude_if=lambda hours: hours is None,
        description="a place is given again when its holder has not finished so long after "
        "consent, and at once when they withdrew or were screened out; absent: never",
    )

    def unit(self, weights: Mapping[str, int]) -> int:
        """Return what numbers of places must be multiples of: the sum of the arms' weights."""
        return sum(weights.values())

    @abstractmethod
    def draw(
        self, weights: Mapping[str, int], size: int, generator: random.Random
    ) -> list[tuple[int, str]]:
        """Return block and arm of `size` slots.

        Parameters
        ----------
        weights
            Share of each arm in the ratio, at least 1.
        size
            Number of slots, a multiple of `unit`.
        generator
            Source of randomness.
        """


class DrawnAhead(AllocationMethod):
    """A method whose sequence is drawn at the freeze and used in order."""


class DecidedOnArrival(AllocationMethod):
    """A method that looks at who holds a place. Its slots say only how many each arm has."""

    def draw(
        self, weights: Mapping[str, int], size: int, generator: random.Random
    ) -> list[tuple[int, str]]:
        """Arm by arm: the order of the slots means nothing."""
        share = sum(weights.values())
        return [(0, arm) for arm, weight in weights.items() for _ in range(size * weight // share)]

    @abstractmethod
    def choose(
        self,
        weights: Mapping[str, int],
        held: Held,
        candidates: Sequence[str],
        stratum: str,
        generator: random.Random,
    ) -> str:
        """Return the arm of the person who comes now.

        Parameters
        ----------
        weights
            Share of each arm in the ratio.
        held
            How many hold a place now, by arm and stratum; what is not named is 0.
        candidates
            Arms that have a free place for the person, at least one, in the order of the weights.
        stratum
            Of the person; empty without factors.
        generator
            Of this claim alone.
        """


def by_weight(weights: Mapping[str, float], arms: Sequence[str], generator: random.Random) -> str:
    """Draw one of some arms in the ratio of their weights."""
    return generator.choices(arms, [weights[arm] for arm in arms])[0]
