"""Every combination of the most relevant patches (Shitole et al. 2021, section 3.2)."""

from collections.abc import Generator, Sequence
from itertools import combinations

from explainers.asking import Ask, Told
from explainers.methods.sag.confidence import FAR, Confidence
from explainers.methods.sag.patch_sets import holds_any
from explainers.methods.sag.settings import SagSettings


def combinatorial_search(
    confidence: Confidence, ranked: Sequence[int], settings: SagSettings
) -> Generator[Ask, Told, list[int]]:
    """Return all minimal sufficient sets of fewer than m of the m most relevant patches.

    Sets are asked about by size, but for supersets of what was found; so what is found is minimal:
    each of its proper subsets was asked about before.
    """
    found: list[int] = []
    for size in range(1, settings.relevant):
        sets = [
            sum(1 << patch for patch in chosen)
            for chosen in combinations(ranked[: settings.relevant], size)
        ]
        new = [one for one in sets if not holds_any(one, found)]
        found += yield from confidence.reaching(new, settings.sufficient, FAR)
    return found
