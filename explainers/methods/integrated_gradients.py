"""Integrated gradients (Sundararajan, Taly & Yan 2017, equation 1), by Captum."""

from dataclasses import asdict, dataclass
from typing import Any

from captum.attr import IntegratedGradients as CaptumIntegratedGradients
from torch import Tensor

from explainers.asking import Direct, Finding, Probability, Search
from explainers.base import Case, Explainer, scaled
from explainers.evaluator import Evaluator
from explainers.networks import Network
from explainers.perturbation import blurred
from explainers.settings import Count


@dataclass(frozen=True)
class IntegratedGradientsSettings:
    """How the line is followed.

    Attributes
    ----------
    steps
        Pictures on it.
    """

    steps: Count = 50


class IntegratedGradients(Explainer):
    """Shares the rise in probability from a baseline to the picture out among the pixels.

    (x - x') times the mean of d p / d x on the straight line from x' to x; it sums up to
    p(x) - p(x'). The map is the sum of its absolute values over the colours, so that it does not
    tell evidence for the species from evidence against it.

    The baseline is the strongly blurred picture, where the paper takes a black one: with black, a
    black pixel gets no share whatever it does, and black wing tips tell gulls apart. The line is
    followed at the middles of equal steps.
    """

    name = "integrated_gradients"
    version = "1"
    hides_by_blur = True

    def __init__(
        self,
        network: Network,
        evaluator: Evaluator | None = None,
        settings: IntegratedGradientsSettings | None = None,
    ) -> None:
        super().__init__(network, evaluator)
        self.settings = settings or IntegratedGradientsSettings()

    def parameters(self) -> dict[str, Any]:
        """Return steps, baseline and score."""
        return {**asdict(self.settings), "baseline": "blur 51/50 at 224", "score": "probability"}

    def search(self, case: Case) -> Search:
        """Return the map (H, W) at the picture's size."""
        attributions = yield Direct(lambda evaluator: self._attributions(evaluator, case))
        return Finding(scaled(over_colours(attributions)))

    def _attributions(self, evaluator: Evaluator, case: Case) -> Tensor:
        method = CaptumIntegratedGradients(evaluator.function(Probability(case.target)))
        attributions: Tensor = method.attribute(
            case.image[None],
            blurred(case.image)[None],
            n_steps=self.settings.steps,
            method="riemann_middle",
            internal_batch_size=evaluator.batch,
        )
        return attributions[0].detach()


def over_colours(attributions: Tensor) -> Tensor:
    """Return the sum (H, W) of the absolute attributions (3, H, W) of a pixel's colours."""
    return attributions.abs().sum(0)
