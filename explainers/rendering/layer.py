"""A heatmap as a transparent layer over its picture."""

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

# Perceptually uniform and safe for the colour-blind.
COLOUR_MAP = "inferno"
# Draws a map as an RGBA layer of a size.
DrawLayer = Callable[[Tensor, tuple[int, int]], Image.Image]
_STRONGEST = 0.85
# So much of a picture has the full colour. Were it the hottest pixel alone, maps of gradients would
# show nothing: there few pixels are far hotter than all others.
_HOTTEST = 0.005


def heat_layer(heat: Tensor, size: tuple[int, int]) -> Image.Image:
    """Return an RGBA layer of a picture's size; the more important, the more it covers.

    The hottest half percent of the picture has the full colour.

    Parameters
    ----------
    heat
        (h, w) in [0, 1].
    size
        Width and height in pixels.
    """
    values = brightened(enlarged(heat, size))
    colours = mpl.colormaps[COLOUR_MAP](0.25 + 0.75 * values)
    colours[..., 3] = _STRONGEST * values**0.8
    return Image.fromarray((colours * 255).round().astype(np.uint8), "RGBA")


def enlarged(heat: Tensor, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return a map at a picture's size: bicubic, cut off at 0 and 1.

    Parameters
    ----------
    heat
        (h, w) in [0, 1].
    size
        Width and height in pixels.

    Returns
    -------
    ndarray
        (height, width), float32 in [0, 1].
    """
    small = Image.fromarray(heat.numpy().astype(np.float32))
    values: NDArray[np.float32] = np.asarray(small.resize(size, Image.Resampling.BICUBIC))
    return values.clip(0, 1)


def brightened(values: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Return a map as participants see it: the value that gets the full colour is 1, and so is
    what is hotter.

    Parameters
    ----------
    values
        At least 0. Where less than half a percent is above 0, the map stays as it is.
    """
    full = np.quantile(values, 1 - _HOTTEST)
    return (values / full).clip(0, 1) if full > 0 else values


def overlay(picture: Image.Image, layer: Image.Image) -> Image.Image:
    """Return the picture under its layer, as participants see it."""
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def webp(image: Image.Image) -> bytes:
    """Return a picture as lossless WebP without any metadata."""
    stream = io.BytesIO()
    image.save(stream, "WEBP", lossless=True, method=4, exact=True)
    return stream.getvalue()


def png(image: Image.Image) -> bytes:
    """Return a picture as PNG: written three times as fast as usual, and a tenth larger."""
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=3)
    return stream.getvalue()
