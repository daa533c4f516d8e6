"""How many of a map's hottest patches suffice, taken in its own order."""

from collections.abc import Generator, Sequence
from itertools import accumulate

from explainers.asking import Ask, Told
from explainers.methods.sag.confidence import Confidence

_AT_ONCE = 8


def shortest_prefix(
    confidence: Confidence, order: Sequence[int], share: float
) -> Generator[Ask, Told, int]:
    """Return the first patches of an order as a set, as few as suffice; all if no fewer do."""
    prefixes = list(accumulate((1 << patch for patch in order), int.__or__))
    for first in range(0, len(prefixes), _AT_ONCE):
        reached = yield from confidence.reaching(prefixes[first : first + _AT_ONCE], share)
        if reached:
            return min(reached, key=int.bit_count)
    return prefixes[-1]
