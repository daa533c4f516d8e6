"""A control that knows nothing: a random smooth map."""

from typing import Any, Self

import torch

from explainers.asking import Finding, Search
from explainers.base import Case, Explainer, scaled
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.networks import Network
from explainers.perturbation import upsampled

_NOISE = 7


class RandomMap(Explainer):
    """Uniform noise of 7 x 7 cells, enlarged bilinearly; the network is not asked.

    What a method is worth is what it has above this. A placebo looks like the method's own maps;
    this one only has their smoothness.

    Parameters
    ----------
    network, evaluator
        As of `Explainer`.
    cells
        Of the map in each direction.
    """

    name = "random"
    version = "1"

    def __init__(
        self, network: Network, evaluator: Evaluator | None = None, cells: int = 28
    ) -> None:
        super().__init__(network, evaluator)
        if cells < 1:
            raise ExplainersError(f"random:{cells} has no cells: write such as random:28.")
        self.cells = cells

    @classmethod
    def of_resolution(
        cls, network: Network, evaluator: Evaluator | None, cells: int | None
    ) -> Self:
        """Return the control with maps of `cells` x `cells`."""
        return cls(network, evaluator) if cells is None else cls(network, evaluator, cells)

    def parameters(self) -> dict[str, Any]:
        """Return the sizes of map and noise."""
        return {"cells": self.cells, "noise": _NOISE}

    def search(self, case: Case) -> Search:
        """Return the map (cells, cells)."""
        yield from ()
        noise = torch.rand(1, 1, _NOISE, _NOISE, generator=case.generator)
        return Finding(scaled(upsampled(noise, self.cells)[0, 0]))
