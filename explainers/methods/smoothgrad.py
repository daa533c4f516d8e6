"""SmoothGrad (Smilkov et al. 2017, section 2.1), by Captum."""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from captum.attr import NoiseTunnel, Saliency
from torch import Tensor

from explainers.asking import Direct, Finding, Output, Search
from explainers.base import Case, Explainer, scaled
from explainers.evaluator import Evaluator
from explainers.methods.integrated_gradients import over_colours
from explainers.networks import Network
from explainers.settings import Count, Positive


@dataclass(frozen=True)
class SmoothGradSettings:
    """How copies of the picture are made.

    Attributes
    ----------
    copies
        Noisy pictures (n).
    noise
        sigma / (max x - min x).
    """

    copies: Count = 50
    noise: Positive = 0.15


class SmoothGrad(Explainer):
    """The mean gradient of the logit over noisy copies of the picture.

    (1/n) sum of d S / d x at x + N(0, sigma^2), with sigma a share of the picture's range of
    values. The map is the sum of its absolute values over the colours.

    Sample size and noise are those the paper recommends (50, and 10 to 20 % of the range).
    """

    name = "smoothgrad"
    version = "1"

    def __init__(
        self,
        network: Network,
        evaluator: Evaluator | None = None,
        settings: SmoothGradSettings | None = None,
    ) -> None:
        super().__init__(network, evaluator)
        self.settings = settings or SmoothGradSettings()

    def parameters(self) -> dict[str, Any]:
        """Return copies, noise and score."""
        return {**asdict(self.settings), "score": "logit"}

    def search(self, case: Case) -> Search:
        """Return the map (H, W) at the picture's size."""
        gradient = yield Direct(lambda evaluator: self._mean_gradient(evaluator, case))
        return Finding(scaled(over_colours(gradient)))

    def _mean_gradient(self, evaluator: Evaluator, case: Case) -> Tensor:
        saliency = NoiseTunnel(Saliency(evaluator.function(Output(case.target))))
        with torch.random.fork_rng(devices=[]):  # Captum draws from torch's own generator
            torch.manual_seed(case.generator.initial_seed())
            mean: Tensor = saliency.attribute(
                case.image[None],
                nt_samples=self.settings.copies,
                nt_samples_batch_size=evaluator.batch,
                stdevs=float(self.settings.noise * (case.image.max() - case.image.min())),
                abs=False,
            )
        return mean[0].detach()
