"""Alternative text: where a map is hot, in words that name no species."""

import numpy as np
from torch import Tensor

from explainers.rendering.layer import brightened

_ROWS = ("top", "middle", "bottom")
_COLUMNS = ("left", "centre", "right")
# A map is hot where it reaches this share of the value that gets the full colour.
HOT = 0.5


def describe_heat(heat: Tensor) -> str:
    """Return one sentence on where a map is hot.

    Parameters
    ----------
    heat
        (h, w) in [0, 1].

    Returns
    -------
    str
        Such as "Most important at the top left; important over 12 % of the picture."
    """
    values = heat.double().numpy()
    if not values.max() > 0:
        return "Nothing is marked as important."
    hot = brightened(values) >= HOT
    # The hottest cell, not the middle of all hot ones: between two of them it may be cold.
    hottest = np.unravel_index(int(values.argmax()), values.shape)
    down, across = (
        (place + 0.5) / cells for place, cells in zip(hottest, values.shape, strict=True)
    )
    row, column = _ROWS[int(3 * down)], _COLUMNS[int(3 * across)]
    place = "in the centre" if (row, column) == ("middle", "centre") else f"at the {row} {column}"
    return f"Most important {place}; important over {_percent(hot.mean())} of the picture."


def _percent(share: float) -> str:
    return "less than 1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")
