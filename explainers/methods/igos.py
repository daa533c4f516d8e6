"""I-GOS: integrated-gradient optimised saliency (Qi, Khorram & Li 2020, arXiv 1905.00954)."""

from dataclasses import asdict
from typing import Any, Self

import torch
from torch import Tensor

from explainers.asking import Finding, Probability, Score, Search
from explainers.base import Case, Explainer, scaled
from explainers.evaluator import Evaluator
from explainers.masking import Asking, MaskedPicture
from explainers.methods.mask_descent import (
    DescentSettings,
    along_path,
    descend,
    path,
    path_noise,
    total_variation,
)
from explainers.networks import Network


class Igos(Explainer):
    """Finds the smallest smooth region whose hiding makes the network lose its answer.

    It minimises p(Phi(I, M)) + lambda1 mean|1 - M| + lambda2 TV(M) over masks M in [0, 1], going
    down the integrated gradient instead of the gradient. The map is 1 - M.

    Differences from the paper: when no step lowers the objective enough, both regularisers are
    weakened and the search goes on; the released program has the same remedy for lambda1 alone, at
    two fixed iterations. The line search begins near the last step, see `mask_descent.descend`. Of
    the path every second point is asked about, see `mask_descent.along_path`.
    """

    name = "igos"
    version = "3"
    hides_by_blur = True

    def __init__(
        self,
        network: Network,
        evaluator: Evaluator | None = None,
        settings: DescentSettings | None = None,
    ) -> None:
        super().__init__(network, evaluator)
        self.settings = settings or DescentSettings()

    @classmethod
    def of_resolution(
        cls, network: Network, evaluator: Evaluator | None, cells: int | None
    ) -> Self:
        """Return the method with masks of `cells` x `cells`, one of `RESOLUTIONS`."""
        return cls(
            network,
            evaluator,
            DescentSettings() if cells is None else DescentSettings(resolution=cells),
        )

    def parameters(self) -> dict[str, Any]:
        """Return the settings and the baseline."""
        return {**asdict(self.settings), "baseline": "blur 51/50 at 224", "score": "probability"}

    def search(self, case: Case) -> Search:
        """Return the map (resolution, resolution)."""
        return self.search_score(case, Probability(case.target))

    def search_score(self, case: Case, score: Score) -> Search:
        """Find what the network needs for a score that is 1 or less, such as an x-feature's."""
        spread = self.network.preprocessing.std
        deletion = Deletion(MaskedPicture(case.image, score), self.settings, spread, case.generator)
        cells = self.settings.resolution
        masks = yield from descend(deletion, torch.ones(1, cells, cells), self.settings)
        return Finding(scaled(1 - masks[0]), distinct=deletion.picture.distinct)


class Deletion:
    """The objective of I-GOS (equation 2), over one mask.

    Parameters
    ----------
    picture
        Asks about masks.
    settings
        Weights and path.
    spread
        Standard deviations of the colours that the network normalises by.
    generator
        Of the noise on the path.
    """

    def __init__(
        self,
        picture: MaskedPicture,
        settings: DescentSettings,
        spread: tuple[float, float, float],
        generator: torch.Generator,
    ) -> None:
        self.picture, self.settings = picture, settings
        self._spread, self._generator = spread, generator

    def scores(self, masks: Tensor) -> Asking:
        """Ask for the score (N) under candidates (N, 1, h, w)."""
        return self.picture.scores(masks)

    def slope(self, masks: Tensor) -> Asking:
        """Ask for (1/S) sum_s of d score / d M at s/S M, noise added, (1, h, w).

        Slopes at points of the path that are left out are interpolated.
        """
        shown = path(masks[0], self.settings)
        shape = (len(shown), *self.picture.image.shape)
        noise = path_noise(shape, self._spread, self.settings.noise, self._generator)
        slopes = yield from self.picture.slopes(shown, noise)
        return along_path(slopes, self.settings)[None]

    def regulariser(self, masks: Tensor) -> Tensor:
        """Return lambda1 mean|1 - M| + lambda2 TV(M) for each candidate, (N)."""
        sparsity = self.settings.sparsity * (1 - masks[:, 0]).abs().mean((1, 2))
        return sparsity + self.settings.smoothness * total_variation(masks[:, 0])
