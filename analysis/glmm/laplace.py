"""The Laplace approximation of a mixed model's deviance, and its exact gradient.

With eta = X beta + Z Lambda u and u standard normal, the modes u maximise the penalised log
likelihood l(eta) - u'u/2, and

    deviance = -2 l + u'u + log det A,    A = Lambda' Z' W Z Lambda + I,    W = -d2 l / d eta2

(Tierney & Kadane 1986; Pinheiro & Chao 2006, equation 8).

The gradient follows by implicit differentiation. Let C = Z Lambda A^-1 Lambda' Z', h = diag(C),
W' = dW/d eta, v = A^-1 Lambda' Z' (h W') and t = Z Lambda v. Since u is stationary, the deviance
changes with the linear predictor of the fixed effects by

    g = -2 dl/d eta + h W' - W t,

and with the factor Lambda of one grouping by the sum over its groups of

    (Z' g) u' + (Z' dl/d eta) v' + 2 (A^-1 Lambda' Z'WZ)'.
"""

from collections.abc import Sequence

import numpy as np

from analysis.glmm.coding import Floats
from analysis.glmm.covariance import Covariance
from analysis.glmm.factorisation import Factorisation, NotPositiveDefiniteError
from analysis.glmm.families import Family, Point
from analysis.glmm.structure import Structure

# The Newton decrement below which the modes are found: their error is its square root.
_FOUND = 1e-18
_STEPS = 60
_HALVINGS = 30


