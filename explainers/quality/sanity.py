"""Sanity by parameter randomisation (Adebayo et al., NeurIPS 2018, section 3).

The network's layers are given random weights from the last one down. An explanation that stays the
same explains something else than what the network has learnt.
"""

import copy
from contextlib import closing
from dataclasses import dataclass, replace

import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from explainers.base import Explainer, Explanation
from explainers.errors import ExplainersError
from explainers.networks import Network

# Shares of the layers that are random, counted from the last; 0 is the last layer alone.
STAGES = (0.0, 0.5, 1.0)


@dataclass(frozen=True)
class Sanity:
    """How like two maps of one picture are.

    Attributes
    ----------
    stage
        Share of the network's layers that were random, one of `STAGES`.
    similarity
        Spearman's rank correlation of the cells, in [-1, 1]; None where the method had nothing to
        show for one of the networks: a constant map, or a refusal.
    """

    stage: float
    similarity: float | None


def randomised(network: Network, stage: float, seed: int) -> Network:
    """Return a copy of a network whose last layers have random weights.

    Parameters
    ----------
    network
        Left as it is.
    stage
        Share of the layers, from the last; at least the last one is random.
    seed
        Of the weights.
    """
    module = copy.deepcopy(network.module)
    layers = [child for child in module.modules() if _holds_weights(child)]
    count = max(1, round(stage * len(layers)))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for layer in reversed(layers[len(layers) - count :]):
            _randomise(layer)
    return replace(network, module=module)


def similarity(one: Tensor, other: Tensor) -> float | None:
    """Return Spearman's rank correlation of two maps (h, w); None where one is constant."""
    if one.min() == one.max() or other.min() == other.max():
        return None
    return float(spearmanr(one.flatten().numpy(), other.flatten().numpy()).statistic)


def maps_of(explainer: Explainer, images: Tensor, targets: Tensor) -> dict[int, Tensor]:
    """Return the maps (h, w) of pictures that a method serves, by position.

    Parameters
    ----------
    explainer
        Of one network.
    images, targets
        (B, 3, H, W) in [0, 1], and positions of the explained species (B).

    Raises
    ------
    Exception
        What stopped a picture, unless the method refuses it.
    """
    served = {}
    with closing(explainer.explain_each(images, targets)) as outcomes:
        for number, outcome in outcomes:
            if isinstance(outcome, Explanation):
                served[number] = outcome.map
            elif not isinstance(outcome, ExplainersError):
                raise outcome
    return served


def _holds_weights(module: nn.Module) -> bool:
    return any(True for _ in module.parameters(recurse=False))


def _randomise(layer: nn.Module) -> None:
    """Initialise anew where the layer knows how, else shuffle what it holds."""
    if hasattr(layer, "reset_parameters"):
        layer.reset_parameters()  # type: ignore[operator]
        return
    with torch.no_grad():
        for held in layer.parameters(recurse=False):
            held.copy_(held.flatten()[torch.randperm(held.numel())].view_as(held))
