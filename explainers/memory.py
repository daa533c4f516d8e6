"""How many pictures fit into a pass."""

import torch
from torch import Tensor, nn

from explainers.errors import ExplainersError

DEFAULT_MEMORY = 2 << 30
# Passes of a multiple of this many pictures give each picture the same digits.
GRAIN = 4
# Larger batches fall out of a processor's cache and are slower.
_LARGEST = {"cpu": 8, "cuda": 64}
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def parse_memory(text: str) -> int:
    """Return the bytes that `2G` or `800M` stands for.

    Raises
    ------
    ExplainersError
        When the text is no amount.
    """
    number, unit = text[:-1], text[-1:].upper()
    try:
        amount = float(number) * _UNITS[unit]
    except (KeyError, ValueError) as error:
        raise ExplainersError(f"{text!r} is no amount of memory: write 2G or 800M.") from error
    if amount <= 0:
        raise ExplainersError(f"{text!r} is no amount of memory: it must be above 0.")
    return int(amount)


def fitting_batch(module: nn.Module, size: int, memory: int, device: torch.device) -> int:
    """Return how many pictures a pass with gradients may hold, a multiple of `GRAIN`.

    Parameters
    ----------
    module
        In float32 on `device`.
    size
        Width and height of its pictures.
    memory
        Bytes. Half of it is left to what stands around a pass.
    device
        Where it runs.

    Raises
    ------
    ExplainersError
        When not even the smallest pass fits.
    """
    needed = kept_bytes(module, size, device)
    fitting = int(memory / 2 // (needed * GRAIN)) * GRAIN
    if fitting < GRAIN:
        least = -(-2 * GRAIN * needed // (1 << 20))
        raise ExplainersError(f"This network needs --memory {least}M at least.")
    return min(fitting, _LARGEST[device.type])


def kept_bytes(module: nn.Module, size: int, device: torch.device) -> int:
    """Return the bytes a forward pass keeps for its gradients, for one picture."""
    weights = {parameter.untyped_storage().data_ptr() for parameter in module.parameters()}
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        # What a step of the pass made would hold that step, and be held by it: the pass, and all
        # weights with it, would never be freed.
        return tensor.detach()

    picture = torch.zeros(1, 3, size, size, device=device, requires_grad=True)
    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(note, lambda kept: kept):
        module(picture)
    return max(1, sum(kept.values()))
