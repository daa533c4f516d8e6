"""What a network says of a picture when only a set of patches is shown."""

from collections.abc import Generator, Sequence
from math import exp, inf

from explainers.asking import Ask, Told
from explainers.masking import MaskedPicture
from explainers.methods.sag.patch_sets import masks_of

# In log-odds, in which the fast copy errs alike for likely and for unlikely species: by .05 at most
# for gullnet (species of .01 to 1). For a ResNet-18 it was off by a probability of .012, for a
# MobileNetV2 by .075, which are .05 and .3 at one half. A search looks twice at near misses, a
# proof at distant ones, too, or at every answer.
NEAR, FAR, ALL = 0.2, 0.8, inf
# Where the threshold is nearly 1 its log-odds are endless: misses are measured from here.
_SUREST = 0.99
_AT_ONCE = 64


class Confidence:
    """Asks about sets of patches; `picture` sees to it that none is asked about twice.

    Parameters
    ----------
    picture
        Asks about masks.
    cells
        Patches in each direction.
    clean
        Probability of the whole picture.
    fast
        Whether the network has a faster copy; without one every answer is exact.
    """

    def __init__(self, picture: MaskedPicture, cells: int, clean: float, *, fast: bool) -> None:
        self.picture, self.cells, self.clean, self._fast = picture, cells, clean, fast

    def probabilities(
        self, patch_sets: Sequence[int], *, exact: bool = False
    ) -> Generator[Ask, Told, list[float]]:
        """Ask for the probability under each set, a few dozen in one question."""
        found: list[float] = []
        for first in range(0, len(patch_sets), _AT_ONCE):
            masks = masks_of(patch_sets[first : first + _AT_ONCE], self.cells)
            scores = yield from self.picture.scores(masks, exact=exact or not self._fast)
            found += scores.tolist()
        return found

    def reaching(
        self, patch_sets: Sequence[int], share: float, doubt: float = NEAR
    ) -> Generator[Ask, Told, list[int]]:
        """Ask which sets keep a share of the clean probability, best first.

        Those that do by the fast copy, and those that miss it by log-odds below `doubt`, are asked
        about again, exactly.
        """
        least = share * self.clean
        nearly = _lowered(min(least, _SUREST), doubt)
        known = dict(zip(patch_sets, (yield from self.probabilities(patch_sets)), strict=True))
        doubtful = [one for one in known if known[one] >= nearly]
        exact = yield from self.probabilities(doubtful, exact=True)
        settled = dict(zip(doubtful, exact, strict=True))
        reached = [one for one in doubtful if settled[one] >= least]
        return sorted(reached, key=lambda one: (-settled[one], one))


def _lowered(probability: float, log_odds: float) -> float:
    """Return the probability whose log-odds are lower by so much; none is lower by `inf`."""
    kept = exp(-log_odds)
    return probability * kept / (1 - probability + probability * kept)
