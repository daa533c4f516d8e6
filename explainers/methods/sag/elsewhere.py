"""Sufficient sets in the rest of the picture, where a search has found too few that differ."""

from collections.abc import Generator, Sequence
from functools import reduce

from explainers.asking import Ask, Told
from explainers.methods.sag.confidence import Confidence
from explainers.methods.sag.diversity import choose_diverse
from explainers.methods.sag.minimality import reduced
from explainers.methods.sag.patch_sets import patches_of, without_supersets
from explainers.methods.sag.prefix import shortest_prefix
from explainers.methods.sag.settings import SagSettings


def search_elsewhere(
    confidence: Confidence, ranked: Sequence[int], found: list[int], settings: SagSettings
) -> Generator[Ask, Told, list[int]]:
    """Return the sets found, and such as use none of the patches of those that would be chosen.

    A beam grows from the most relevant patches, so that its sets share them. While fewer roots can
    be chosen than are wanted, the patches that no root uses are asked about: where they suffice
    together, alone or with one that a root uses, they hold a further set.
    """
    while True:
        asked = yield from confidence.probabilities(found, exact=True)
        known = dict(zip(found, asked, strict=True))
        chosen = choose_diverse(known, settings.chosen, settings.most_overlap)
        if len(chosen) >= settings.chosen:
            return found
        rest = yield from _sufficient_rest(confidence, ranked, chosen, settings)
        if not rest:
            return found
        order = [patch for patch in ranked if rest >> patch & 1]
        prefix = yield from shortest_prefix(confidence, order, settings.sufficient)
        less = yield from reduced(confidence, [prefix], settings.sufficient)
        grown = without_supersets([*found, *less])
        if set(grown) == set(found):
            return found
        found = grown


def _sufficient_rest(
    confidence: Confidence, ranked: Sequence[int], chosen: Sequence[int], settings: SagSettings
) -> Generator[Ask, Told, int]:
    """Return all unused patches, with one used where that is needed and allowed; 0 if too few."""
    used = reduce(int.__or__, chosen, 0)
    rest = sum(1 << patch for patch in ranked) & ~used
    candidates = [rest] if rest else []
    if settings.most_overlap:
        candidates += [rest | 1 << patch for patch in patches_of(used)]
    reached = yield from confidence.reaching(candidates, settings.sufficient)
    if rest in reached:
        return rest
    return reached[0] if reached else 0
