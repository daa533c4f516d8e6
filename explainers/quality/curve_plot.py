"""Mean deletion and insertion curves as a figure."""

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from explainers.quality.folder_curves import OWN, ScoredExplanation

_POINTS = np.linspace(0, 1, 51)
# Okabe and Ito's colours, safe for the colour-blind; styles tell further ones apart.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_STYLES = ("-", "--", ":")
_SIDES = (
    ("deletion", "deletion: lower is better", "share of the picture blurred, hottest first"),
    ("insertion", "insertion: higher is better", "share of the picture shown, hottest first"),
)


def curve_figure(scored: Sequence[ScoredExplanation], at: str = OWN) -> bytes:
    """Return a PNG with the mean curve of each name, deletion left and insertion right.

    Parameters
    ----------
    scored
        All explanations of a folder.
    at
        The resolution that curves were measured at.
    """
    figure = Figure(figsize=(11, 5), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    panels = figure.subplots(1, 2, sharey=True)
    names = list(dict.fromkeys(one.explanation for one in scored))
    for axes, (side, title, shared) in zip(panels, _SIDES, strict=True):
        for number, name in enumerate(names):
            _draw(axes, [o for o in scored if o.explanation == name], at, side, number)
        axes.set(title=title, xlabel=shared, xlim=(0, 1), ylim=(0, 1))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    panels[0].set_ylabel("probability of the explained answer")
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False
    )
    stream = io.BytesIO()
    canvas.print_png(stream)
    return stream.getvalue()


def _draw(axes: Axes, group: Sequence[ScoredExplanation], at: str, side: str, number: int) -> None:
    curves = [one.curves[at] for one in group]
    # Maps of different resolutions have different shares.
    values = [np.interp(_POINTS, one.shares, getattr(one, side)) for one in curves]
    colour = _COLOURS[number % len(_COLOURS)]
    style = _STYLES[number // len(_COLOURS) % len(_STYLES)]
    name = group[0].explanation
    axes.plot(_POINTS, np.mean(values, axis=0), style, color=colour, label=name, linewidth=1.8)
