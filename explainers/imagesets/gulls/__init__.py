"""Drawn gulls: eight species with true field marks, and the truth about every pixel (CC0)."""

from explainers.imagesets.gulls.drawing import Drawing
from explainers.imagesets.gulls.imageset import DrawnGulls
from explainers.imagesets.gulls.marks import (
    MARK_PARTS,
    PARTS,
    Marks,
    telling_marks,
    telling_parts,
)

__all__ = [
    "MARK_PARTS",
    "PARTS",
    "Drawing",
    "DrawnGulls",
    "Marks",
    "telling_marks",
    "telling_parts",
]
