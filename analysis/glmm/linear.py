"""Linear mixed models: the profiled deviance or REML criterion, with its exact gradient.

With y = X beta + Z Lambda u + e, u ~ N(0, sigma^2 I), e ~ N(0, sigma^2 I),
V = I + Z Lambda Lambda' Z', and beta and sigma at their best for theta (Bates et al. 2015,
equations 34 and 41),

    ML    log det A + n (1 + log(2 pi r^2 / n))
    REML  log det A + log det X'V^-1 X + (n - p) (1 + log(2 pi r^2 / (n - p)))

where A = Lambda' Z'Z Lambda + I and r^2 is the residual plus the penalty u'u.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.glmm.coding import Floats
from analysis.glmm.covariance import Booleans, Covariance
from analysis.glmm.curvature import inverse
from analysis.glmm.factorisation import Factorisation, NotPositiveDefiniteError
from analysis.glmm.laplace import trace_blocks
from analysis.glmm.structure import Structure


@dataclass(frozen=True)
class LinearPoint:
    """Everything of a linear mixed model at one theta.

    Attributes
    ----------
    information
        K = X'V^-1 X; the covariance of beta is sigma^2 K^-1.
    between
        Lambda' Z'V^-1 X, (q, p).
    within
        Z'V^-1 X, (q, p).
    residual
        r^2.
    """

    factorisation: Factorisation
    beta: Floats
    modes: Floats
    information: Floats
    between: Floats
    within: Floats
    residual: float
    residual_slope: Floats


class Linear:
    """The criterion as a function of theta.

    Parameters
    ----------
    fixed, outcome
        X, (rows, p), and y, (rows,).
    is_reml
        False for maximum likelihood.
    """

    def __init__(
        self,
        structure: Structure,
        covariance: Covariance,
        fixed: Floats,
        outcome: Floats,
        *,
        is_reml: bool,
    ) -> None:
        self.structure = structure
        self.covariance = covariance
        self.fixed = fixed
        self.outcome = outcome
        self.is_reml = is_reml
        self.freedom = len(outcome) - (fixed.shape[1] if is_reml else 0)
        self._products = structure.products(np.ones(len(outcome)))
        both = np.column_stack([fixed, outcome])
        self._crossed = np.asarray(structure.random_rows @ both)

    def at(self, theta: Floats) -> LinearPoint:
        """Solve for beta and u.

        Raises
        ------
        NotPositiveDefiniteError
            When theta is too large for floating point.
        """
        structure, factors = self.structure, self.covariance.factors(theta)
        factorisation = Factorisation(structure, self._products, factors)
        carried = factorisation.solve(structure.scaled_back(self._crossed, factors))
        spread = np.asarray(structure.random_columns @ structure.scaled(carried, factors))
        between, modes = carried[:, :-1], carried[:, -1]
        # X'V^-1 X as a sum of squares: the usual difference can lose its positive definiteness.
        rest = self.fixed - spread[:, :-1]
        information = rest.T @ rest + between.T @ between
        shared = rest.T @ (self.outcome - spread[:, -1]) + between.T @ modes
        beta = np.linalg.solve(information, shared)
        modes = modes - between @ beta
        errors = self.outcome - spread[:, -1] - rest @ beta
        slope = [
            -2.0 * by_effect.T @ own
            for by_effect, own in zip(
                structure.by_group(structure.random_rows @ errors),
                structure.by_group(modes),
                strict=True,
            )
        ]
        return LinearPoint(
            factorisation=factorisation,
            beta=beta,
            modes=modes,
            information=information,
            between=between,
            within=np.asarray(structure.random_rows @ rest),
            residual=float(errors @ errors + modes @ modes),
            residual_slope=self.covariance.pick(slope),
        )

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        """Return the criterion and its gradient; infinity where it can't be computed."""
        try:
            point = self.at(theta)
        except (NotPositiveDefiniteError, np.linalg.LinAlgError):
            return np.inf, np.zeros_like(theta)
        if not point.residual > 0:
            return np.inf, np.zeros_like(theta)
        factorisation = point.factorisation
        per_degree = point.residual / self.freedom
        criterion = factorisation.log_determinant
        criterion += self.freedom * (1.0 + np.log(2.0 * np.pi * per_degree))
        traces = trace_blocks(
            self.structure,
            factorisation.inverse_blocks(),
            factorisation.products,
            factorisation.factors,
        )
        gradient = self.covariance.pick([2.0 * trace.T for trace in traces])
        gradient += point.residual_slope / per_degree
        if self.is_reml:
            criterion += float(np.linalg.slogdet(point.information)[1])
            gradient += self._information_slope(point)
        return criterion, gradient

    def _information_slope(self, point: LinearPoint) -> Floats:
        """Return the derivatives of log det X'V^-1 X."""
        scaled = np.linalg.solve(point.information, point.between.T).T
        slopes = []
        for start, (levels, width) in zip(
            self.structure.starts, self.structure.sizes, strict=False
        ):
            own = slice(start, start + levels * width)
            within = point.within[own].reshape(levels, width, -1)
            slopes.append(
                -2.0 * np.einsum("lap,lbp->ab", within, scaled[own].reshape(levels, width, -1))
            )
        return self.covariance.pick(slopes)


