"""I-GOS: integrated-gradient optimised saliency (Qi, Khorram & Li 2020, arXiv 1905.00954)."""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from explainers.base import Explainer, scaled
from explainers.evaluator import Evaluator
from explainers.networks import Network
from explainers.perturbation import blurred, composed, upsampled


@dataclass(frozen=True)
class IgosParameters:
    """Defaults of the paper at 28x28; the step sizes are those of its released program.

    Attributes
    ----------
    resolution
        Cells of the mask in each direction.
    path_steps
        Points on the integrated path (S).
    iterations
        At most.
    sparsity, smoothness
        Weights of mean |1 - M| and of total variation (lambda 1 and 2).
    noise
        Standard deviation on the path, in normalised units.
    largest_step, smallest_step, decay, armijo
        Of the line search.
    relief, least_weight
        What a failed line search multiplies both regularisers by, and where that ends.
    """

    resolution: int = 28
    path_steps: int = 20
    iterations: int = 15
    sparsity: float = 1.0
    smoothness: float = 20.0
    noise: float = 0.2
    largest_step: float = 200.0
    smallest_step: float = 1e-5
    decay: float = 0.2
    armijo: float = 1e-4
    relief: float = 0.2
    least_weight: float = 1e-3


class Igos(Explainer):
    """Finds the smallest smooth region whose hiding makes the network lose its answer.

    It minimises p(Phi(I, M)) + lambda1 mean|1 - M| + lambda2 TV(M) over masks M in [0, 1], going
    down the integrated gradient instead of the gradient. The map is 1 - M.

    One difference from the paper: when no step lowers the objective enough, both regularisers are
    weakened by `relief` and the search goes on, down to `least_weight`. Where a network is very
    sure, the first steps cost more regularity than probability they win, and the mask would never
    move. The released program has the same remedy for lambda1 alone, at two fixed iterations.
    """

    name = "igos"
    version = "1"

    def __init__(self, network: Network, settings: IgosParameters | None = None) -> None:
        super().__init__(network)
        self.settings = settings or IgosParameters()

    def parameters(self) -> dict[str, Any]:
        """Return the settings and the baseline."""
        return {**asdict(self.settings), "baseline": "blur 51/50 at 224", "score": "probability"}

    def compute(
        self, evaluator: Evaluator, image: Tensor, target: int, generator: torch.Generator
    ) -> Tensor:
        """Return the map (resolution, resolution)."""
        problem = _Problem(evaluator, image, blurred(image), target, self.settings, generator)
        cells = self.settings.resolution
        mask = torch.ones(1, 1, cells, cells, device=image.device)
        point = _Point(mask, problem.probabilities(mask))
        for _ in range(self.settings.iterations):
            point = problem.descend(point)
        return scaled(1 - point.mask[0, 0])


@dataclass(frozen=True)
class _Point:
    """A mask (1, 1, h, w) and the probability (1) it leaves."""

    mask: Tensor
    probability: Tensor


@dataclass
class _Problem:
    """One picture's objective and its descent."""

    evaluator: Evaluator
    image: Tensor
    baseline: Tensor
    target: int
    settings: IgosParameters
    generator: torch.Generator
    weight: float = 1.0

    def descend(self, point: _Point) -> _Point:
        """Return the next point; the same one when no step lowers the objective at any weight."""
        slope = self.integrated_gradient(point.mask)
        while self.weight >= self.settings.least_weight:
            following = self._line_search(point, slope + self.regulariser_gradient(point.mask))
            if following is not None:
                return following
            self.weight *= self.settings.relief
        return point

    def _line_search(self, point: _Point, direction: Tensor) -> _Point | None:
        """Return the longest step that lowers p + regulariser enough (clean pictures, no noise)."""
        steps = self._steps()
        candidates = (point.mask - steps[:, None, None, None] * direction).clamp(0, 1)
        now = float(point.probability + self.regulariser(point.mask))
        enough = now - steps * self.settings.armijo * float(direction.square().sum())
        for first in range(0, len(steps), self.evaluator.batch):
            part = slice(first, first + self.evaluator.batch)
            probabilities = self.probabilities(candidates[part])
            objective = probabilities + self.regulariser(candidates[part])
            passed = (objective <= enough[part]).nonzero()
            if len(passed):
                chosen = int(passed[0])
                return _Point(candidates[part][chosen][None], probabilities[chosen][None])
        return None

    def probabilities(self, masks: Tensor) -> Tensor:
        """Return the species' probability (N) under masks (N, 1, h, w): clean, no noise."""
        shown = composed(self.image, self.baseline, upsampled(masks, self.image.shape[-1]))
        return self.evaluator.probabilities(shown)[:, self.target]

    def regulariser(self, masks: Tensor) -> Tensor:
        """Return lambda1 mean|1 - M| + lambda2 TV(M) for each mask, (N)."""
        sparsity = (1 - masks).abs().mean((1, 2, 3))
        down = masks.diff(dim=2).square().mean((1, 2, 3))
        across = masks.diff(dim=3).square().mean((1, 2, 3))
        total = self.settings.sparsity * sparsity + self.settings.smoothness * (down + across)
        return self.weight * total

    def integrated_gradient(self, mask: Tensor) -> Tensor:
        """Return (1/S) sum_s of dp/dM at the mask s/S M, noise added, shaped like the mask."""
        steps = self.settings.path_steps
        share = torch.arange(1, steps + 1, device=mask.device).view(-1, 1, 1, 1) / steps
        with torch.enable_grad():
            masks = (share * mask).requires_grad_()
            path = composed(self.image, self.baseline, upsampled(masks, self.image.shape[-1]))
            slope = self.evaluator.probability_gradient(path.detach() + self._noise(), self.target)
            (integrated,) = torch.autograd.grad(path, masks, slope)
        return integrated.mean(0, keepdim=True)

    def regulariser_gradient(self, mask: Tensor) -> Tensor:
        """Return the regulariser's gradient, shaped like the mask."""
        with torch.enable_grad():
            asked = mask.detach().clone().requires_grad_()
            (plain,) = torch.autograd.grad(self.regulariser(asked).sum(), asked)
        return plain.detach()

    def _noise(self) -> Tensor:
        shape = (self.settings.path_steps, *self.image.shape)
        drawn = torch.randn(shape, generator=self.generator).to(self.image.device)
        spread = torch.tensor(self.evaluator.network.preprocessing.std, device=self.image.device)
        return drawn * self.settings.noise * spread[:, None, None]

    def _steps(self) -> Tensor:
        steps = [self.settings.largest_step]
        while steps[-1] * self.settings.decay >= self.settings.smallest_step:
            steps.append(steps[-1] * self.settings.decay)
        return torch.tensor(steps, device=self.image.device)
