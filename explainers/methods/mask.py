"""Meaningful perturbation, "Mask" (Fong & Vedaldi 2017, arXiv 1704.03296, equation 3)."""

from dataclasses import asdict, dataclass
from typing import Any, Self

import torch
from torch import Tensor

from explainers.asking import Finding, Probability, Search
from explainers.base import Case, Explainer, scaled
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.masking import MaskedPicture
from explainers.methods.mask_descent import RESOLUTIONS, total_variation
from explainers.networks import Network
from explainers.settings import Count, Positive, Weight


@dataclass(frozen=True)
class MaskSettings:
    """How the mask is optimised; the weights did best for Mask in the comparison of I-GOS.

    Attributes
    ----------
    resolution
        Cells of the mask in each direction, one of `RESOLUTIONS`.
    iterations
        Steps of Adam.
    rate
        Adam's learning rate.
    sparsity, smoothness
        Weights of mean |1 - M| and of the variation (lambda 1 and 2).
    """

    resolution: int = 28
    iterations: Count = 500
    rate: Positive = 0.1
    sparsity: Weight = 0.01
    smoothness: Weight = 0.2

    def __post_init__(self) -> None:
        if self.resolution not in RESOLUTIONS:
            told = ", ".join(str(cells) for cells in RESOLUTIONS)
            raise ExplainersError(f"A mask of {self.resolution} cells is not offered: use {told}.")


class Mask(Explainer):
    """Finds the region whose hiding makes the network lose its answer, by plain gradient descent.

    It minimises p(Phi(I, M)) + lambda1 mean|1 - M| + lambda2 TV(M), the objective of I-GOS, with
    Adam on the gradient at M alone. The map is 1 - M.

    It is the form that I-GOS was compared with: means instead of sums, the strong blur, steps
    squared in the variation, the mask enlarged bilinearly. The paper also shifts the picture at
    random (jitter) and blurs the enlarged mask; both are left out.
    """

    name = "mask"
    version = "1"
    hides_by_blur = True

    def __init__(
        self,
        network: Network,
        evaluator: Evaluator | None = None,
        settings: MaskSettings | None = None,
    ) -> None:
        super().__init__(network, evaluator)
        self.settings = settings or MaskSettings()

    @classmethod
    def of_resolution(
        cls, network: Network, evaluator: Evaluator | None, cells: int | None
    ) -> Self:
        """Return the method with masks of `cells` x `cells`, one of `RESOLUTIONS`."""
        settings = MaskSettings() if cells is None else MaskSettings(resolution=cells)
        return cls(network, evaluator, settings)

    def parameters(self) -> dict[str, Any]:
        """Return the settings and the baseline."""
        return {**asdict(self.settings), "baseline": "blur 51/50 at 224", "score": "probability"}

    def search(self, case: Case) -> Search:
        """Return the map (resolution, resolution)."""
        picture = MaskedPicture(case.image, Probability(case.target))
        cells = self.settings.resolution
        mask = torch.ones(1, 1, cells, cells, requires_grad=True)
        adam = torch.optim.Adam([mask], lr=self.settings.rate)
        for _ in range(self.settings.iterations):
            slope = yield from picture.slopes(mask.detach())
            mask.grad = slope + self._regular_slope(mask)
            adam.step()
            mask.data.clamp_(0, 1)
        return Finding(scaled(1 - mask.detach()[0, 0]), distinct=self.settings.iterations)

    def _regular_slope(self, mask: Tensor) -> Tensor:
        with torch.enable_grad():
            sparsity = self.settings.sparsity * (1 - mask).abs().mean()
            smoothness = self.settings.smoothness * total_variation(mask[0]).sum()
            (slope,) = torch.autograd.grad(sparsity + smoothness, mask)
        return slope
