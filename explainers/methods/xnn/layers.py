"""Which features of a network x-features are made from: what one of its linear layers is given."""

from functools import partial

import torch
from torch import Tensor, nn

from explainers.errors import ExplainersError
from explainers.networks import Network


def encoded_layer(network: Network, wanted: str | None = None) -> str:
    """Return the dotted name of the linear layer whose input is encoded.

    By default the second linear layer of a classifier with several (VGG: it is given the rectified
    first fully connected layer), else the only one (ResNet, MobileNet: it is given the last
    feature maps, averaged).

    Parameters
    ----------
    network
        A classifier.
    wanted
        A layer to take instead.

    Raises
    ------
    ExplainersError
        When the network has no such layer.
    """
    found = _linear_layers(network)
    if not found:
        raise ExplainersError(
            "x-features are made from what a linear layer is given, and this network has none."
        )
    if wanted is not None and wanted not in found:
        raise ExplainersError(
            f"--layer {wanted}: x-features are made from what a linear layer is given. This "
            f"network has {', '.join(found)}."
        )
    return wanted or found[1 if len(found) > 1 else 0]


def _linear_layers(network: Network) -> list[str]:
    """Names of the linear layers that are given (N, D), in the order they are run."""
    module, ran = network.module, []

    def note(name: str, _layer: nn.Module, given: tuple[Tensor, ...]) -> None:
        if given[0].dim() == 2:
            ran.append(name)

    handles = [
        child.register_forward_pre_hook(partial(note, name))
        for name, child in module.named_modules()
        if isinstance(child, nn.Linear)
    ]
    was_training, parameter = module.training, next(module.parameters())
    size = network.preprocessing.size
    try:
        with torch.no_grad():
            module.eval()(torch.zeros(1, 3, size, size).to(parameter))
    finally:
        module.train(was_training)
        for handle in handles:
            handle.remove()
    return ran
