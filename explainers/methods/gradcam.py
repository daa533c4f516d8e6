"""Grad-CAM (Selvaraju et al. 2017, equations 1 and 2)."""

from typing import Any

from torch import nn

from explainers.asking import Ask, Finding, Output, Search
from explainers.base import Case, Explainer, scaled
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.networks import Network


class GradCam(Explainer):
    """Feature maps of the last convolutional layer, weighted by their mean gradient.

    Parameters
    ----------
    network
        A convolutional classifier.

    Raises
    ------
    ExplainersError
        For a vision transformer: its only convolution cuts the picture into patches and has seen
        nothing but them.
    """

    name = "gradcam"
    version = "2"

    def __init__(self, network: Network, evaluator: Evaluator | None = None) -> None:
        if any(isinstance(child, nn.MultiheadAttention) for child in network.module.modules()):
            raise ExplainersError(
                "Grad-CAM weighs the last convolution's maps, and this network's attention follows "
                "after them. For a transformer take igos, rise or occlusion."
            )
        super().__init__(network, evaluator)
        self._layer = network.feature_layer()

    def parameters(self) -> dict[str, Any]:
        """Return the layer looked at."""
        return {"layer": self._layer, "score": "logit"}

    def search(self, case: Case) -> Search:
        """Return the map at the layer's resolution."""
        told = yield Ask(
            case.image[None], Output(case.target), gradient=True, layer=self._layer, exact=True
        )
        weights = told.gradients.mean((2, 3), keepdim=True)
        return Finding(scaled((weights * told.activations).sum(1)[0].relu()))
