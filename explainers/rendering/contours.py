"""A map as lines around its hot parts, which leave the picture's own colours alone."""

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from PIL import Image
from torch import Tensor

from explainers.rendering.layer import COLOUR_MAP, brightened, enlarged

# Of the value that heat layers give the full colour; the hottest line is the boldest.
LEVELS = (0.25, 0.5, 0.75)
_WIDTHS = (1.0, 1.75, 2.5)
_DOTS_PER_INCH = 100
# Lines are as wide on a picture of this many pixels as matplotlib says, and grow with it.
_USUAL_SIDE = 400


def contour_layer(heat: Tensor, size: tuple[int, int]) -> Image.Image:
    """Return an RGBA layer of a picture's size with lines at a quarter, half, three quarters.

    Parameters
    ----------
    heat
        (h, w) in [0, 1].
    size
        Width and height in pixels.
    """
    values = brightened(enlarged(heat, size))
    inches = (size[0] / _DOTS_PER_INCH, size[1] / _DOTS_PER_INCH)
    figure = Figure(figsize=inches, dpi=_DOTS_PER_INCH)
    figure.patch.set_alpha(0)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(-0.5, size[0] - 0.5), ylim=(size[1] - 0.5, -0.5))
    scale = min(size) / _USUAL_SIDE
    levels = [level for level in LEVELS if values.min() < level < values.max()]
    if levels:
        lines = axes.contour(
            values,
            levels=levels,
            colors=[mpl.colormaps[COLOUR_MAP](0.25 + 0.75 * level) for level in levels],
            linewidths=[scale * _WIDTHS[LEVELS.index(level)] for level in levels],
        )
        lines.set_path_effects([withStroke(linewidth=4 * scale, foreground="#000000a0")])
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba()).copy(), "RGBA")
