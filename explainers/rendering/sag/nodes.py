"""A node: the picture with the patches of a set at full brightness and the others dark."""

from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw

# A tenth of the picture shines through.
_DARKNESS = round(0.9 * 255)
# Safe for the colour-blind, and bright on the dark.
_OUTLINE = (255, 176, 0, 255)
# An outline's width is this part of a picture's side.
_OUTLINE_PART = 70

Box = tuple[int, int, int, int]


def node_layer(
    patches: Sequence[int], cells: int, size: tuple[int, int], gone: int | None = None
) -> Image.Image:
    """Return an RGBA layer of a picture's size that leaves only some patches bright.

    Parameters
    ----------
    patches
        What stays bright: row * cells + column.
    cells
        Patches in each direction.
    size
        Width and height in pixels.
    gone
        A patch to be outlined: the one that was taken away.
    """
    layer = Image.new("RGBA", size, (0, 0, 0, _DARKNESS))
    pen = ImageDraw.Draw(layer)
    for patch in patches:
        pen.rectangle(patch_box(patch, cells, size), fill=(0, 0, 0, 0))
    if gone is not None:
        width = max(1, round(min(size) / _OUTLINE_PART))
        pen.rectangle(patch_box(gone, cells, size), outline=_OUTLINE, width=width)
    return layer


def patch_box(patch: int, cells: int, size: tuple[int, int]) -> Box:
    """Return left, top, right and bottom of a patch, the last pixels included."""
    row, column = divmod(patch, cells)
    left, right = (round(edge * size[0] / cells) for edge in (column, column + 1))
    top, bottom = (round(edge * size[1] / cells) for edge in (row, row + 1))
    return left, top, right - 1, bottom - 1


def gone_from(graph: dict[str, Any], node: str) -> int | None:
    """Return the patch that was taken away to reach a node, or None where there are several."""
    patches = [edge["patch"] for edge in graph["edges"] if edge["child"] == node]
    return patches[0] if len(patches) == 1 else None
