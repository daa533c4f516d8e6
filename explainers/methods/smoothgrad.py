"""SmoothGrad (Smilkov et al. 2017, section 2.1)."""

from typing import Any

import torch

from explainers.asking import Ask, Finding, Output, Search
from explainers.base import Case, Explainer, scaled
from explainers.evaluator import Evaluator
from explainers.methods.integrated_gradients import over_colours
from explainers.networks import Network


class SmoothGrad(Explainer):
    """The mean gradient of the logit over noisy copies of the picture.

    (1/n) sum of d S / d x at x + N(0, sigma^2), with sigma a share of the picture's range of
    values. The map is the sum of its absolute values over the colours.

    Sample size and noise are those the paper recommends (50, and 10 to 20 % of the range).

    Parameters
    ----------
    network, evaluator
        As of `Explainer`.
    copies
        Noisy pictures (n).
    noise
        sigma / (max x - min x).
    """

    name = "smoothgrad"
    version = "1"

    def __init__(
        self,
        network: Network,
        evaluator: Evaluator | None = None,
        copies: int = 50,
        noise: float = 0.15,
    ) -> None:
        super().__init__(network, evaluator)
        self.copies, self.noise = copies, noise

    def parameters(self) -> dict[str, Any]:
        """Return copies, noise and score."""
        return {"copies": self.copies, "noise": self.noise, "score": "logit"}

    def search(self, case: Case) -> Search:
        """Return the map (H, W) at the picture's size."""
        deviation = self.noise * (case.image.max() - case.image.min())
        noise = torch.randn(self.copies, *case.image.shape, generator=case.generator)
        noisy = case.image + deviation * noise
        told = yield Ask(noisy, Output(case.target), gradient=True, exact=True)
        return Finding(scaled(over_colours(told.gradients.mean(0))))
