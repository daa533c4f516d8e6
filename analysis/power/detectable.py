"""The smallest effect that a design finds, read off its simulated curve.

For a two-sided test whose estimate is about normal, the power at a difference d is

    P(d) = Phi(k d - z) + Phi(-k d - z),

with 1/k the standard error and z the critical value. Both are fitted to the simulated studies of
all effects of one design by maximum likelihood, the null among them, and the curve is solved for
the wanted power. The interval follows from the observed information by the delta method. Nothing is
read off beyond the effects that were simulated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.optimize import brentq, minimize

from analysis.glmm.coding import Floats

_STEP = 1e-4


@dataclass(frozen=True)
class Detectable:
    """The smallest difference found with the wanted power, or why there is none."""

    difference: float | None
    low: float | None
    high: float | None
    note: str = ""


def smallest_detectable(
    differences: Sequence[float],
    significant: Sequence[int],
    studies: Sequence[int],
    *,
    wanted: float,
) -> Detectable:
    """Return the smallest difference found with the wanted power.

    Parameters
    ----------
    differences
        True differences of one design, of one sign or zero.
    significant, studies
        How many of how many studies at each were significant.
    wanted
        Such as 0.8.
    """
    size = np.abs(np.asarray(differences, dtype=np.float64))
    hits = np.asarray(significant, dtype=np.float64)
    tried = np.asarray(studies, dtype=np.float64)
    if not (size > 0).any():
        return Detectable(None, None, None, "no arm of it has the effect")
    largest = float(size.max())
    highest = float((hits / tried)[size == largest][0])
    if highest < wanted:
        return Detectable(None, None, None, f"above {largest:.3g}, the largest simulated")
    smallest = float(size[size > 0].min())
    if float((hits / tried)[size == smallest][0]) > 0.999:
        return Detectable(None, None, None, f"below {smallest:.3g}, the smallest simulated")
    curve = _Curve(size, hits, tried, wanted)
    if curve.power_without_difference() >= wanted:
        return Detectable(None, None, None, "found as often without any difference")
    difference = curve.solved(curve.fitted)
    reach = float(stats.norm.ppf(0.975)) * curve.standard_error()
    if not np.isfinite(reach):
        return Detectable(None, None, None, "unknown, for too few studies")
    return Detectable(difference, max(0.0, difference - reach), difference + reach)


def power_curve(parameters: Floats, differences: Floats) -> Floats:
    """Return the power at some differences.

    Parameters
    ----------
    parameters
        Logarithm of k, then z.
    """
    scaled = np.exp(parameters[0]) * np.abs(differences)
    found: Floats = stats.norm.cdf(scaled - parameters[1]) + stats.norm.cdf(-scaled - parameters[1])
    return found


class _Curve:
    """The power curve of one design, fitted by maximum likelihood."""

    def __init__(self, size: Floats, hits: Floats, tried: Floats, wanted: float) -> None:
        self.size, self.hits, self.tried, self.wanted = size, hits, tried, wanted
        start = np.array([np.log(2.8 / np.median(size[size > 0])), 1.96])
        found = minimize(self._surprise, start, method="Nelder-Mead")
        self.fitted: Floats = np.asarray(found.x, dtype=np.float64)

    def power_without_difference(self) -> float:
        """Return how often something is found where there is nothing."""
        return float(power_curve(self.fitted, np.zeros(1))[0])

    def solved(self, parameters: Floats) -> float:
        """Return the difference with the wanted power, twice the largest simulated at most."""

        def excess(difference: float) -> float:
            return float(power_curve(parameters, np.array([difference]))[0]) - self.wanted

        farthest = 2.0 * float(self.size.max())
        return float(brentq(excess, 0.0, farthest)) if excess(farthest) > 0 else farthest

    def standard_error(self) -> float:
        """Return that of the solution, by differences of the likelihood; NaN where it is flat."""
        steps = np.eye(2) * _STEP
        information = [[self._bend(one, other) for other in steps] for one in steps]
        slope = np.array(
            [self.solved(self.fitted + step) - self.solved(self.fitted - step) for step in steps]
        ) / (2 * _STEP)
        variance = float(slope @ np.linalg.pinv(np.array(information)) @ slope)
        return float(np.sqrt(variance)) if variance > 0 else float("nan")

    def _bend(self, one: Floats, other: Floats) -> float:
        """Return a second derivative of minus the log likelihood."""
        corners = [
            sign * other_sign * self._surprise(self.fitted + sign * one + other_sign * other)
            for sign in (1, -1)
            for other_sign in (1, -1)
        ]
        return sum(corners) / (4 * _STEP**2)

    def _surprise(self, parameters: Floats) -> float:
        """Return minus the log likelihood."""
        power = np.clip(power_curve(parameters, self.size), 1e-9, 1 - 1e-9)
        return -float(self.hits @ np.log(power) + (self.tried - self.hits) @ np.log1p(-power))
