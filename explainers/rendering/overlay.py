"""Layers over pictures, to look at, with a legend and a description in words."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from explainers.perturbation import Grid
from explainers.rendering.layer import colour_at, enlarged

_LEGEND_HEIGHT = 22
_INK, _PAPER = (40, 40, 40), (255, 255, 255)
_DESCRIBED_SIDE = 90
_HOT = 0.5


def overlay(picture: Image.Image, layer: Image.Image) -> Image.Image:
    """Return the picture with a layer on it, RGB, as large as the picture."""
    fitted = layer if layer.size == picture.size else layer.resize(picture.size)
    return Image.alpha_composite(picture.convert("RGBA"), fitted).convert("RGB")


def legend(width: int) -> Image.Image:
    """Return a strip that explains the colours: less important, more important."""
    strip = Image.new("RGB", (width, _LEGEND_HEIGHT), _PAPER)
    pen, font = ImageDraw.Draw(strip), ImageFont.load_default(size=11)
    less, more = "less important", "more important"
    left = pen.textlength(less, font=font) + 8
    right = width - pen.textlength(more, font=font) - 8
    for x in range(round(left), round(right)):
        pen.line([(x, 6), (x, 16)], fill=colour_at((x - left) / max(right - left, 1)))
    pen.text((4, 4), less, fill=_INK, font=font)
    pen.text((right + 4, 4), more, fill=_INK, font=font)
    return strip


def with_legend(picture: Image.Image) -> Image.Image:
    """Return the picture with a legend strip under it."""
    strip = legend(picture.width)
    whole = Image.new("RGB", (picture.width, picture.height + strip.height), _PAPER)
    whole.paste(picture, (0, 0))
    whole.paste(strip, (0, picture.height))
    return whole


def describe(heat: Tensor, grid: Grid) -> str:
    """Return alternative text for a layer: where the heat is, never which species it means."""
    shares = enlarged(heat, (_DESCRIBED_SIDE, _DESCRIBED_SIDE), grid)
    hot = shares >= _HOT
    if not hot.any():
        return "Heat map: no part of the picture stands out."
    row, column = np.argwhere(hot).mean(axis=0) / _DESCRIBED_SIDE
    return (
        f"Heat map: the most important part is {_place(row, column)} and covers about "
        f"{max(1, round(float(hot.mean()) * 100))} % of the picture."
    )


def _place(row: float, column: float) -> str:
    vertical = ("at the top", "half-way up", "at the bottom")[min(int(row * 3), 2)]
    horizontal = ("on the left", "in the middle", "on the right")[min(int(column * 3), 2)]
    if (vertical, horizontal) == ("half-way up", "in the middle"):
        return "in the centre"
    return f"{vertical} {horizontal}"
