"""Concepts beside their picture: where each is seen, and how much of the evidence it carries."""

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
from PIL import Image, ImageDraw
from torch import Tensor

from explainers.rendering.layer import COLOUR_MAP, heat_layer, overlay
from explainers.rendering.still import GAP, heat_legend, tile_of

_CAPTION = 52
_BAR = 14
_TRACK = "#e4e4e4"
_LEGEND = 40
_FONT = 18


@dataclass(frozen=True)
class Concept:
    """One significant x-feature of a picture.

    Attributes
    ----------
    key
        Names it within the explanation, such as `x2`.
    name
        What people read.
    share
        Of the evidence for the species, in [0, 1].
    heat
        Where it is seen, (h, w) in [0, 1].
    place
        The same in words.
    """

    key: str
    name: str
    share: float
    heat: Tensor
    place: str

    @property
    def alt(self) -> str:
        """Return what its layer shows, in words."""
        return f"{self.name}, {percent(self.share)} of the evidence. {self.place}"


def concept_panel(picture: Image.Image, concepts: Sequence[Concept]) -> Image.Image:
    """Return the picture, then a tile for each concept with its heat and a bar for its share.

    Parameters
    ----------
    picture
        What was explained.
    concepts
        The strongest first; without any, the panel says so.
    """
    shown = tile_of(picture)
    columns, step = len(concepts) + 1, shown.width + GAP
    width = max(columns * step + GAP, 2 * step + GAP)
    height = GAP + shown.height + _CAPTION + _LEGEND
    panel = Image.new("RGB", (width, height), "white")
    panel.paste(shown, (GAP, GAP))
    pen = ImageDraw.Draw(panel)
    below = GAP + shown.height + 8
    if not concepts:
        pen.text((GAP, below), "no concept speaks for the answer", "black", font_size=_FONT)
    for column, concept in enumerate(concepts, start=1):
        left = GAP + column * step
        panel.paste(overlay(shown, heat_layer(concept.heat, shown.size)), (left, GAP))
        _caption(pen, concept, (left, below), shown.width)
    legend = heat_legend()
    panel.paste(legend, (width - legend.width - GAP, height - legend.height - 2))
    return panel


def percent(share: float) -> str:
    """Return a share as people read it."""
    return f"{share:.0%}".replace("%", " %")


def _caption(
    pen: ImageDraw.ImageDraw, concept: Concept, corner: tuple[int, int], width: int
) -> None:
    left, top = corner
    pen.text((left, top), _fitting(pen, concept.name, width - 70), "black", font_size=_FONT)
    pen.text((left + width, top), percent(concept.share), "black", font_size=_FONT, anchor="ra")
    bar = top + _FONT + 8
    red, green, blue, _ = mpl.colormaps[COLOUR_MAP](0.6, bytes=True)
    pen.rectangle((left, bar, left + width - 1, bar + _BAR), fill=_TRACK)
    filled = round(concept.share * (width - 1))
    pen.rectangle((left, bar, left + filled, bar + _BAR), fill=(int(red), int(green), int(blue)))


def _fitting(pen: ImageDraw.ImageDraw, name: str, width: int) -> str:
    """Return as much of a name as fits, with an ellipsis where it was cut."""
    if pen.textlength(name, font_size=_FONT) <= width:
        return name
    kept = name
    while kept and pen.textlength(f"{kept}…", font_size=_FONT) > width:
        kept = kept[:-1]
    return f"{kept}…"
