"""A heatmap as a transparent layer over its picture."""

import io

import matplotlib as mpl
import numpy as np
from PIL import Image
from torch import Tensor

# Perceptually uniform and safe for the colour-blind.
COLOUR_MAP = "inferno"
_STRONGEST = 0.85


def heat_layer(heat: Tensor, size: tuple[int, int]) -> Image.Image:
    """Return an RGBA layer of a picture's size; the more important, the more it covers.

    Parameters
    ----------
    heat
        (h, w) in [0, 1].
    size
        Width and height in pixels.
    """
    small = Image.fromarray(heat.numpy().astype(np.float32))
    values = np.asarray(small.resize(size, Image.Resampling.BICUBIC)).clip(0, 1)
    colours = mpl.colormaps[COLOUR_MAP](0.25 + 0.75 * values)
    colours[..., 3] = _STRONGEST * values**0.8
    return Image.fromarray((colours * 255).round().astype(np.uint8), "RGBA")


def overlay(picture: Image.Image, layer: Image.Image) -> Image.Image:
    """Return the picture under its layer, as participants see it."""
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def webp(image: Image.Image) -> bytes:
    """Return a picture as lossless WebP without any metadata."""
    stream = io.BytesIO()
    image.save(stream, "WEBP", lossless=True, method=4, exact=True)
    return stream.getvalue()
