"""Image sets by name: real photographs and drawn gulls behind one interface."""

from explainers.imagesets.opening import KINDS, open_image_set

__all__ = ["KINDS", "open_image_set"]
