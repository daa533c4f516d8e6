"""RISE (Petsiuk, Das & Saenko 2018, arXiv 1806.07421, equation 6)."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Self

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  torch's own convention

from explainers.asking import Ask, Finding, Probability, Search
from explainers.base import Case, Explainer, scaled
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.networks import Network
from explainers.perturbation import composed
from explainers.settings import Count, Share

_AT_ONCE = 32


@dataclass(frozen=True)
class RiseSettings:
    """How masks are drawn.

    Attributes
    ----------
    masks
        How many (N); I-GOS was compared with 4000 for VGG and 8000 for ResNet.
    grid
        Cells of a mask in each direction (s).
    shown
        Probability that a cell is shown (p1).
    """

    masks: Count = 4000
    grid: Count = 7
    shown: Share = 0.5


class Rise(Explainer):
    """The mean of random masks, each weighted by the probability it leaves.

    S = 1 / (N p1) sum p(I * M) M. Masks are grids of cells shown or hidden at random, enlarged
    bilinearly and shifted at random by less than a cell. Hidden parts are 0 after normalisation, as
    in the paper: the mean colour of the pictures that the network was fitted to.

    p1 is the paper's; the released notebooks have 0.1 on finer grids.
    """

    name = "rise"
    version = "1"

    def __init__(
        self,
        network: Network,
        evaluator: Evaluator | None = None,
        settings: RiseSettings | None = None,
    ) -> None:
        super().__init__(network, evaluator)
        self.settings = settings or RiseSettings()
        size = network.preprocessing.size
        if not 1 <= self.settings.grid <= size:
            raise ExplainersError(
                f"rise:{self.settings.grid} can't be had from pictures of {size} pixels: "
                f"use 1 to {size} cells, such as rise:7."
            )

    @classmethod
    def of_resolution(
        cls, network: Network, evaluator: Evaluator | None, cells: int | None
    ) -> Self:
        """Return the method with grids of `cells` x `cells`; its map has the picture's size."""
        settings = RiseSettings() if cells is None else RiseSettings(grid=cells)
        return cls(network, evaluator, settings)

    def parameters(self) -> dict[str, Any]:
        """Return the settings, the fill and the score."""
        return {**asdict(self.settings), "baseline": "mean colour", "score": "probability"}

    def search(self, case: Case) -> Search:
        """Return the map (H, W) at the picture's size."""
        size = case.image.shape[-1]
        mean = torch.tensor(self.network.preprocessing.mean)[:, None, None]
        total = torch.zeros(size, size)
        for masks in random_masks(self.settings, size, case.generator):
            told = yield Ask(composed(case.image, mean, masks), Probability(case.target))
            total += (told.scores[:, None, None] * masks[:, 0]).sum(0)
        weighted = total / (self.settings.masks * self.settings.shown)
        return Finding(scaled(weighted), distinct=self.settings.masks)


def random_masks(settings: RiseSettings, size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Draw masks (n, 1, size, size) in [0, 1], a few at a time so that memory stays bounded."""
    cell = -(-size // settings.grid)
    for first in range(0, settings.masks, _AT_ONCE):
        count = min(_AT_ONCE, settings.masks - first)
        shape = (count, 1, settings.grid, settings.grid)
        grids = (torch.rand(shape, generator=generator) < settings.shown).float()
        large = F.interpolate(grids, ((settings.grid + 1) * cell,) * 2, mode="bilinear")
        shifts = torch.randint(cell, (count, 2), generator=generator).tolist()
        yield torch.stack(
            [
                mask[:, down : down + size, across : across + size]
                for mask, (down, across) in zip(large, shifts, strict=True)
            ]
        )
