"""Sanity by parameter randomisation (Adebayo et al., NeurIPS 2018, section 3).

The network's layers are given random weights from the last one down. An explanation that stays the
same explains something else than what the network has learnt.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from explainers.base import Explainer
from explainers.networks import Network

# Shares of the layers that are random, counted from the last; 0 is the last layer alone.
STAGES = (0.0, 0.5, 1.0)


@dataclass(frozen=True)
class Sanity:
    """How like two maps of one picture are.

    Attributes
    ----------
    picture
        Its position.
    stage
        Share of the network's layers that were random, one of `STAGES`.
    similarity
        Spearman's rank correlation of the cells, in [-1, 1]; 0 where a map is constant.
    """

    picture: int
    stage: float
    similarity: float


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


def similarity(one: Tensor, other: Tensor) -> float:
    """Return Spearman's rank correlation of two maps (h, w)."""
    if one.min() == one.max() or other.min() == other.max():
        return 0.0
    return float(spearmanr(one.flatten().numpy(), other.flatten().numpy()).statistic)


def check_sanity(
    explainer: Explainer,
    random: dict[float, Explainer],
    images: Tensor,
    targets: Tensor,
    seed: int = 0,
) -> Iterator[Sanity]:
    """Compare a method's maps of a network with those of its randomised copies.

    Parameters
    ----------
    explainer
        Of the network.
    random
        The same method of each copy, by stage.
    images, targets
        (B, 3, H, W) in [0, 1], and positions of the explained species (B).
    seed
        Of the method's own randomness, the same for all.
    """
    before = explainer.attribute(images, targets, seed=seed)[:, 0]
    for stage, other in random.items():
        after = other.attribute(images, targets, seed=seed)[:, 0]
        for picture, (one, two) in enumerate(zip(before, after, strict=True)):
            yield Sanity(picture, stage, similarity(one, two))


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
