"""Simple randomisation."""

import random
from collections.abc import Mapping
from typing import Literal

from experiments.allocation.method import DrawnAhead


class Simple(DrawnAhead):
    """Complete randomisation: every place is drawn on its own, in the ratio of the arms.

    Nothing can be guessed; how many places each arm gets is left to chance.

    References
    ----------
    Lachin (1988), Properties of simple randomization in clinical trials.
    """

    method: Literal["simple"] = "simple"

    def unit(self, weights: Mapping[str, int]) -> int:
        """Return 1: any number of places will do."""
        return 1

    def draw(
        self, weights: Mapping[str, int], size: int, generator: random.Random
    ) -> list[tuple[int, str]]:
        """Draw each arm independently."""
        arms = generator.choices(list(weights), list(weights.values()), k=size)
        return [(0, arm) for arm in arms]
