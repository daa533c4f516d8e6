"""Occlusion (Zeiler & Fergus 2014, section 4.2)."""

from itertools import product
from typing import Any, Self

import torch
from torch import Tensor

from explainers.asking import Ask, Finding, Probability, Search
from explainers.base import Case, Explainer, scaled
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.networks import Network
from explainers.perturbation import blurred

# A patch hides so many cells in each direction, and moves on by one.
_PATCH = 2
_AT_ONCE = 32


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
        Of the map in each direction; a patch is two by two of them.
    """

    name = "occlusion"
    version = "1"

    def __init__(
        self, network: Network, evaluator: Evaluator | None = None, cells: int = 14
    ) -> None:
        super().__init__(network, evaluator)
        size = network.preprocessing.size
        if not _PATCH <= cells <= size:
            raise ExplainersError(
                f"occlusion:{cells} can't be had from pictures of {size} pixels: "
                f"use {_PATCH} to {size} cells, such as occlusion:14."
            )
        self.cells = cells

    @classmethod
    def of_resolution(
        cls, network: Network, evaluator: Evaluator | None, cells: int | None
    ) -> Self:
        """Return the method with a map of `cells` x `cells`."""
        return cls(network, evaluator) if cells is None else cls(network, evaluator, cells)

    def parameters(self) -> dict[str, Any]:
        """Return the sizes of map and patch, the fill and the score."""
        return {
            **{"cells": self.cells, "patch": _PATCH},
            **{"baseline": "blur 51/50 at 224", "score": "probability"},
        }

    def search(self, case: Case) -> Search:
        """Return the map (cells, cells)."""
        baseline = blurred(case.image)
        starts = range(self.cells - _PATCH + 1)
        places = list(product(starts, starts))
        falls, covered = torch.zeros(self.cells, self.cells), torch.zeros(self.cells, self.cells)
        for first in range(0, len(places), _AT_ONCE):
            chosen = places[first : first + _AT_ONCE]
            hidden = torch.stack([self._hidden(case.image, baseline, place) for place in chosen])
            told = yield Ask(hidden, Probability(case.target), exact=True)
            for (row, column), score in zip(chosen, told.scores, strict=True):
                patch = slice(row, row + _PATCH), slice(column, column + _PATCH)
                falls[patch] += case.probability - score
                covered[patch] += 1
        return Finding(scaled((falls / covered).clamp(min=0)), distinct=len(places))

    def _hidden(self, image: Tensor, baseline: Tensor, place: tuple[int, int]) -> Tensor:
        rows, columns = (
            slice(*(round(cell * image.shape[-1] / self.cells) for cell in (start, start + _PATCH)))
            for start in place
        )
        picture = image.clone()
        picture[:, rows, columns] = baseline[:, rows, columns]
        return picture
