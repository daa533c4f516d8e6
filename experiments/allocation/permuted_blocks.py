"""Permuted blocks of random size."""

import random
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from experiments.allocation.method import DrawnAhead


class PermutedBlocks(DrawnAhead):
    """Blocks that hold each arm in proportion to its weight, in random order.

    Block sizes are drawn at random, so that nobody can tell the next arm from the ones before.
    Arms never differ by more than one block's share.

    References
    ----------
    Matts & Lachin (1988), Properties of permuted-block randomization in clinical trials.
    """

    method: Literal["permuted_blocks"] = "permuted_blocks"
    block_sizes: tuple[int, ...] = Field(
        min_length=1, description="drawn at random, so that the next arm can't be guessed"
    )

    def draw(
        self, weights: Mapping[str, int], size: int, generator: random.Random
    ) -> list[tuple[int, str]]:
        """Draw whole blocks; the last one fills what is left.

        Raises
        ------
        ValueError
            When a size can't be divided in the ratio of the arms.
        """
        share = self.unit(weights)
        if any(count % share for count in (*self.block_sizes, size)):
            raise ValueError(f"block sizes and the number of slots must be multiples of {share}")
        drawn: list[tuple[int, str]] = []
        block = 0
        while len(drawn) < size:
            left = size - len(drawn)
            length = generator.choice([n for n in self.block_sizes if n <= left] or [left])
            arms = [arm for arm, weight in weights.items() for _ in range(weight * length // share)]
            generator.shuffle(arms)
            drawn += [(block, arm) for arm in arms]
            block += 1
        return drawn
