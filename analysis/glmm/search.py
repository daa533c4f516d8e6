"""The minimum of a deviance over theta and other parameters.

Three things make deviances of mixed models hard for a ready-made minimiser. They are even in the
scale of each random effect, so that zero is always stationary and a bound at zero is a trap: no
bounds are set, and small scales are probed. A scale whose best value is zero makes the curvature
useless: it is set to exactly zero and left out. And standard errors need the curvature: it comes
from central differences of the exact gradient, and Newton steps with it finish the search.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.glmm.coding import Floats
from analysis.glmm.covariance import Booleans, Covariance
from analysis.glmm.curvature import inverse, scaled_axes

Objective = Callable[[Floats], tuple[float, Floats]]

# Decrements g' H^-1 g, about twice the distance from the minimum: where the descent ends, where
# Newton's steps end, which is worth a new curvature, and which is still believed.
_SETTLED = 1e-8
_ARRIVED = 1e-9
_FAR = 1e-5
_NEAR = 1e-5
_STEPS = 200
_NEWTON_STEPS = 10
_BACKTRACKS = 25
_SUFFICIENT = 1e-4
_LARGEST_THETA_STEP = 1.0
# Curvatures, where parameters are scaled to have 1: followed no farther, and no longer believed.
_FLATTEST = 1e-6
_FLAT = 1e-8
# Scales: rounding; may be zero; tried before that is believed, with these correlations.
_ZERO = 1e-7
_SMALL = 0.02
_PROBES = (0.1, 0.3)
_PROBED_CORRELATIONS = (0.0, 0.9, -0.9)
# What setting a scale to zero may cost.
_NO_LOSS = 1e-6
# Step of the differences, in (guessed) standard errors.
_DIFFERENCE = 1e-3


@dataclass(frozen=True)
class Optimum:
    """The minimum of a deviance.

    Attributes
    ----------
    parameters
        theta in canonical form (see `Covariance`), then the others.
    hessian
        Second derivatives of the deviance by the free parameters.
    is_free
        False for entries of theta that are zero because their variance is.
    decrement
        g' H^-1 g: about twice the distance of `deviance` from its minimum.
    """

    parameters: Floats
    deviance: float
    hessian: Floats
    is_free: Booleans
    decrement: float

    @property
    def is_converged(self) -> bool:
        """Say whether the minimum was reached and is one."""
        if not self.is_free.any():
            return True
        _, curvatures, _ = scaled_axes(self.hessian)
        return bool(self.decrement < _NEAR and curvatures[0] > _FLAT)

    def covariance(self) -> Floats:
        """Return 2 H^-1 over all parameters, zero for those that are not free.

        The deviance is minus twice a log likelihood, so this is the inverse observed information.
        """
        found = np.zeros((len(self.parameters), len(self.parameters)))
        found[np.ix_(self.is_free, self.is_free)] = 2.0 * inverse(self.hessian)
        return found


def find_minimum(
    objective: Objective, start: Floats, spread: Floats, covariance: Covariance
) -> Optimum:
    """Minimise a deviance whose first parameters are theta.

    Parameters
    ----------
    objective
        Returns deviance and gradient; infinity is allowed.
    start
        Where to begin.
    spread
        (parameters, parameters): a guess of the inverse Hessian at the start.
    """
    search = _Search(objective, covariance, spread)
    parameters, deviance = search.descend(start, np.ones(len(start), dtype=bool))
    parameters, deviance = search.probe(parameters, deviance)
    parameters, is_free = search.set_zeros(parameters, deviance)
    return search.finish(parameters, is_free)


def find_lowest(
    objective: Objective, start: Floats, spread: Floats, covariance: Covariance
) -> tuple[Floats, float]:
    """Return the lowest point and its deviance, without curvature; see `find_minimum`."""
    search = _Search(objective, covariance, spread)
    return search.probe(*search.descend(start, np.ones(len(start), dtype=bool)))


class _Search:
    def __init__(self, objective: Objective, covariance: Covariance, spread: Floats) -> None:
        self.objective = objective
        self.covariance = covariance
        self.spread = spread

    def descend(self, start: Floats, is_free: Booleans) -> tuple[Floats, float]:
        """Minimise over the free parameters by BFGS (Nocedal & Wright 2006, equation 6.17)."""
        point = start.copy()
        value, gradient = self.objective(point)
        spread = self.spread[np.ix_(is_free, is_free)]
        for _ in range(_STEPS):
            slope = gradient[is_free]
            direction = -spread @ slope
            decrement = -float(slope @ direction)
            if not decrement >= _SETTLED:
                break
            moved, moved_value, moved_gradient = self._line(
                point, value, direction, -decrement, is_free
            )
            if moved_value >= value:
                break
            spread = _updated(
                spread, (moved - point)[is_free], (moved_gradient - gradient)[is_free]
            )
            point, value, gradient = moved, moved_value, moved_gradient
        return point, value

    def _line(
        self, point: Floats, value: float, direction: Floats, slope: float, is_free: Booleans
    ) -> tuple[Floats, float, Floats]:
        """Backtrack from a full step until the deviance falls enough."""
        whole = np.zeros_like(point)
        whole[is_free] = direction
        longest = np.abs(whole[: self.covariance.size]).max(initial=0.0)
        length = min(1.0, _LARGEST_THETA_STEP / longest) if longest else 1.0
        for _ in range(_BACKTRACKS):
            moved = point + length * whole
            moved_value, gradient = self.objective(moved)
            if moved_value <= value + _SUFFICIENT * length * slope:
                return moved, moved_value, gradient
            length *= _shorter(value, slope * length, moved_value)
        return point, value, gradient

    def probe(self, parameters: Floats, deviance: float) -> tuple[Floats, float]:
        """Look beside scales near zero, where the deviance is flat even if zero is not best."""
        everything = np.ones(len(parameters), dtype=bool)
        parameters = self._canonical(parameters)
        diagonal = np.flatnonzero(self.covariance.is_diagonal)
        for place in diagonal[np.abs(parameters[diagonal]) < _SMALL]:
            for beside in self._beside(parameters, int(place)):
                if self.objective(beside)[0] < deviance:
                    parameters, deviance = self.descend(beside, everything)
                    break
        return self._canonical(parameters), deviance

    def _beside(self, parameters: Floats, place: int) -> list[Floats]:
        size = self.covariance.size
        is_alone = self.covariance.column_of(place).sum() == 1
        return [
            np.concatenate(
                [
                    self.covariance.beside(parameters[:size], place, scale, correlation),
                    parameters[size:],
                ]
            )
            for correlation in ((0.0,) if is_alone else _PROBED_CORRELATIONS)
            for scale in _PROBES
        ]

    def set_zeros(self, parameters: Floats, deviance: float) -> tuple[Floats, Booleans]:
        """Set scales to zero that lose nothing by it, and minimise over the others."""
        size = self.covariance.size
        scales = parameters[:size][self.covariance.is_diagonal]
        for scale in sorted(scales[scales < _SMALL], reverse=True):
            without = self._canonical(parameters, scale * (1.0 + 1e-9))
            is_free = self._free(without)
            without, lower = self.descend(without, is_free)
            if lower <= deviance + _NO_LOSS:
                return self._canonical(without), is_free
        return parameters, self._free(parameters)

    def _free(self, parameters: Floats) -> Booleans:
        size = self.covariance.size
        is_free = np.ones(len(parameters), dtype=bool)
        for place in np.flatnonzero(self.covariance.is_diagonal & (parameters[:size] == 0.0)):
            is_free[:size][self.covariance.column_of(int(place))] = False
        return is_free

    def finish(self, parameters: Floats, is_free: Booleans) -> Optimum:
        """Take Newton steps to the minimum, and return its curvature."""
        value, gradient = self.objective(parameters)
        hessian = self._hessian(parameters, is_free)
        for _ in range(_NEWTON_STEPS):
            direction = _newton_direction(hessian, gradient[is_free])
            decrement = -float(gradient[is_free] @ direction)
            if not decrement > _ARRIVED:
                break
            moved, moved_value, moved_gradient = self._line(
                parameters, value, direction, -decrement, is_free
            )
            if moved_value >= value:
                break
            parameters, value, gradient = moved, moved_value, moved_gradient
            if decrement > _FAR:
                hessian = self._hessian(parameters, is_free)
        return Optimum(parameters, value, hessian, is_free, decrement)

    def _hessian(self, parameters: Floats, is_free: Booleans) -> Floats:
        places = np.flatnonzero(is_free)
        rows = []
        for place in places:
            step = np.zeros_like(parameters)
            step[place] = _DIFFERENCE * np.sqrt(self.spread[place, place])
            above, below = (
                self.objective(parameters + step)[1],
                self.objective(parameters - step)[1],
            )
            rows.append((above - below)[is_free] / (2.0 * step[place]))
        hessian = np.array(rows).reshape(len(places), len(places))
        symmetric: Floats = (hessian + hessian.T) / 2.0
        return symmetric

    def _canonical(self, parameters: Floats, smallest: float = _ZERO) -> Floats:
        size = self.covariance.size
        theta = self.covariance.canonical(parameters[:size], smallest)
        return np.concatenate([theta, parameters[size:]])


def _updated(spread: Floats, step: Floats, change: Floats) -> Floats:
    curvature = float(step @ change)
    if curvature <= 1e-10 * float(np.linalg.norm(step) * np.linalg.norm(change)):
        return spread
    left = np.eye(len(step)) - np.outer(step, change) / curvature
    updated: Floats = left @ spread @ left.T + np.outer(step, step) / curvature
    return updated


def _shorter(value: float, slope: float, moved_value: float) -> float:
    """Return the minimum of the parabola through a value, its slope and another value."""
    if not np.isfinite(moved_value):
        return 0.25
    share = -slope / (2.0 * (moved_value - value - slope))
    return float(np.clip(share, 0.1, 0.5))


def _newton_direction(hessian: Floats, slope: Floats) -> Floats:
    """Return -H^-1 g, with negative curvature turned and flat directions not followed far."""
    scale, values, axes = scaled_axes(hessian)
    values = np.maximum(np.abs(values), _FLATTEST)
    direction: Floats = -scale * (axes @ ((axes.T @ (scale * slope)) / values))
    return direction
