"""What a network says of a picture when only a set of patches is shown."""

from collections.abc import Generator, Sequence

from explainers.asking import Ask, Told
from explainers.masking import MaskedPicture
from explainers.methods.sag.patch_sets import masks_of

# In probability. The fast copy's answers about masked pictures were off by .012 at
# most for a ResNet-18, by .075 for a MobileNetV2: a search looks twice at near misses, a proof at
# distant ones, too, or at every answer.
NEAR, FAR, ALL = 0.02, 0.1, 1.0
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

        Those that do by the fast copy, and those that miss it by a probability below `doubt`, are
        asked about again, exactly.
        """
        least = share * self.clean
        nearly = least - doubt
        known = dict(zip(patch_sets, (yield from self.probabilities(patch_sets)), strict=True))
        doubtful = [one for one in known if known[one] > nearly]
        exact = yield from self.probabilities(doubtful, exact=True)
        settled = dict(zip(doubtful, exact, strict=True))
        reached = [one for one in doubtful if settled[one] >= least]
        return sorted(reached, key=lambda one: (-settled[one], one))
