"""Grad-CAM (Selvaraju et al. 2017, equations 1 and 2)."""

from typing import Any

import torch
from torch import Tensor

from explainers.base import Explainer, scaled
from explainers.evaluator import Evaluator
from explainers.networks import Network


class GradCam(Explainer):
    """Feature maps of the last convolutional layer, weighted by their mean gradient.

    Parameters
    ----------
    network
        A convolutional classifier.
    """

    name = "gradcam"
    version = "1"

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self._layer = network.feature_layer()

    def parameters(self) -> dict[str, Any]:
        """Return the layer looked at."""
        return {"layer": self._layer, "score": "logit"}

    def compute(
        self, evaluator: Evaluator, image: Tensor, target: int, generator: torch.Generator
    ) -> Tensor:
        """Return the map at the layer's resolution."""
        activations, gradient = evaluator.feature_gradient(image, target, self._layer)
        weights = gradient.mean((1, 2), keepdim=True)
        return scaled((weights * activations).sum(0).relu())
