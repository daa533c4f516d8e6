"""From sets that suffice to sets of which nothing can be left out."""

from collections.abc import Generator, Sequence
from itertools import combinations

from explainers.asking import Ask, Told
from explainers.methods.sag.confidence import FAR, NEAR, Confidence
from explainers.methods.sag.patch_sets import leave_one_out, patches_of

# 1022 proper subsets.
MOST_PROVEN = 10


def reduced(
    confidence: Confidence, patch_sets: Sequence[int], share: float, doubt: float = NEAR
) -> Generator[Ask, Told, list[int]]:
    """Leave out single patches of sufficient sets until each removal would be one too many.

    Of several patches that can go, the one goes that is missed least. All sets take their steps
    together, so that their questions fill batches.
    """
    done: list[int] = []
    rest = list(patch_sets)
    while rest:
        asked = list(dict.fromkeys(less for one in rest for less in leave_one_out(one)))
        good = yield from confidence.reaching([less for less in asked if less], share, doubt)
        steps = {one: _first_of(good, leave_one_out(one)) for one in rest}
        done += [one for one in rest if not steps[one]]
        rest = list(dict.fromkeys(less for less in steps.values() if less))
    return list(dict.fromkeys(done))


def _first_of(ordered: Sequence[int], wanted: Sequence[int]) -> int:
    """The first that is wanted, or the empty set."""
    return next((one for one in ordered if one in wanted), 0)


def smallest_sufficient(
    confidence: Confidence, patch_set: int, share: float
) -> Generator[Ask, Told, int]:
    """Return the smallest sufficient subset of a sufficient set, the best of several; maybe itself.

    All subsets are asked about by size: a network's confidence is not monotone, and a small subset
    may suffice though no set in between does. What is returned is minimal beyond doubt.
    """
    patches = patches_of(patch_set)
    for size in range(1, len(patches)):
        subsets = [sum(1 << patch for patch in chosen) for chosen in combinations(patches, size)]
        good = yield from confidence.reaching(subsets, share, FAR)
        if good:
            return good[0]
    return patch_set
