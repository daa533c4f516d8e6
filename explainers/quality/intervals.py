"""Means over pictures with their uncertainty."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Mean:
    """A mean over pictures.

    Attributes
    ----------
    mean
        NaN when there are no pictures.
    low, high
        Ends of its 95 % interval, from Student's t over pictures; NaN for fewer than two.
    count
        Pictures.
    """

    mean: float
    low: float
    high: float
    count: int


def mean_of(values: Sequence[float]) -> Mean:
    """Return the mean of one value a picture."""
    count = len(values)
    if count < 2:
        return Mean(values[0] if values else np.nan, np.nan, np.nan, count)
    mean = float(np.mean(values))
    # scipy.stats has both, and takes longer to load than many a command to run.
    error = np.std(values, ddof=1) / np.sqrt(count)
    half = float(stdtrit(count - 1, (1 + CONFIDENCE) / 2) * error)
    return Mean(mean, mean - half, mean + half, count)
