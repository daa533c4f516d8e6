"""Occlusion (Zeiler & Fergus 2014, section 4.2), by Captum."""

from typing import Any, Self

from captum.attr import Occlusion as CaptumOcclusion
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  torch's own convention

from explainers.asking import Direct, Finding, Probability, Search
from explainers.base import Case, Explainer, scaled
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.networks import Network
from explainers.perturbation import blurred

# A patch hides so many cells in each direction, and moves on by one.
_PATCH = 2
_USUAL_CELLS = 14


class Occlusion(Explainer):
    """Slides a patch over the picture and notes how far the probability falls.

    A cell's heat is the mean fall under the patches that cover it. Where hiding raises the
    probability the heat is 0: that cell speaks against the species.

    The patch shows the strongly blurred picture, where the paper's is grey: a grey square has edges
    and a colour of its own, and a gull's mantle is grey.

    Parameters
    ----------
    network, evaluator
        As of `Explainer`.
    cells
        Of the map in each direction, a divisor of the picture's size; a patch is two by two of
        them. None: the finest of 14 or fewer.
    """

    name = "occlusion"
    version = "1"
    hides_by_blur = True

    def __init__(
        self, network: Network, evaluator: Evaluator | None = None, cells: int | None = None
    ) -> None:
        super().__init__(network, evaluator)
        size = network.preprocessing.size
        offered = [count for count in range(_PATCH, size + 1) if size % count == 0]
        if cells is not None and cells not in offered:
            raise ExplainersError(
                f"occlusion:{cells} can't be had from pictures of {size} pixels: use one of "
                f"{', '.join(map(str, offered))} cells."
            )
        self.cells = cells or max(count for count in offered if count <= _USUAL_CELLS)

    @classmethod
    def of_resolution(
        cls, network: Network, evaluator: Evaluator | None, cells: int | None
    ) -> Self:
        """Return the method with a map of `cells` x `cells`."""
        return cls(network, evaluator, cells)

    def parameters(self) -> dict[str, Any]:
        """Return the sizes of map and patch, the fill and the score."""
        return {
            **{"cells": self.cells, "patch": _PATCH},
            **{"baseline": "blur 51/50 at 224", "score": "probability"},
        }

    def search(self, case: Case) -> Search:
        """Return the map (cells, cells)."""
        falls = yield Direct(lambda evaluator: self._falls(evaluator, case))
        by_cell = F.avg_pool2d(falls, self._cell)[0]
        return Finding(scaled(by_cell.clamp(min=0)), distinct=(self.cells - _PATCH + 1) ** 2)

    def _falls(self, evaluator: Evaluator, case: Case) -> Tensor:
        """Return the mean fall (1, H, W) under the patches over each pixel."""
        falls: Tensor = CaptumOcclusion(evaluator.function(Probability(case.target))).attribute(
            case.image[None],
            (len(case.image), _PATCH * self._cell, _PATCH * self._cell),
            strides=(len(case.image), self._cell, self._cell),
            baselines=blurred(case.image)[None],
            perturbations_per_eval=evaluator.batch,
        )
        return falls[0, :1].float()

    @property
    def _cell(self) -> int:
        return self.network.preprocessing.size // self.cells