class Laplace:
    """The deviance as a function of all parameters: theta, fixed effects, the family's own.

    Parameters
    ----------
    fixed
        Design matrix X, (rows, p).
    prior_sd
        Standard deviation of a normal prior on the fixed effects, which adds (beta / sd)^2 to the
        deviance; None for none.

    Attributes
    ----------
    evaluations
        How often the deviance was asked for.
    modes
        The last modes u found; the next search begins there.
    """

    def __init__(
        self,
        structure: Structure,
        covariance: Covariance,
        fixed: Floats,
        family: Family,
        *,
        prior_sd: float | None = None,
    ) -> None:
        self.structure = structure
        self.covariance = covariance
        self.fixed = fixed
        self.family = family
        self.prior_sd = prior_sd
        self.modes = np.zeros(structure.effects)
        self.evaluations = 0

    def parts(self, parameters: Floats) -> tuple[Floats, Floats, Floats]:
        """Return theta, fixed effects and the family's own parameters."""
        first, second = self.covariance.size, self.covariance.size + self.fixed.shape[1]
        return parameters[:first], parameters[first:second], parameters[second:]

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        """Return the deviance and its gradient; infinity where it can't be computed."""
        self.evaluations += 1
        theta, beta, own = self.parts(parameters)
        factors = self.covariance.factors(theta)
        try:
            offset = self.fixed @ beta
            eta, point, factorisation = self._find_modes(offset, factors, own)
        except NotPositiveDefiniteError:
            self.modes = np.zeros(self.structure.effects)
            return np.inf, np.zeros_like(parameters)
        deviance = -2.0 * point.log_likelihood + float(self.modes @ self.modes)
        deviance += factorisation.log_determinant
        gradient = self._gradient(eta, own, point, factorisation)
        if self.prior_sd is not None:
            deviance += float(beta @ beta) / self.prior_sd**2
            gradient[theta.size : theta.size + beta.size] += 2.0 * beta / self.prior_sd**2
        return deviance, gradient

    def _find_modes(
        self, offset: Floats, factors: Sequence[Floats], own: Floats
    ) -> tuple[Floats, Point, Factorisation]:
        """Find the modes by Newton's method with step halving."""
        structure = self.structure
        modes = self.modes
        eta, point, objective = self._at(offset, factors, own, modes)
        if not np.isfinite(objective):
            modes = np.zeros_like(modes)
            eta, point, objective = self._at(offset, factors, own, modes)
        if not np.isfinite(objective):
            raise NotPositiveDefiniteError
        for _ in range(_STEPS):
            factorisation = Factorisation(structure, structure.products(point.weight), factors)
            slope = structure.scaled_back(structure.random_rows @ point.score, factors) - modes
            step = factorisation.solve(slope)
            decrement = float(slope @ step)
            if not np.isfinite(decrement):
                raise NotPositiveDefiniteError
            if decrement < _FOUND:
                self.modes = modes
                return eta, point, factorisation
            for _ in range(_HALVINGS):
                trial = modes + step
                eta, point, lower = self._at(offset, factors, own, trial)
                # Near the modes rounding hides what a step wins.
                if lower <= objective + 1e-10 * abs(objective):
                    break
                step = step / 2.0
            modes, objective = trial, lower
        raise NotPositiveDefiniteError

    def _at(
        self, offset: Floats, factors: Sequence[Floats], own: Floats, modes: Floats
    ) -> tuple[Floats, Point, float]:
        eta = offset + self.structure.random_columns @ self.structure.scaled(modes, factors)
        point = self.family.at(eta, own)
        return eta, point, 0.5 * float(modes @ modes) - point.log_likelihood

    def _gradient(
        self, eta: Floats, own: Floats, point: Point, factorisation: Factorisation
    ) -> Floats:
        structure, factors = self.structure, factorisation.factors
        inverse = factorisation.inverse_blocks()
        leverage = structure.quadratic_forms(_sandwich(structure, inverse, factors))
        no_shift = np.zeros_like(leverage)
        by_eta, _ = self.family.pull_back(eta, own, leverage, no_shift)
        # What the leverages alone give: h W'.
        pulled = by_eta + 2.0 * point.score
        carried = factorisation.solve(
            structure.scaled_back(structure.random_rows @ pulled, factors)
        )
        shift = structure.random_columns @ structure.scaled(carried, factors)
        by_eta, by_own = self.family.pull_back(eta, own, leverage, shift)
        by_factor = self._by_factor(by_eta, point, carried, inverse, factorisation)
        return np.concatenate([self.covariance.pick(by_factor), self.fixed.T @ by_eta, by_own])

    def _by_factor(
        self,
        by_eta: Floats,
        point: Point,
        carried: Floats,
        inverse: list[Floats],
        factorisation: Factorisation,
    ) -> list[Floats]:
        structure = self.structure
        traces = trace_blocks(structure, inverse, factorisation.products, factorisation.factors)
        return [
            by_effect.T @ modes + scores.T @ own + 2.0 * trace.T
            for by_effect, modes, scores, own, trace in zip(
                structure.by_group(structure.random_rows @ by_eta),
                structure.by_group(self.modes),
                structure.by_group(structure.random_rows @ point.score),
                structure.by_group(carried),
                traces,
                strict=True,
            )
        ]


def _sandwich(
    structure: Structure, blocks: list[Floats], factors: Sequence[Floats]
) -> list[Floats]:
    """Return Lambda block Lambda' of every block."""
    pairs = [(index, index) for index in range(len(factors))]
    pairs += [(pair.first, pair.second) for pair in structure.pairs]
    return [
        factors[first] @ block @ factors[second].T
        for (first, second), block in zip(pairs, blocks, strict=True)
    ]


def trace_blocks(
    structure: Structure,
    inverse: list[Floats],
    products: list[Floats],
    factors: Sequence[Floats],
) -> list[Floats]:
    """Return the diagonal blocks of A^-1 Lambda' Z'WZ, summed over the groups of each grouping.

    Parameters
    ----------
    inverse, products
        Blocks of A^-1 and of Z'WZ, in the order of `Structure.products`.

    Returns
    -------
    list of (K, K)
    """
    groupings = len(factors)
    found = [
        np.einsum("lab,lbd->ad", inverse[index] @ factors[index].T, products[index])
        for index in range(groupings)
    ]
    for pair, ours, block in zip(
        structure.pairs, inverse[groupings:], products[groupings:], strict=True
    ):
        first, second = factors[pair.first], factors[pair.second]
        found[pair.first] += np.einsum("lab,ldb->ad", ours @ second.T, block)
        found[pair.second] += np.einsum("lab,lad->bd", first @ ours, block)
    return found
