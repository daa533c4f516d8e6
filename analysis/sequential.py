"""Group-sequential looks: how strict each look at growing data must be, so that all keep alpha.

A look compares the standardised statistic Z of the data so far with a boundary. How much of alpha
the looks may use up is a spending function of the share of information (Lan & DeMets 1983), so that
neither their number nor their times must be known beforehand. The boundary that spends so much
follows from the joint distribution of the statistics, a Brownian motion in information, by the
recursion of Armitage, McPherson & Rowe (1969) with numerical integration (Jennison & Turnbull 2000,
Group Sequential Methods with Applications to Clinical Trials, chapters 7, 8 and 19).
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.optimize import brentq

Floats = npt.NDArray[np.float64]
Spending = Literal["obrien_fleming", "pocock"]

# Beyond so many standard deviations there is nothing to integrate (1e-23).
_FAR = 10.0
# Gauss-Legendre nodes of a panel, and its width in standard deviations of a step: the integrand
# is a product of normal densities of that scale, for which this is exact to about 1e-13.
_NODES = 16
_PANEL = 3.0
SMALLEST_STEP = 1e-3


def alpha_spent(fraction: float, alpha: float, spending: Spending, *, sides: int = 2) -> float:
    """Return how much of alpha may have been used up at a share of the information.

    Parameters
    ----------
    fraction
        Share of the planned information, 0 to 1.
    alpha
        Overall level, 0 to 1, both sides together.
    spending
        `obrien_fleming` spends little early, 2 - 2 Phi(z / sqrt(t)); `pocock` evenly,
        alpha ln(1 + (e - 1) t). Both of Lan & DeMets (1983).
    sides
        2 or 1. A two-sided test spends alpha / 2 on each side.

    Returns
    -------
    float
        From 0 to alpha.

    Raises
    ------
    ValueError
        When the fraction is not in (0, 1].

    Examples
    --------
    >>> round(alpha_spent(0.5, 0.05, "obrien_fleming"), 6)
    0.003051
    """
    if not 0 < fraction <= 1:
        raise ValueError(f"an information fraction lies between 0 and 1, not at {fraction}")
    return _SPENDING[spending](fraction, alpha / sides) * sides


def boundaries(
    information: Sequence[float], cumulative_alpha: Sequence[float], *, sides: int = 2
) -> Floats:
    """Return the value of Z that ends the study at each look.

    Parameters
    ----------
    information
        At each look, rising, on any scale: participants, or shares of the planned number.
    cumulative_alpha
        Spent up to each look, rising, both sides together; see `alpha_spent`.
    sides
        2 compares the absolute value of Z, 1 compares Z.

    Returns
    -------
    ndarray, shape (looks,)
        Infinite where a look may spend nothing.

    Raises
    ------
    ValueError
        When information or alpha doesn't rise, or looks are closer than a thousandth of the whole.

    Examples
    --------
    >>> boundaries([0.5, 1], [0.003050645515978, 0.05]).round(4)
    array([2.9626, 1.9686])
    """
    levels = np.asarray(cumulative_alpha, float)
    increments = np.diff(levels, prepend=0.0)
    if len(levels) != len(information) or (increments < 0).any() or (levels >= 1).any():
        raise ValueError("alpha spent must rise from look to look and stay below 1")
    bounds: list[float] = []
    for walk, increment in zip(_walks(information, bounds, sides), increments, strict=True):
        bounds.append(walk.bound(float(increment)))
    return np.asarray(bounds)


def stagewise_p(
    information: Sequence[float], bounds: Sequence[float], z: float, *, sides: int = 2
) -> float:
    """Return the p value of a study that ended at its last look with this Z.

    Outcomes at earlier looks count as more extreme, and at the same look larger ones (Fairbanks &
    Madsen 1982; Tsiatis, Rosner & Mehta 1984). It is below alpha exactly where the boundary was
    crossed, whichever look that was.

    Parameters
    ----------
    information
        At each look up to the one that ended the study.
    bounds
        Of the looks before that one.
    z
        The statistic at the end.
    """
    known = [float(bound) for bound in bounds]
    if len(known) != len(information) - 1:
        raise ValueError("bounds are needed of every look but the last")
    p = 0.0
    for look, walk in enumerate(_walks(information, known, sides)):
        p += walk.beyond(known[look] if look < len(known) else (abs(z) if sides == 2 else z))
    return p


def nominal_level(bound: float, *, sides: int = 2) -> float:
    """Return the ordinary p value that a boundary corresponds to."""
    return float(sides * stats.norm.sf(bound))


def repeated_interval(
    estimate: float, se: float, level: float, df: float = math.inf
) -> tuple[float, float]:
    """Return a confidence interval that holds at all looks together (Jennison & Turnbull 1989).

    Parameters
    ----------
    estimate, se
        At this look.
    level
        Two-sided `nominal_level` of this look's boundary.
    df
        Degrees of freedom of the estimate; infinite for a normal reference.
    """
    reach = float(stats.t.isf(level / 2, df)) * se
    return estimate - reach, estimate + reach


def _obrien_fleming(fraction: float, alpha: float) -> float:
    return float(2 * stats.norm.sf(stats.norm.isf(alpha / 2) / math.sqrt(fraction)))


def _pocock(fraction: float, alpha: float) -> float:
    return alpha * math.log1p((math.e - 1) * fraction)


_SPENDING: Mapping[Spending, Callable[[float, float], float]] = {
    "obrien_fleming": _obrien_fleming,
    "pocock": _pocock,
}


@dataclass(frozen=True)
class _Walk:
    """The score S = Z sqrt(information) one step before a look, in studies that went on until then.

    Attributes
    ----------
    scores, mass
        Values of S at the look before (nodes of the integration), and their probabilities.
    step
        Standard deviation that S gains until the look.
    root
        Root of the look's information.
    """

    scores: Floats
    mass: Floats
    step: float
    root: float
    sides: int

    def beyond(self, bound: float) -> float:
        """Return the probability to go on until the look and then to be beyond a bound of Z."""
        edge = bound * self.root
        above = stats.norm.sf((edge - self.scores) / self.step)
        if self.sides == 2:
            above = above + stats.norm.cdf((-edge - self.scores) / self.step)
        return float(self.mass @ above)

    def bound(self, probability: float) -> float:
        """Return the bound of Z that is passed with a probability."""
        lowest = 0.0 if self.sides == 2 else -_FAR
        if probability <= self.beyond(_FAR):
            return math.inf
        if probability >= self.beyond(lowest):
            raise ValueError("more alpha is to be spent at a look than is left at it")
        return float(brentq(lambda z: self.beyond(z) - probability, lowest, _FAR, xtol=1e-13))

    def after(self, bound: float, width: float) -> tuple[Floats, Floats]:
        """Return scores within the bound at the look, and their probabilities."""
        high = min(bound, _FAR) * self.root
        low = -high if self.sides == 2 else -_FAR * self.root
        scores, weights = _nodes(low, high, width)
        steps = (scores[:, None] - self.scores[None, :]) / self.step
        density = np.exp(-0.5 * steps**2) @ self.mass / (self.step * math.sqrt(2 * math.pi))
        return scores, weights * density


def _walks(information: Sequence[float], bounds: Sequence[float], sides: int) -> Iterator[_Walk]:
    """Yield the walk to each look; its bound must be in `bounds` before the next is asked for."""
    times = np.asarray(information, float)
    gains = np.diff(times, prepend=0.0)
    if not len(times) or (gains < SMALLEST_STEP * times[-1]).any():
        raise ValueError("information must rise from look to look, by a thousandth of it or more")
    steps = np.sqrt(gains)
    scores, mass = np.zeros(1), np.ones(1)
    for look, (step, time) in enumerate(zip(steps, times, strict=True)):
        walk = _Walk(scores, mass, float(step), math.sqrt(time), sides)
        yield walk
        if look + 1 < len(times):
            width = _PANEL * float(min(step, steps[look + 1]))
            scores, mass = walk.after(bounds[look], width)


def _nodes(low: float, high: float, width: float) -> tuple[Floats, Floats]:
    """Return nodes and weights of a Gauss-Legendre rule in panels of at most a width."""
    edges = np.linspace(low, high, max(1, math.ceil((high - low) / width)) + 1)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    centres = (edges[1:] + edges[:-1]) / 2
    half = (edges[1:] - edges[:-1]) / 2
    places = centres[:, None] + half[:, None] * nodes
    return places.ravel(), (half[:, None] * weights).ravel()
