"""Makes torchvision importable beside a CPU-only torch.

torchvision 0.28.0 is published as a CUDA build only. Beside a CPU build of torch its compiled
operators can't be loaded, and the import stops at `operator torchvision::nms does not exist`.
Classifiers need none of these operators; declaring their two schemas is enough.
"""

import functools
import importlib
import importlib.util
from pathlib import Path
from types import ModuleType

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


@functools.cache
def torchvision_models() -> ModuleType:
    """Return `torchvision.models`, with the missing schemas declared where they are missing."""
    if not operators_load():
        _declare()
    return importlib.import_module("torchvision.models")


def operators_load() -> bool:
    """Tell whether torchvision's compiled operators fit the installed torch."""
    spec = importlib.util.find_spec("torchvision")
    folders = spec.submodule_search_locations if spec else None
    for library in Path(next(iter(folders))).glob("_C.*") if folders else ():
        try:
            torch.ops.load_library(str(library))
        except OSError:
            continue
        return True
    return False


@functools.cache
def _declare() -> torch.library.Library:
    # The cache keeps the library alive: torch forgets its schemas when it is collected.
    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in _SCHEMAS:
        library.define(schema)
    return library
