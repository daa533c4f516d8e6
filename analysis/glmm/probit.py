"""Yes-or-no answers by the probit link: P(yes) = Phi(eta), the scale of d' and c.

With z = eta for a yes and -eta for a no, the log likelihood of a row is log Phi(z). Its derivative
by z is Mills' ratio m = phi(z) / Phi(z), and the negative of the second is m (z + m).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from analysis.glmm.coding import Floats
from analysis.glmm.families import Point

_LOG_ROOT_TWO_PI = 0.5 * float(np.log(2.0 * np.pi))


@dataclass(frozen=True)
class Probit:
    """Single answers, by the probit link.

    Attributes
    ----------
    successes
        0 or 1, by row.
    """

    successes: Floats
    parameters: int = 0

    def _mills(self, eta: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the sign of every row, z and Mills' ratio."""
        sign = 2.0 * self.successes - 1.0
        z = sign * eta
        mills = np.exp(-0.5 * z**2 - _LOG_ROOT_TWO_PI - log_ndtr(z))
        return sign, z, mills

    def at(self, eta: Floats, own: Floats) -> Point:
        """Return likelihood and derivatives."""
        sign, z, mills = self._mills(eta)
        return Point(float(log_ndtr(z).sum()), sign * mills, mills * (z + mills))

    def pull_back(
        self, eta: Floats, own: Floats, leverage: Floats, shift: Floats
    ) -> tuple[Floats, Floats]:
        """Return the derivatives of the Laplace deviance."""
        sign, z, mills = self._mills(eta)
        weight = mills * (z + mills)
        weight_slope = sign * (mills - (z + 2.0 * mills) * weight)
        return -2.0 * sign * mills + leverage * weight_slope - shift * weight, np.empty(0)

    def margins(self, fixed: Floats) -> Floats:
        """Return x of every yes and -x of every no."""
        return fixed * (2.0 * self.successes - 1.0)[:, None]

    def slope(self, eta: Floats, own: Floats, fixed: Floats) -> Floats:
        """Return the derivatives of the log likelihood."""
        found: Floats = fixed.T @ self.at(eta, own).score
        return found

    def information(self, eta: Floats, own: Floats, fixed: Floats) -> tuple[Floats, Floats]:
        """Return the negative second derivatives."""
        cross = fixed * self.at(eta, own).weight[:, None]
        return fixed.T @ cross, cross
