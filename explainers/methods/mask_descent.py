"""Going down an objective over masks with the integrated gradient and a line search.

Shared by I-GOS and iGOS++ (Qi, Khorram & Li 2020, section 3; Khorram, Lawson & Li 2021).
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from explainers.asking import Ask, Told
from explainers.errors import ExplainersError
from explainers.masking import Asking
from explainers.settings import Count, Part, Positive, Weight

RESOLUTIONS = (7, 14, 28, 56, 112, 224)
# Candidates of the line search that are tried in one question.
_TRIED_AT_ONCE = 4


@dataclass(frozen=True)
class DescentSettings:
    """How masks are optimised.

    Attributes
    ----------
    resolution
        Cells of a mask in each direction, one of `RESOLUTIONS`.
    path_steps
        Points on the integrated path (S).
    path_stride
        Every how many-th point is asked about; it divides S. The slopes between are interpolated.
    iterations
        At most.
    sparsity, smoothness
        Weights of mean |1 - M| and of the variation (lambda 1 and 2).
    noise
        Standard deviation on the path, in normalised units.
    largest_step, smallest_step, decay, armijo
        Of the line search.
    relief, least_weight
        What a failed line search multiplies the regulariser by, and where that ends.
    nesterov
        Whether a search begins beyond the last step's end where that is lower still.
    """

    resolution: int = 28
    path_steps: Count = 20
    path_stride: Count = 2
    iterations: Count = 15
    sparsity: Weight = 1.0
    smoothness: Weight = 20.0
    noise: Weight = 0.2
    largest_step: Positive = 200.0
    smallest_step: Positive = 1e-5
    decay: Part = 0.2
    armijo: Weight = 1e-4
    relief: Part = 0.2
    least_weight: Positive = 1e-3
    nesterov: bool = False

    def __post_init__(self) -> None:
        if self.resolution not in RESOLUTIONS:
            told = ", ".join(str(cells) for cells in RESOLUTIONS)
            raise ExplainersError(f"A mask of {self.resolution} cells is not offered: use {told}.")
        if self.path_steps % self.path_stride:
            told = f"path_stride {self.path_stride} does not divide path_steps {self.path_steps}"
            raise ExplainersError(f"{told}.")

    def steps(self) -> Tensor:
        """Return the lengths that the line search tries, longest first."""
        steps = [self.largest_step]
        while steps[-1] * self.decay >= self.smallest_step:
            steps.append(steps[-1] * self.decay)
        return torch.tensor(steps)


class Objective(Protocol):
    """What is minimised over K masks (K, h, w) of one picture, in two parts."""

    def scores(self, masks: Tensor) -> Asking:
        """Ask for the network's part (N) of N candidates (N, K, h, w), without noise."""

    def slope(self, masks: Tensor) -> Asking:
        """Ask for the integrated gradient (K, h, w) of the network's part at masks (K, h, w)."""

    def regulariser(self, masks: Tensor) -> Tensor:
        """Return what keeps N candidates (N, K, h, w) small and smooth, (N)."""


