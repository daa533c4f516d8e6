"""Hooks that never outlive the block that needs them."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn


@contextmanager
def captured_output(module: nn.Module, name: str) -> Iterator[list[Tensor]]:
    """Collect the outputs of one layer while the block runs.

    Parameters
    ----------
    module
        The network.
    name
        Dotted name of the layer.

    Yields
    ------
    list of Tensor
        One entry for each forward pass, still part of the graph.
    """
    outputs: list[Tensor] = []
    layer = module.get_submodule(name)
    handle = layer.register_forward_hook(lambda _, __, output: outputs.append(output))
    try:
        yield outputs
    finally:
        handle.remove()
