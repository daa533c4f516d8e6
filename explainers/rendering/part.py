"""One part of an explanation that has several: a node of a graph, a concept."""

from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True)
class Part:
    """A layer over the explained picture.

    Attributes
    ----------
    key
        Names the part within its explanation, such as `n0` or `x1`.
    alt
        What it shows, for those who can't see it; names no species.
    layer
        RGBA, as large as the picture.
    """

    key: str
    alt: str
    layer: Image.Image
