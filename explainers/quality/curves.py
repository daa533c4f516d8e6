"""Deletion and insertion (Petsiuk et al., BMVC 2018), with the strong blur of I-GOS.

Cells of the map are taken from hottest to coldest. Deletion blurs them one after the other: the
sooner the probability falls, the smaller the area under its curve. Insertion starts from the
blurred picture and brings them back: the larger the area, the better. Coarse maps win at
insertion because whole chunks arrive at once, so compare maps of one resolution only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

import torch
from torch import Tensor

from explainers.evaluator import Evaluator
from explainers.perturbation import blurred, composed, upsampled

DEFAULT_POINTS = 51


@dataclass(frozen=True)
class Curves:
    """Probabilities while cells are taken away or brought back.

    Attributes
    ----------
    shares
        Of the cells changed, from 0 to 1.
    deletion, insertion
        Probability of the species at each share.
    """

    shares: tuple[float, ...]
    deletion: tuple[float, ...]
    insertion: tuple[float, ...]

    @property
    def deletion_area(self) -> float:
        """Area under the deletion curve, in [0, 1]; small is good."""
        return area_under(self.shares, self.deletion)

    @property
    def insertion_area(self) -> float:
        """Area under the insertion curve, in [0, 1]; large is good."""
        return area_under(self.shares, self.insertion)

    @property
    def both(self) -> float:
        """Insertion times what deletion leaves to be lost, in [0, 1]; large is good.

        A map can win at one of them by being small or being large; not at their product.
        """
        return self.insertion_area * (1 - self.deletion_area)

    def facts(self) -> dict[str, list[float]]:
        """Return the curves, ready for JSON."""
        return {
            name: [round(value, 6) for value in values] for name, values in asdict(self).items()
        }

    @classmethod
    def of(cls, facts: Mapping[str, Sequence[float]]) -> "Curves":
        """Return what `facts` gave."""
        return cls(**{field.name: tuple(facts[field.name]) for field in fields(cls)})


def measure_curves(
    evaluator: Evaluator,
    image: Tensor,
    heat: Tensor,
    target: int,
    *,
    points: int = DEFAULT_POINTS,
) -> Curves:
    """Return both curves of one map.

    Parameters
    ----------
    evaluator
        Owns the network.
    image
        (3, H, W) in [0, 1].
    heat
        (h, w); cells are changed at this resolution and the mask is then enlarged. Equally hot
        cells follow each other in reading order.
    target
        Position of the species.
    points
        Evaluations a curve, both end points included; fewer when the map has fewer cells.
    """
    counts = cell_counts(heat.numel(), points)
    baseline = blurred(image)
    changed = upsampled(hottest_cells(heat, counts), image.shape[-1])
    pictures = torch.cat(
        [composed(image, baseline, 1 - changed), composed(image, baseline, changed)]
    )
    values = evaluator.probabilities(pictures)[:, target].tolist()
    return Curves(
        shares=tuple(count / heat.numel() for count in counts),
        deletion=tuple(values[: len(counts)]),
        insertion=tuple(values[len(counts) :]),
    )


def cell_counts(cells: int, points: int) -> list[int]:
    """Return how many cells are changed at each point: evenly spread from none to all."""
    steps = min(points - 1, cells)
    return [round(step * cells / steps) for step in range(steps + 1)]


def hottest_cells(heat: Tensor, counts: list[int]) -> Tensor:
    """Return masks (N, 1, h, w) that are 1 on the hottest cells, one mask a count."""
    order = torch.argsort(heat.flatten(), descending=True, stable=True)
    ranks = torch.empty_like(order)
    ranks[order] = torch.arange(len(order))
    masks = ranks[None] < torch.tensor(counts)[:, None]
    return masks.to(torch.float32).view(len(counts), 1, *heat.shape)


def area_under(shares: tuple[float, ...], values: tuple[float, ...]) -> float:
    """Return the area under a piecewise linear curve (trapezoids, both ends included)."""
    return sum(
        (right - left) * (low + high) / 2
        for left, right, low, high in zip(shares, shares[1:], values, values[1:], strict=False)
    )