class Satterthwaite:
    """Degrees of freedom of contrasts (Satterthwaite 1946; Fai & Cornelius 1996).

    df = 2 v^2 / (g' C g) with v the variance of the contrast, g its derivatives by theta and sigma,
    and C the inverse observed information of theta and sigma, twice the inverse second derivatives
    of the criterion (as lmerTest does, Kuznetsova et al. 2017, section 2).

    Parameters
    ----------
    hessian
        Of the profiled criterion by the free elements of theta.
    """

    def __init__(
        self, linear: Linear, point: LinearPoint, hessian: Floats, is_free: Booleans
    ) -> None:
        self._linear = linear
        self._point = point
        self._is_free = is_free
        self.sigma = float(np.sqrt(point.residual / linear.freedom))
        self._information_inverse = np.linalg.inv(point.information)
        slope = point.residual_slope[is_free]
        count = len(slope)
        whole = np.empty((count + 1, count + 1))
        # The criterion was profiled over sigma: put sigma back.
        whole[:count, :count] = hessian + linear.freedom * np.outer(slope, slope) / (
            point.residual**2
        )
        whole[:count, count] = whole[count, :count] = -2.0 * slope / self.sigma**3
        whole[count, count] = 4.0 * linear.freedom / self.sigma**2
        self._uncertainty = 2.0 * inverse(whole)

    def degrees(self, contrast: Floats) -> float:
        """Return the degrees of freedom of a contrast of the fixed effects, (p,)."""
        scaled = self._information_inverse @ contrast
        variance = self.sigma**2 * float(contrast @ scaled)
        structure = self._linear.structure
        slopes = [
            2.0 * self.sigma**2 * ours.T @ theirs
            for ours, theirs in zip(
                structure.by_group(self._point.within @ scaled),
                structure.by_group(self._point.between @ scaled),
                strict=True,
            )
        ]
        by_theta = self._linear.covariance.pick(slopes)[self._is_free]
        slope = np.append(by_theta, 2.0 * variance / self.sigma)
        return float(2.0 * variance**2 / (slope @ self._uncertainty @ slope))

    def f_test(self, contrasts: Floats, beta: Floats) -> tuple[float, float, float]:
        """Return F, its denominator's degrees of freedom and p of several contrasts, (k, p).

        The contrasts are turned into uncorrelated ones, and their degrees of freedom combined by
        the expectation of F (Fai & Cornelius 1996, as in SAS and lmerTest).
        """
        covariance = self.sigma**2 * contrasts @ self._information_inverse @ contrasts.T
        variances, axes = np.linalg.eigh(covariance)
        turned = axes.T @ contrasts
        count = len(contrasts)
        f = float(((turned @ beta) ** 2 / variances).sum() / count)
        degrees = _combined([self.degrees(contrast) for contrast in turned])
        return f, degrees, float(stats.f.sf(f, count, degrees))


def _combined(degrees: list[float]) -> float:
    if max(degrees) - min(degrees) < 1e-8:
        return float(np.mean(degrees))
    if min(degrees) <= 2:
        return 2.0
    expected = sum(own / (own - 2.0) for own in degrees)
    return 2.0 * expected / (expected - len(degrees))
