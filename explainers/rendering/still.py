"""One heatmap for a page or a slide: the picture, its heat, its contours, and a legend."""

import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw
from torch import Tensor

from explainers.rendering.contours import contour_layer
from explainers.rendering.layer import COLOUR_MAP, heat_layer, overlay

TILE = 400
GAP = 12
_LEGEND = 40
_BAR = (240, 12)


def heat_still(picture: Image.Image, heat: Tensor) -> Image.Image:
    """Return picture, overlay and contours side by side over a legend.

    Parameters
    ----------
    picture
        What was explained.
    heat
        (h, w) in [0, 1].
    """
    shown = tile_of(picture)
    layers = [make(heat, shown.size) for make in (heat_layer, contour_layer)]
    tiles = [shown, *(overlay(shown, layer) for layer in layers)]
    width = len(tiles) * shown.width + (len(tiles) + 1) * GAP
    still = Image.new("RGB", (width, shown.height + 2 * GAP + _LEGEND), "white")
    for column, tile in enumerate(tiles):
        still.paste(tile, (GAP + column * (shown.width + GAP), GAP))
    legend = heat_legend()
    still.paste(legend, (still.width - legend.width - GAP, shown.height + 2 * GAP))
    return still


def tile_of(picture: Image.Image) -> Image.Image:
    """Return a picture with its longer side at `TILE` pixels."""
    scale = TILE / max(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    return picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def heat_legend() -> Image.Image:
    """Return the colours of a heatmap from unimportant to important, named."""
    width, height = _BAR
    legend = Image.new("RGB", (width, height + 18), "white")
    ramp = np.linspace(0, 1, width)
    # On white, as a layer covers a picture: what is unimportant is not coloured.
    colours = mpl.colormaps[COLOUR_MAP](0.25 + 0.75 * ramp)[:, :3]
    strength = ramp[:, None] ** 0.8
    row = (255 * (strength * colours + (1 - strength))).round().astype(np.uint8)
    legend.paste(Image.fromarray(np.repeat(row[None], height, axis=0)), (0, 0))
    pen = ImageDraw.Draw(legend)
    pen.rectangle((0, 0, width - 1, height - 1), outline="#808080")
    pen.text((0, height + 3), "less important", "black", font_size=12)
    pen.text((width, height + 3), "more important", "black", font_size=12, anchor="ra")
    return legend
