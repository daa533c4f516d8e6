"""Integrated gradients (Sundararajan, Taly & Yan 2017, equation 1)."""

from typing import Any

import torch
from torch import Tensor

from explainers.asking import Ask, Finding, Probability, Search
from explainers.base import Case, Explainer, scaled
from explainers.evaluator import Evaluator
from explainers.networks import Network
from explainers.perturbation import blurred


class IntegratedGradients(Explainer):
    """Shares the rise in probability from a baseline to the picture out among the pixels.

    (x - x') times the mean of d p / d x on the straight line from x' to x; it sums up to
    p(x) - p(x'). The map is the sum of its absolute values over the colours, so that it does not
    tell evidence for the species from evidence against it.

    The baseline is the strongly blurred picture, where the paper takes a black one: with black, a
    black pixel gets no share whatever it does, and black wing tips tell gulls apart. The line is
    followed at the middles of equal steps.

    Parameters
    ----------
    network, evaluator
        As of `Explainer`.
    steps
        Pictures on the line.
    """

    name = "integrated_gradients"
    version = "1"

    def __init__(
        self, network: Network, evaluator: Evaluator | None = None, steps: int = 50
    ) -> None:
        super().__init__(network, evaluator)
        self.steps = steps

    def parameters(self) -> dict[str, Any]:
        """Return steps, baseline and score."""
        return {"steps": self.steps, "baseline": "blur 51/50 at 224", "score": "probability"}

    def search(self, case: Case) -> Search:
        """Return the map (H, W) at the picture's size."""
        difference = case.image - (baseline := blurred(case.image))
        shares = (torch.arange(self.steps) + 0.5) / self.steps
        line = baseline + shares[:, None, None, None] * difference
        told = yield Ask(line, Probability(case.target), gradient=True, exact=True)
        return Finding(scaled(over_colours(difference * told.gradients.mean(0))))


def over_colours(attributions: Tensor) -> Tensor:
    """Return the sum (H, W) of the absolute attributions (3, H, W) of a pixel's colours."""
    return attributions.abs().sum(0)
