"""How figures look, and how one is kept: SVG, PNG, and the data it was drawn from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.svg import png_of, svg_of

# Okabe & Ito's palette, without yellow; markers tell the same apart without colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
MARKERS = ("o", "s", "^", "D", "v", "P")
INK, SOFT, RULE = "#1b2427", "#56646a", "#c9d1d4"
# Inches: the text width of an A4 page.
WIDTH = 6.6

_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.edgecolor": "#8a979c",
    "axes.linewidth": 0.7,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": "#8a979c",
    "ytick.color": "#8a979c",
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "grid.color": "#e6ebed",
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "legend.frameon": False,
}


@dataclass(frozen=True)
class Plot:
    """One figure of a report.

    Attributes
    ----------
    name
        Of its files.
    title, caption
        A sentence each: what it shows, and how to read it.
    svg
        Without styles, so that a strict page may hold it.
    png
        At 300 dots an inch; None for what isn't drawn by matplotlib.
    data
        Every number that is drawn.
    """

    name: str
    title: str
    caption: str
    svg: str = field(repr=False)
    png: bytes | None = field(repr=False)
    data: pd.DataFrame = field(repr=False)


@contextmanager
def canvas(height: float, width: float = WIDTH) -> Iterator[tuple[Figure, Axes]]:
    """Give a figure in the report's style; sizes in inches."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height))
        yield figure, figure.subplots()


@contextmanager
def panels(height: float, count: int) -> Iterator[tuple[Figure, list[Axes]]]:
    """Give a figure with so many plots beside each other."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        yield figure, list(figure.subplots(1, count, squeeze=False)[0])


def plot_of(
    figure: Figure, name: str, *, title: str, caption: str, data: pd.DataFrame, alt: str = ""
) -> Plot:
    """Keep a figure as a plot; inside `canvas`.

    Parameters
    ----------
    alt
        What is told to those who can't see it, where that isn't the title.
    """
    return Plot(name, title, caption, svg_of(figure, name, alt or title), png_of(figure), data)


def legend(axes: Axes, count: int) -> None:
    """Tell marks apart in one line above the axes."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.08),
        ncols=min(count, 6),
        handletextpad=0.3,
        borderaxespad=0.2,
    )


def legend_of_panels(figure: Figure, axes: Axes, count: int) -> None:
    """Tell the marks of one plot apart, in a line above all."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=min(count, 6), handletextpad=0.3)
