"""Rotations: runs that hold every arm, in orders that are balanced among themselves.

For arms that are orders of conditions or lists of pictures, and where the moment of arrival
matters. An arm of weight 2 stands twice in every run.
"""

import random
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Literal

from experiments.allocation.method import DrawnAhead

# Of 6 arms there are 720 orders already.
MOST_IN_COMPLETE_ROTATION = 6


class Rotation(DrawnAhead):
    """Deals arms in runs; block is the number of the run."""

    def draw(
        self, weights: Mapping[str, int], size: int, generator: random.Random
    ) -> list[tuple[int, str]]:
        """Draw as many runs as are needed; the last may be cut."""
        arms = [arm for arm, weight in weights.items() for _ in range(weight)]
        drawn: list[tuple[int, str]] = []
        run = 0
        while len(drawn) < size:
            for order in self._round(arms, generator):
                drawn += [(run, arm) for arm in order]
                run += 1
        return drawn[:size]

    @abstractmethod
    def _round(self, arms: list[str], generator: random.Random) -> Iterator[tuple[str, ...]]:
        """Yield the runs after which every arm has stood equally often at each place."""


class LatinRotation(Rotation):
    """The rows of a Latin square, drawn anew after each: with k arms, k runs.

    Each arm stands once at every place of a run.
    """

    method: Literal["latin_rotation"] = "latin_rotation"

    def _round(self, arms: list[str], generator: random.Random) -> Iterator[tuple[str, ...]]:
        size = len(arms)
        symbols, rows, columns = (generator.sample(range(size), size) for _ in range(3))
        for row in rows:
            yield tuple(arms[symbols[(row + column) % size]] for column in columns)


class CompleteRotation(Rotation):
    """Every order of the arms once, in random order, then all again: with k arms, k! runs."""

    method: Literal["complete_rotation"] = "complete_rotation"

    def _round(self, arms: list[str], generator: random.Random) -> Iterator[tuple[str, ...]]:
        orders = list(permutations(arms))
        generator.shuffle(orders)
        yield from orders
