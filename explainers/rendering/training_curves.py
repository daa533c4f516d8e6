"""How the losses of a fit went down, epoch by epoch."""

from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image


def training_curves(
    names: Sequence[str], rounds: Sequence[Sequence[tuple[float, ...]]]
) -> Image.Image:
    """Return a panel for each loss; a line divides rounds, which begin anew.

    Parameters
    ----------
    names
        Of the losses.
    rounds
        For each round, the losses of each epoch.
    """
    figure = Figure(figsize=(4 * len(names), 3), dpi=100, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    for loss, (name, axes) in enumerate(
        zip(names, figure.subplots(1, len(names), squeeze=False)[0], strict=True)
    ):
        first = 1
        for number, history in enumerate(rounds, start=1):
            epochs = range(first, first + len(history))
            axes.plot(epochs, [epoch[loss] for epoch in history], color="#3b0f70")
            first += len(history)
            if number < len(rounds):
                axes.axvline(first - 0.5, color="#808080", linewidth=0.8, linestyle="--")
        axes.set(title=name, xlabel="epoch", yscale="log")
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba()).copy(), "RGBA").convert("RGB")
