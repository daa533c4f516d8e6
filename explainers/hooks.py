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


@contextmanager
def captured_input(module: nn.Module, name: str) -> Iterator[list[Tensor]]:
    """Collect what one layer is given while the block runs, as `captured_output` does."""
    inputs: list[Tensor] = []
    layer = module.get_submodule(name)
    handle = layer.register_forward_pre_hook(lambda _, given: inputs.append(given[0]))
    try:
        yield inputs
    finally:
        handle.remove()
