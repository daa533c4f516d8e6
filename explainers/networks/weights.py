"""State dicts from files: no pickled code is run, and no key is left out in silence."""

import pickle
import re
from collections.abc import Mapping
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from explainers.errors import ExplainersError

State = Mapping[str, Tensor]
_SHOWN_KEYS = 4


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read a state dict from a `.safetensors` file or a `.pth` file of tensors only.

    Raises
    ------
    ExplainersError
        When the file is missing, damaged, or holds something else than tensors by name.
    """
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(path)
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise ExplainersError(f"{path} is not a file, so no weights can be read.") from error
    except (pickle.UnpicklingError, SafetensorError, RuntimeError, EOFError) as error:
        raise ExplainersError(
            f"{path} can't be read as weights; it is damaged or is more than a state dict. "
            f"Save it with torch.save(network.state_dict(), path). ({_reason(error)})"
        ) from error
    return _state_of(loaded, path)


def load_strictly(module: nn.Module, state: State, origin: str, architecture: str) -> None:
    """Load a state dict whose every key must fit.

    Parameters
    ----------
    module, state
        What is loaded into, and what.
    origin, architecture
        Where the state comes from, and what the user calls the module, for the message.

    Raises
    ------
    ExplainersError
        Naming the first missing, unexpected and wrongly shaped keys, and how many there are.
    """
    differences = describe_differences(module.state_dict(), state)
    if differences:
        raise ExplainersError(f"{origin} doesn't fit {architecture}: {'; '.join(differences)}.")
    module.load_state_dict(dict(state), strict=True)


def describe_differences(wanted: State, given: State) -> list[str]:
    """Return one clause for each kind of difference between two state dicts."""
    misshapen = [
        f"{key} {_shape(given[key])} for {_shape(wanted[key])}"
        for key in wanted
        if key in given and wanted[key].shape != given[key].shape
    ]
    kinds = {
        "missing": [key for key in wanted if key not in given],
        "unexpected": [key for key in given if key not in wanted],
        "wrong shape": misshapen,
    }
    return [f"{len(keys)} {kind} ({_first_few(keys)})" for kind, keys in kinds.items() if keys]


def _state_of(loaded: object, path: Path) -> dict[str, Tensor]:
    # Training scripts often save {"state_dict": …, "optimizer": …}.
    if isinstance(loaded, Mapping) and isinstance(loaded.get("state_dict"), Mapping):
        loaded = loaded["state_dict"]
    if not isinstance(loaded, Mapping) or not loaded:
        raise ExplainersError(f"{path} holds no state dict but a {type(loaded).__name__}.")
    strange = [str(key) for key, value in loaded.items() if not isinstance(value, Tensor)]
    if strange:
        raise ExplainersError(f"{path} holds no state dict: {_first_few(strange)} are not tensors.")
    return {str(key).removeprefix("module."): value for key, value in loaded.items()}


def _shape(tensor: Tensor) -> str:
    return "x".join(str(length) for length in tensor.shape) or "scalar"


def _first_few(keys: list[str]) -> str:
    more = ", …" if len(keys) > _SHOWN_KEYS else ""
    return ", ".join(keys[:_SHOWN_KEYS]) + more


def _reason(error: BaseException) -> str:
    """What PyTorch found, without its advice to run whatever code the file holds."""
    text = str(error).strip()
    if not isinstance(error, pickle.UnpicklingError):
        return text.splitlines()[0][:200] if text else type(error).__name__
    found = re.search(r"GLOBAL (\S+)", text)
    return f"It holds {found[1]}." if found else "It is not a file of tensors alone."
