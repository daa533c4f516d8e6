"""The pictures in which an x-feature is strong, for people who give it a name."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw
from torch import Tensor

from explainers.rendering.layer import heat_layer, overlay

_TILE = 200
_GAP = 6
_BETWEEN = 24
_TITLE = 34
_CAPTION = 40


@dataclass(frozen=True)
class StrongPicture:
    """A picture, what is written over it, and where the x-feature is seen (h, w), if known."""

    picture: Image.Image
    caption: str
    heat: Tensor | None


def strong_pictures(
    title: str, own: Sequence[StrongPicture], others: Sequence[StrongPicture]
) -> Image.Image:
    """Return a row of pictures, and below each one its heat where there is any.

    Parameters
    ----------
    title
        What is written over them.
    own, others
        Pictures of the species, and of other species.
    """
    groups = [(name, shown) for name, shown in (("its species", own), ("others", others)) if shown]
    rows = 2 if any(one.heat is not None for _, shown in groups for one in shown) else 1
    columns = max(4, len(own) + len(others))
    height = _TITLE + (_CAPTION + rows * (_TILE + _GAP) if groups else 0)
    sheet = Image.new("RGB", (columns * (_TILE + _GAP) + _BETWEEN + _GAP, height), "white")
    pen = ImageDraw.Draw(sheet)
    told = title if groups else f"{title}; speaks for it in no picture"
    pen.text((_GAP, 6), told, "black", font_size=20)
    left = _GAP
    for name, shown in groups:
        pen.text((left, _TITLE), name, "black", font_size=14)
        for one in shown:
            _paste(sheet, one, left)
            left += _TILE + _GAP
        left += _BETWEEN
    return sheet


def _paste(sheet: Image.Image, one: StrongPicture, left: int) -> None:
    top = _TITLE + _CAPTION
    ImageDraw.Draw(sheet).text((left, top - 18), one.caption, "black", font_size=12)
    tile = one.picture.convert("RGB").resize((_TILE, _TILE), Image.Resampling.LANCZOS)
    sheet.paste(tile, (left, top))
    if one.heat is not None:
        heated = overlay(tile, heat_layer(one.heat, tile.size))
        sheet.paste(heated, (left, top + _TILE + _GAP))
