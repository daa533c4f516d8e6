"""Alternative text: where a map is hot, in words that name no species."""

import numpy as np
from torch import Tensor

_ROWS = ("top", "middle", "bottom")
_COLUMNS = ("left", "centre", "right")
# A map is hot where it reaches this share of its maximum.
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
        Such as "A heatmap: hottest at the top left; hot over 12 % of the picture."
    """
    values = heat.double().numpy()
    if not values.max() > 0:
        return "A heatmap without any heat."
    hot = values >= HOT * values.max()
    weights = np.where(hot, values, 0)
    rows, columns = np.indices(values.shape)
    down = (weights * (rows + 0.5)).sum() / weights.sum() / values.shape[0]
    across = (weights * (columns + 0.5)).sum() / weights.sum() / values.shape[1]
    row, column = _ROWS[min(2, int(3 * down))], _COLUMNS[min(2, int(3 * across))]
    place = "in the centre" if (row, column) == ("middle", "centre") else f"at the {row} {column}"
    return f"A heatmap: hottest {place}; hot over {_percent(hot.mean())} of the picture."


def _percent(share: float) -> str:
    return "less than 1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")
