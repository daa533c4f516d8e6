"""Networks by name: our own `gullnet` and every classifier of torchvision."""

from difflib import get_close_matches

import torch
from torch import nn

from explainers.errors import ExplainersError
from explainers.networks import gullnet
from explainers.networks.network import Preprocessing
from explainers.networks.padding import use_tensorflow_padding
from explainers.torchvision_schemas import torchvision_models

OWN = "gullnet"
_WITH_AUXILIARY_HEADS = ("googlenet", "inception_v3")
_SIZES = {OWN: gullnet.SIZE, "inception_v3": 299}


def architectures() -> list[str]:
    """Return every name that `build_module` knows."""
    models = torchvision_models()
    # Models of sub-packages (detection, video, ...) don't classify single pictures.
    return [OWN, *models.list_models(module=models)]


def default_preprocessing(architecture: str) -> Preprocessing:
    """Return the preprocessing an architecture has unless told otherwise."""
    if architecture == OWN:
        return Preprocessing(size=gullnet.SIZE, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    return Preprocessing(size=_SIZES.get(architecture, 224))


def build_module(architecture: str, classes: int, *, tensorflow_padding: bool = False) -> nn.Module:
    """Return a freshly initialised network in evaluation mode.

    Parameters
    ----------
    architecture
        `gullnet` or a torchvision classifier such as `resnet18`.
    classes
        Number of outputs.
    tensorflow_padding
        Pad convolutions of stride 2 as TensorFlow does.

    Raises
    ------
    ExplainersError
        When the name is unknown; near names are suggested.
    """
    module = _build(architecture, classes)
    return (use_tensorflow_padding(module) if tensorflow_padding else module).eval()


def _build(architecture: str, classes: int) -> nn.Module:
    if architecture == OWN:
        return gullnet.GullNet(num_classes=classes)
    known = architectures()
    if architecture not in known:
        near = get_close_matches(architecture, known, n=3) or [OWN, "resnet18", "mobilenet_v2"]
        raise ExplainersError(
            f"There is no network named {architecture!r}. Near it: {', '.join(near)}. "
            "Any torchvision classifier is known by its name."
        )
    extra = {"aux_logits": False, "init_weights": True}
    options = extra if architecture in _WITH_AUXILIARY_HEADS else {}
    module: nn.Module = torchvision_models().get_model(
        architecture, weights=None, num_classes=classes, **options
    )
    return module


def head_name(module: nn.Module, classes: int) -> str:
    """Return the dotted name of the layer that gives the logits.

    Raises
    ------
    ExplainersError
        When no linear or convolutional layer has that many outputs.
    """
    names = [name for name, child in module.named_modules() if _outputs(child) == classes]
    if not names:
        raise ExplainersError(f"No layer of this network has {classes} outputs: it has no head.")
    return str(names[-1])


def replace_head(module: nn.Module, head: str, classes: int) -> None:
    """Put a fresh layer of `classes` outputs in the place of the head."""
    old = module.get_submodule(head)
    module.set_submodule(head, _like(old, classes))


def _outputs(module: nn.Module) -> int | None:
    if isinstance(module, nn.Linear):
        return module.out_features
    return module.out_channels if isinstance(module, nn.Conv2d) else None


def _like(old: nn.Module, classes: int) -> nn.Module:
    if isinstance(old, nn.Linear):
        return nn.Linear(old.in_features, classes, bias=old.bias is not None)
    if isinstance(old, nn.Conv2d):
        fresh = nn.Conv2d(old.in_channels, classes, 1)
        torch.nn.init.normal_(fresh.weight, std=0.01)
        return fresh
    raise ExplainersError(f"A head of type {type(old).__name__} can't be replaced.")
