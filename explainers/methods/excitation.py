"""Excitation Backprop, contrastive (Zhang, Lin, Brandt, Shen & Sclaroff 2016, arXiv 1608.00507)."""

from functools import partial
from typing import Any, Self

import torch
from torch import Tensor, fx

from explainers.asking import Direct, Finding, Search
from explainers.base import Case, Explainer, scaled
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.methods.winner_take_all import Winners, traced
from explainers.networks import Network


class Excitation(Explainer):
    """Which cells win when the species' output is shared out downwards, beside its opposite.

    The contrastive marginal winning probability of the last feature map that is at least so wide:
    P(species) - P(not species), summed over the channels and cut off at 0. "Not species" has the
    head's weights with the opposite sign.

    The rule wants responses that are not negative. Where they are (an addition before its
    rectifier, the narrow layers of MobileNetV2) they are taken as 0. An addition shares out by what
    each side adds. Biases excite nothing, as in the paper.

    Parameters
    ----------
    network
        Of convolutions, linear layers, rectifiers, pooling and additions.
    evaluator
        As of `Explainer`.
    cells
        Least width of the feature map.
    graph
        From `traced`, when other outputs than the network's are explained.

    Attributes
    ----------
    graph
        What is explained, on the evaluator's device.
    """

    name = "excitation"
    version = "1"

    def __init__(
        self,
        network: Network,
        evaluator: Evaluator | None = None,
        cells: int = 14,
        graph: fx.GraphModule | None = None,
    ) -> None:
        served = graph or traced(network.module)
        super().__init__(network, evaluator)
        self.graph = served.to(self.evaluator.device)
        self.cells = cells
        self._layer = self._last_wide_map()

    @classmethod
    def of_resolution(
        cls, network: Network, evaluator: Evaluator | None, cells: int | None
    ) -> Self:
        """Return the method for the last feature map of at least `cells` x `cells`."""
        return cls(network, evaluator) if cells is None else cls(network, evaluator, cells)

    def parameters(self) -> dict[str, Any]:
        """Return the least width of the map and its place among all maps."""
        return {"cells": self.cells, "map": self._layer, "score": "logit", "contrastive": True}

    def search(self, case: Case) -> Search:
        """Return the map at the feature map's resolution."""
        return self.search_output(case, case.target)

    def search_output(self, case: Case, position: int) -> Search:
        """Find the winners of one output of the graph, such as an x-feature."""
        return Finding((yield Direct(partial(self.heat, image=case.image, position=position))))

    def heat(self, evaluator: Evaluator, image: Tensor, position: int) -> Tensor:
        """Return the map (h, w) in [0, 1] of one output of the graph for a picture (3, H, W)."""
        shown = self.network.normalise(image[None].to(evaluator.device))
        evaluator.passes.forward += 2
        evaluator.passes.backward += 2
        winning = self._winning(shown, position) - self._winning(shown, position, contrast=True)
        return scaled(winning.sum(0).clamp(min=0))

    def _winning(self, shown: Tensor, position: int, *, contrast: bool = False) -> Tensor:
        """Return the winning probabilities (C, h, w) of the feature map."""
        winners = Winners(self.graph, contrast=contrast)
        with torch.enable_grad():
            outputs = winners.run(shown.clone().requires_grad_())
            (shares,) = torch.autograd.grad(outputs[0, position], winners.maps[self._layer])
        return shares[0].cpu()

    def _last_wide_map(self) -> int:
        size = self.network.preprocessing.size
        winners = Winners(self.graph)
        with torch.no_grad():
            winners.run(torch.zeros(1, 3, size, size, device=self.evaluator.device))
        widths = [min(made.shape[-2:]) for made in winners.maps]
        wide = [place for place, width in enumerate(widths) if width >= self.cells > 0]
        if not wide:
            raise ExplainersError(
                f"No feature map has {self.cells} cells; those of this network have "
                f"{', '.join(str(width) for width in sorted(set(widths)))}. Write one of these "
                "after the method's colon."
            )
        return wide[-1]
