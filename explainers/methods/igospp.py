"""iGOS++: two masks, for deletion and insertion (Khorram, Lawson & Li 2021, arXiv 2012.15783)."""

from collections.abc import Callable
from dataclasses import asdict, replace
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
from explainers.perturbation import upsampled

DEFAULTS = DescentSettings(largest_step=1000.0)
# The one resolution whose weights the authors name beside 28.
FINEST = replace(DEFAULTS, resolution=224, sparsity=10.0, iterations=20)
_BILATERAL = 0.01


def settings_at(cells: int) -> DescentSettings:
    """Return the authors' settings for a resolution; those of 28 where they name none."""
    return FINEST if cells == FINEST.resolution else replace(DEFAULTS, resolution=cells)


class IgosPlusPlus(Explainer):
    """Finds a region whose hiding loses the answer and whose showing alone brings it back.

    Over M_x and M_y it minimises f(M_x) - f(1 - M_y) + f(M_x M_y) - f(1 - M_x M_y)
    + lambda1 mean|1 - M_x M_y| + lambda2 BTV(M_x M_y); the map is 1 - M_x M_y.

    The smoothness is half the total variation at the mask's resolution and half the bilateral one
    at the picture's, as the authors' program has it: the bilateral one alone hardly weighs at
    coarse resolutions. Its edges are measured alike in both directions. The line search looks at
    the objective itself and both regularisers are weakened where it fails, see
    `mask_descent.descend`. Nesterov's acceleration is a setting and off: joined to the line search
    it changes deletion and insertion by less than the seed does and asks 6 % more; steps of one
    length, as the authors have with it, lost a quarter of the product of both (ADR 13). Of each
    path every second point is asked about, see `mask_descent.along_path`.
    """

    name = "igospp"
    version = "2"
    hides_by_blur = True

    def __init__(
        self,
        network: Network,
        evaluator: Evaluator | None = None,
        settings: DescentSettings | None = None,
    ) -> None:
        super().__init__(network, evaluator)
        self.settings = settings or DEFAULTS

    @classmethod
    def of_resolution(
        cls, network: Network, evaluator: Evaluator | None, cells: int | None
    ) -> Self:
        """Return the method with masks of `cells` x `cells`, one of `RESOLUTIONS`."""
        return cls(network, evaluator, DEFAULTS if cells is None else settings_at(cells))

    def parameters(self) -> dict[str, Any]:
        """Return the settings and the baseline."""
        return {
            **asdict(self.settings),
            "bilateral": _BILATERAL,
            "baseline": "blur 51/50 at 224",
            "score": "probability",
        }

    def search(self, case: Case) -> Search:
        """Return the map (resolution, resolution), and both masks as arrays."""
        return self.search_score(case, Probability(case.target))

    def search_score(self, case: Case, score: Score) -> Search:
        """Find what the network needs for a score that is 1 or less, such as an x-feature's."""
        preprocessing = self.network.preprocessing
        picture = MaskedPicture(case.image, score)
        edges = edge_weights(preprocessing.normalise(case.image[None])[0])
        both = DeletionAndInsertion(
            picture, self.settings, preprocessing.std, case.generator, edges
        )
        cells = self.settings.resolution
        masks = yield from descend(both, torch.ones(2, cells, cells), self.settings)
        found = {"deletion_mask": masks[0], "insertion_mask": masks[1]}
        heat = scaled(1 - masks[0] * masks[1])
        return Finding(heat, tensors=found, distinct=picture.distinct)


class DeletionAndInsertion:
    """The objective of iGOS++ over two masks (2, h, w): for deletion (x) and insertion (y).

    Parameters
    ----------
    picture, settings, spread, generator
        As of `igos.Deletion`.
    edges
        Of the picture, from `edge_weights`.
    """

    def __init__(
        self,
        picture: MaskedPicture,
        settings: DescentSettings,
        spread: tuple[float, float, float],
        generator: torch.Generator,
        edges: tuple[Tensor, Tensor],
    ) -> None:
        self.picture, self.settings = picture, settings
        self._spread, self._generator, self._edges = spread, generator, edges

    def scores(self, masks: Tensor) -> Asking:
        """Ask for f(x) - f(1 - y) + f(xy) - f(1 - xy), (N), of candidates (N, 2, h, w)."""
        x, y = masks[:, :1], masks[:, 1:]
        asked = torch.cat([x, 1 - y, x * y, 1 - x * y])
        deleted, inserted, both, rest = (yield from self.picture.scores(asked)).chunk(4)
        return deleted - inserted + both - rest

    def slope(self, masks: Tensor) -> Asking:
        """Ask for the integrated gradients of the four terms, (2, h, w), halved as by the authors.

        The product's gradient flows to both masks.
        """
        x, y = masks
        of_x = yield from self._integrated(x, _kept)
        of_y = yield from self._integrated(y, _inserted)
        of_product = yield from self._integrated(x * y, _kept)
        of_product = of_product + (yield from self._integrated(x * y, _inserted))
        return torch.stack([of_x + of_product * y, of_y + of_product * x]) / 2

    def regulariser(self, masks: Tensor) -> Tensor:
        """Return lambda1 mean|1 - xy| + lambda2 BTV(xy) for each candidate, (N)."""
        product = masks[:, 0] * masks[:, 1]
        sparsity = self.settings.sparsity * (1 - product).abs().mean((1, 2))
        size = self.picture.image.shape[-1]
        fine = bilateral_variation(upsampled(product[:, None], size)[:, 0], self._edges)
        return sparsity + self.settings.smoothness * (total_variation(product) + fine) / 2

    def _integrated(self, mask: Tensor, shown: Callable[[Tensor], Tensor]) -> Asking:
        """Ask for the mean slope along the path of one mask, (h, w).

        Where f(1 - M) is subtracted, its slope by M is the slope by what is shown.
        """
        masks = path(mask, self.settings)
        shape = (len(masks), *self.picture.image.shape)
        noise = path_noise(shape, self._spread, self.settings.noise, self._generator)
        slopes = yield from self.picture.slopes(shown(masks), noise)
        return along_path(slopes, self.settings)


def edge_weights(image: Tensor) -> tuple[Tensor, Tensor]:
    """Return exp(-(step of the picture)^2 / sigma) down (H-1, W) and across (H, W-1).

    Parameters
    ----------
    image
        (3, H, W), normalised; squared steps are averaged over the colours.
    """
    down, across = (image.diff(dim=axis).square().mean(0) for axis in (1, 2))
    return (-down / _BILATERAL).exp(), (-across / _BILATERAL).exp()


def bilateral_variation(masks: Tensor, edges: tuple[Tensor, Tensor]) -> Tensor:
    """Return the mean squared step of masks (N, H, W) where the picture has no edge, (N)."""
    down = (edges[0] * masks.diff(dim=-2).square()).mean((-2, -1))
    return down + (edges[1] * masks.diff(dim=-1).square()).mean((-2, -1))


def _kept(masks: Tensor) -> Tensor:
    return masks


def _inserted(masks: Tensor) -> Tensor:
    return 1 - masks