def descend(
    objective: Objective, masks: Tensor, settings: DescentSettings
) -> Generator[Ask, Told, Tensor]:
    """Go down from masks (K, h, w) and return where it ends.

    The line search looks at the objective itself, as in the I-GOS paper, and not at its integral
    as the released programs of iGOS++ do: the integral costs S times as much and is noisy. After
    the first step it begins one length above the last one that was taken, not at the longest.

    With `nesterov`, the k-th step ends at m_k and the next one begins at the point
    m_k + k / (k + 3) (m_k - m_k-1), inside [0, 1], unless the objective is higher there than at
    m_k: then it begins at m_k, and k at 1. The released programs of iGOS++ take the point always,
    and steps of one length instead of the line search.
    """
    lengths, first, weight, moved = settings.steps(), 0, 1.0, 0
    point, score = masks, (yield from objective.scores(masks[None]))[0]
    for _ in range(settings.iterations):
        slope = yield from objective.slope(point)
        taken = None
        while taken is None and weight >= settings.least_weight:
            search = _LineSearch(objective, point, float(score), slope, weight, settings)
            taken = yield from search.longest(lengths[first:])
            # Where a network is very sure, the first steps cost more regularity than they win.
            weight *= settings.relief if taken is None else 1.0
        if taken is None:
            break
        last, (masks, score, chosen) = masks, taken
        first, point, moved = max(0, first + chosen - 1), masks, moved + 1
        if settings.nesterov:
            beyond = (masks + moved / (moved + 3) * (masks - last)).clamp(0, 1)
            there = (yield from objective.scores(beyond[None]))[0]
            here, further = objective.regulariser(torch.stack([masks, beyond]))
            if there + weight * further <= score + weight * here:
                point, score = beyond, there
            else:
                moved = 0
    return masks


@dataclass(frozen=True)
class _LineSearch:
    """Armijo's rule along one direction."""

    objective: Objective
    masks: Tensor
    score: float
    slope: Tensor
    weight: float
    settings: DescentSettings

    def longest(self, lengths: Tensor) -> Generator[Ask, Told, tuple[Tensor, Tensor, int] | None]:
        """Return masks, score and position of the longest step that lowers the objective enough."""
        direction = self.slope + self.weight * _gradient(self.objective, self.masks)
        value = self.score + self.weight * float(self.objective.regulariser(self.masks[None])[0])
        steepness = self.settings.armijo * float(direction.square().sum())
        for first in range(0, len(lengths), _TRIED_AT_ONCE):
            tried = lengths[first : first + _TRIED_AT_ONCE]
            candidates = (self.masks - tried[:, None, None, None] * direction).clamp(0, 1)
            scores = yield from self.objective.scores(candidates)
            values = scores + self.weight * self.objective.regulariser(candidates)
            passed = (values <= value - tried * steepness).nonzero()
            if len(passed):
                chosen = int(passed[0])
                return candidates[chosen], scores[chosen], first + chosen
        return None


def _gradient(objective: Objective, masks: Tensor) -> Tensor:
    with torch.enable_grad():
        asked = masks.detach().clone().requires_grad_()
        (gradient,) = torch.autograd.grad(objective.regulariser(asked[None]).sum(), asked)
    return gradient


def path(mask: Tensor, settings: DescentSettings) -> Tensor:
    """Return s/S M for every `path_stride`-th s of 1 ... S, (N, 1, h, w), of a mask (h, w)."""
    stride, steps = settings.path_stride, settings.path_steps
    shares = torch.arange(stride, steps + 1, stride).view(-1, 1, 1, 1) / steps
    return shares * mask


def along_path(slopes: Tensor, settings: DescentSettings) -> Tensor:
    """Return the mean over s = 1 ... S, (h, w), of slopes (N, 1, h, w) at the points of `path`.

    Between two points slopes are interpolated, and where nothing is left of the mask they are
    taken for 0. What holds of a quadratic score for all S points so holds for fewer.
    """
    stride, steps = settings.path_stride, settings.path_steps
    last = slopes[-1, 0] * (stride + 1) / 2
    between: Tensor = (slopes[:-1, 0].sum(0) * stride + last) / steps
    return between


def path_noise(
    shape: tuple[int, ...], spread: tuple[float, ...], strength: float, generator: torch.Generator
) -> Tensor:
    """Return noise (S, 3, H, W) whose deviation is `strength` in normalised units."""
    return torch.randn(shape, generator=generator) * strength * torch.tensor(spread)[:, None, None]


def total_variation(masks: Tensor) -> Tensor:
    """Return the mean squared step of masks (N, h, w), down plus across, (N)."""
    down = masks.diff(dim=-2).square().mean((-2, -1))
    return down + masks.diff(dim=-1).square().mean((-2, -1))
