"""Where a search begins, and a guess of the curvature there, both from the data."""

import numpy as np

from analysis.glmm.coding import Floats
from analysis.glmm.covariance import Covariance
from analysis.glmm.curvature import inverse
from analysis.glmm.factorisation import Factorisation
from analysis.glmm.families import Family
from analysis.glmm.laplace import Laplace
from analysis.glmm.structure import Structure

_STEPS = 30
_FOUND = 1e-8
_SCALES = (0.1, 3.0)


def without_random_effects(
    family: Family, fixed: Floats, start: Floats, prior_sd: float | None = None
) -> Floats:
    """Fit fixed effects and the family's own parameters alone, by Newton's method.

    The result is a start: where answers are separated, it is a point on the way to infinity.
    """
    effects = fixed.shape[1]
    parameters = start.copy()
    penalty = np.zeros(len(start))
    if prior_sd is not None:
        penalty[:effects] = 1.0 / prior_sd**2

    def objective(at: Floats) -> float:
        point = family.at(fixed @ at[:effects], at[effects:])
        return -point.log_likelihood + 0.5 * float(penalty @ at**2)

    value = objective(parameters)
    for _ in range(_STEPS):
        eta, own = fixed @ parameters[:effects], parameters[effects:]
        information, _ = family.information(eta, own, fixed)
        information = information + np.diag(penalty)
        slope = family.slope(eta, own, fixed) - penalty * parameters
        step = inverse(information) @ slope
        if float(slope @ step) < _FOUND:
            break
        while objective(parameters + step) > value and float(step @ step) > 1e-20:
            step /= 2.0
        parameters = parameters + step
        value = objective(parameters)
    return parameters


def moment_scales(
    structure: Structure, covariance: Covariance, score: Floats, weight: Floats
) -> Floats:
    """Return theta by the method of moments, with no covariances.

    For one effect of scale s the score of each group, r = sum z dl/d eta, has the mean square
    w + w^2 s^2 with w = sum z^2 W, so that s^2 is estimated by sum(r^2 - w) / sum(w^2).
    """
    products = structure.products(weight)
    scores = structure.by_group(structure.random_rows @ score)
    theta = np.zeros(covariance.size)
    for place, (index, row, column) in enumerate(covariance.entries):
        if row == column:
            own = products[index][:, row, row]
            excess = float((scores[index][:, row] ** 2 - own).sum() / max(1e-12, own @ own))
            theta[place] = np.clip(np.sqrt(max(0.0, excess)), *_SCALES)
    return theta


def scale_spread(
    structure: Structure, covariance: Covariance, theta: Floats, factorisation: Factorisation
) -> Floats:
    """Return a guess of the inverse second derivatives of the deviance by theta, (size,).

    An effect of scale s in a group that tells w about it adds log(1 + s^2 w) to the deviance; the
    expected curvature is 4 (s w / (1 + s^2 w))^2, and 1 / (1 + s^2 w) is its element of A^-1.
    """
    shrinkage = [
        1.0 - np.einsum("lkk->lk", block)
        for block in factorisation.inverse_blocks()[: len(structure.groupings)]
    ]
    curvature = np.empty(covariance.size)
    scales = {
        (index, row): max(abs(value), _SCALES[0])
        for (index, row, column), value in zip(covariance.entries, theta, strict=True)
        if row == column
    }
    for place, (index, row, column) in enumerate(covariance.entries):
        told = shrinkage[index][:, row] * shrinkage[index][:, column]
        curvature[place] = (4.0 if row == column else 2.0) * told.sum() / scales[index, row] ** 2
    return 1.0 / np.maximum(curvature, 1e-3)


def spread_of(laplace: Laplace, parameters: Floats) -> Floats:
    """Return a guess of the inverse Hessian of the Laplace deviance, block-diagonal in theta.

    The block of the other parameters is that of the penalised likelihood with the modes profiled
    out: between-group effects are known as badly as they are, not as if rows were independent.
    """
    structure, covariance = laplace.structure, laplace.covariance
    theta, beta, own = laplace.parts(parameters)
    factors = covariance.factors(theta)
    laplace(parameters)
    eta = laplace.fixed @ beta
    eta += structure.random_columns @ structure.scaled(laplace.modes, factors)
    weight = laplace.family.at(eta, own).weight
    factorisation = Factorisation(structure, structure.products(weight), factors)
    information, cross = laplace.family.information(eta, own, laplace.fixed)
    carried = structure.scaled_back(np.asarray(structure.random_rows @ cross), factors)
    information = information - carried.T @ factorisation.solve(carried)
    if laplace.prior_sd is not None:
        information[: beta.size, : beta.size] += np.eye(beta.size) / laplace.prior_sd**2
    spread = np.zeros((len(parameters), len(parameters)))
    spread[: theta.size, : theta.size] = np.diag(
        scale_spread(structure, covariance, theta, factorisation)
    )
    spread[theta.size :, theta.size :] = 0.5 * inverse(information)
    return spread
