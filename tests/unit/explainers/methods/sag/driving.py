"""Score functions over sets of patches in the place of a network."""

from collections.abc import Callable

import torch

from explainers.asking import Told
from explainers.masking import MaskedPicture
from explainers.methods.sag.confidence import Confidence

CELLS = 3
ALL = 2 ** (CELLS * CELLS)


class Asked:
    """Answers for a network that says `score` of the patches shown, and notes what it is asked.

    Its fast copy, if it has one, says `fast`.
    """

    def __init__(
        self,
        score: Callable[[int], float],
        cells: int = CELLS,
        fast: Callable[[int], float] | None = None,
    ):
        self.score, self.fast, self.cells = score, fast, cells
        self.sets: list[int] = []
        size = cells * cells
        white = torch.ones(3, cells, cells)
        picture = MaskedPicture(white, None, torch.zeros_like(white), lambda masks, _: masks)
        self.confidence = Confidence(picture, cells, 1.0, fast=fast is not None)
        self._weights = 2 ** torch.arange(size)

    def end_of(self, asking):
        """Drive a generator to its end."""
        answer = None
        while True:
            try:
                ask = asking.send(answer)
            except StopIteration as end:
                return end.value
            sets = [int((p[0].flatten().long() * self._weights).sum()) for p in ask.pictures]
            self.sets += sets
            said = self.score if ask.exact else self.fast
            told = torch.tensor([said(one) for one in sets])
            answer = Told(told)


def bits(*patches: int) -> int:
    return sum(1 << patch for patch in patches)


def monotone(*terms: int) -> Callable[[int], float]:
    """1 where a term is shown; below, a little more for every patch that belongs to one."""

    def score(shown: int) -> float:
        if any(shown & term == term for term in terms):
            return 1.0
        return 0.8 * max((shown & term).bit_count() / (term.bit_count() + 1) for term in terms)

    return score


def random_scores(seed: int) -> Callable[[int], float]:
    """Any number for any set: as far from monotone as can be; the whole picture suffices."""
    values = torch.rand(ALL, generator=torch.Generator().manual_seed(seed)) ** 0.3
    values[0], values[-1] = 0.0, 1.0
    return lambda shown: float(values[shown])


def minimal_sets(score: Callable[[int], float], least: float, cells: int = CELLS) -> set[int]:
    """By exhaustion: sufficient sets of which no proper subset suffices."""
    good = [shown for shown in range(1, 2 ** (cells * cells)) if score(shown) >= least]
    return {one for one in good if not any(other != one and other & one == other for other in good)}
