"""Which arm each participant gets: permuted blocks of random size, drawn before anyone arrives."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SlotPlan:
    """One place of the allocation sequence."""

    index: int
    block: int
    arm: str


def permuted_blocks(
    weights: Mapping[str, int], block_sizes: Sequence[int], size: int, seed: int
) -> list[SlotPlan]:
    """Draw an allocation sequence.

    Every block holds each arm in proportion to its weight, in random order; block sizes are drawn
    at random, so that nobody can tell the next arm from the ones before. Arms never differ by
    more than one block's share.

    Parameters
    ----------
    weights
        Share of each arm in the ratio, at least 1.
    block_sizes
        Sizes to draw from; each a multiple of the sum of the weights.
    size
        Number of slots, a multiple of the sum of the weights.
    seed
        The same seed gives the same sequence.

    Raises
    ------
    ValueError
        When a size can't be divided in the ratio of the arms.

    References
    ----------
    Matts & Lachin (1988), Properties of permuted-block randomization in clinical trials.

    Examples
    --------
    >>> [slot.arm for slot in permuted_blocks({"a": 1, "b": 1}, [2], 4, seed=1)]
    ['a', 'b', 'b', 'a']
    """
    share = sum(weights.values())
    if any(count % share for count in (*block_sizes, size)):
        raise ValueError(f"block sizes and the number of slots must be multiples of {share}")
    generator = random.Random(seed)
    slots: list[SlotPlan] = []
    block = 0
    while len(slots) < size:
        left = size - len(slots)
        length = generator.choice([count for count in block_sizes if count <= left] or [left])
        arms = [arm for arm, weight in weights.items() for _ in range(weight * length // share)]
        generator.shuffle(arms)
        slots += [SlotPlan(len(slots) + offset, block, arm) for offset, arm in enumerate(arms)]
        block += 1
    return slots
