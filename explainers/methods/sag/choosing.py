"""Roots of the graph: different from each other, and proven minimal where that can be done."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass

from explainers.asking import Ask, Told
from explainers.methods.sag.confidence import ALL, Confidence
from explainers.methods.sag.diversity import choose_diverse
from explainers.methods.sag.minimality import MOST_PROVEN, reduced, smallest_sufficient
from explainers.methods.sag.patch_sets import without_supersets
from explainers.methods.sag.settings import SagSettings


@dataclass(frozen=True)
class Roots:
    """What was chosen, and from what.

    Attributes
    ----------
    chosen
        The roots.
    probabilities
        Of every sufficient set that is known, exact; a root's among them.
    proven
        Sets of which every proper subset was found wanting; the others are minimal as far as single
        removals tell.
    """

    chosen: list[int]
    probabilities: dict[int, float]
    proven: frozenset[int]


def choose_roots(
    confidence: Confidence, found: list[int], proven: Iterable[int], settings: SagSettings
) -> Generator[Ask, Told, Roots]:
    """Choose roots, and choose anew as long as one turns out to hold a smaller sufficient set.

    Every removal of a single patch from a root is asked about exactly; of roots of `MOST_PROVEN`
    patches or fewer, so is every proper subset that the fast copy does not rule out.
    """
    known, tested = set(proven), set[int]()
    while True:
        asked = yield from confidence.probabilities(found, exact=True)
        probabilities = dict(zip(found, asked, strict=True))
        chosen = choose_diverse(probabilities, settings.chosen, settings.most_overlap)
        doubtful = [one for one in chosen if one not in tested]
        if not doubtful:
            return Roots(chosen, probabilities, frozenset(known & set(found)))
        for one in doubtful:
            (less,) = yield from reduced(confidence, [one], settings.sufficient, ALL)
            if less == one and one.bit_count() <= MOST_PROVEN:
                less = yield from smallest_sufficient(confidence, one, settings.sufficient)
                known |= {one} & {less}
            tested |= {one} & {less}
            found = without_supersets([*found, less])
