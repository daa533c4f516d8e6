"""Finding the layer that Grad-CAM looks at."""

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from explainers.errors import ExplainersError

_MAP_DIMENSIONS = 4
_NOT_FEATURES = (
    nn.MaxPool2d,
    nn.AvgPool2d,
    nn.AdaptiveAvgPool2d,
    nn.AdaptiveMaxPool2d,
    nn.Dropout,
    nn.Identity,
)


class _Trace:
    """Remembers which module made which feature map, in the order they finished."""

    def __init__(self) -> None:
        self.maps: list[tuple[str, Tensor]] = []
        self.pooled: list[Tensor] = []

    def hook(self, name: str, module: nn.Module) -> RemovableHandle:
        def remember(_module: nn.Module, _inputs: object, output: object) -> None:
            if isinstance(output, Tensor) and output.dim() == _MAP_DIMENSIONS:
                if isinstance(module, _NOT_FEATURES):
                    self.pooled.append(output)
                self.maps.append((name, output))

        return module.register_forward_hook(remember)

    def last_feature_map(self) -> str | None:
        names = [name for name, _ in self.maps]
        candidates = [
            name
            for name, output in self.maps
            if min(output.shape[-2:]) > 1
            and names.count(name) == 1  # a module used twice has no one map
            and not any(output is pooled for pooled in self.pooled)
        ]
        return candidates[-1] if candidates else None


def find_feature_layer(module: nn.Module, size: int) -> str:
    """Return the dotted name of the last module that gives a map wider than one cell.

    Pooling layers are passed over, and so is a block that ends in one: their maps are coarser
    than the features they pool.

    Parameters
    ----------
    module
        A classifier of pictures.
    size
        Width and height of its pictures, in pixels.

    Raises
    ------
    ExplainersError
        When the network has no such layer.
    """
    trace = _Trace()
    handles = [trace.hook(name, child) for name, child in module.named_modules() if name]
    was_training = module.training
    parameter = next(module.parameters())
    try:
        module.eval()
        with torch.no_grad():
            module(torch.zeros(1, 3, size, size, device=parameter.device, dtype=parameter.dtype))
    finally:
        module.train(was_training)
        for handle in handles:
            handle.remove()
    name = trace.last_feature_map()
    if name is None:
        raise ExplainersError(
            "This network has no convolutional feature layer, so Grad-CAM can't be computed."
        )
    return name
