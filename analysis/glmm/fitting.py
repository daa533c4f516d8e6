"""From a formula and a table to a fit."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.errors import FitError
from analysis.glmm.coding import Coding, Floats
from analysis.glmm.factorisation import NotPositiveDefiniteError
from analysis.glmm.fits import Fit
from analysis.glmm.formula import Formula
from analysis.glmm.laplace import Laplace
from analysis.glmm.linear import Linear, Satterthwaite
from analysis.glmm.outcomes import FamilyName
from analysis.glmm.problem import Problem, prepare
from analysis.glmm.search import Optimum, find_lowest, find_minimum
from analysis.glmm.separation import is_separated
from analysis.glmm.starts import (
    moment_scales,
    scale_spread,
    spread_of,
    without_random_effects,
)

# Of the normal prior on fixed effects where answers are separated (Gelman et al. 2008).
PRIOR_SD = 2.5
# In logits: between groups one such apart, nearly all answers are alike.
_LARGEST_SCALE = 8.0
_ROUNDING = 1e-20
_SEPARATED = (
    "Some combination of the fixed terms is never contradicted by an answer, so that its estimate "
    "is infinite. Estimates are from a fit with a normal prior of standard deviation "
    f"{PRIOR_SD:g} on each fixed effect; their tests are likelihood-ratio tests without it."
)


def fit(
    formula: str | Formula,
    table: pd.DataFrame,
    family: FamilyName = "binomial",
    *,
    coding: Coding | None = None,
    order: Sequence[str] | None = None,
    is_reml: bool = True,
) -> Fit:
    """Fit a mixed model.

    Parameters
    ----------
    formula
        Such as `correct ~ condition + (1 | participant) + (1 | item)`.
    table
        One row a trial.
    family
        binomial: logistic regression, by the Laplace approximation. probit, and ordinal, cumulative
        logits: the same. gaussian: a linear mixed model.
    coding
        Reference levels, sum coding, numbers that are names.
    order
        Of an ordinal outcome's categories; None means sorted.
    is_reml
        Gaussian: restricted maximum likelihood; likelihood-ratio tests need False.

    Raises
    ------
    FormulaError
        When the formula can't be read.
    FitError
        When the table can't be fitted.
    """
    return solve(prepare(formula, table, family, coding=coding, order=order, is_reml=is_reml))


def solve(problem: Problem) -> Fit:
    """Fit a problem.

    Raises
    ------
    FitError
        When the deviance can't be computed near the start.
    """
    began = time.perf_counter()
    with _told_by_formula(problem):
        found = _solve_linear(problem) if problem.family == "gaussian" else _solve_laplace(problem)
    return replace(found, seconds=time.perf_counter() - began)


def maximum_deviance(problem: Problem) -> float:
    """Return the deviance of a problem's fit, and nothing else of it.

    Raises
    ------
    FitError
        When the deviance can't be computed near the start.
    """
    if problem.family != "gaussian":
        return lowest_deviance(problem)[0]
    with _told_by_formula(problem):
        return _linear_minimum(problem)[1].deviance


def lowest_deviance(problem: Problem, near: Floats | None = None) -> tuple[float, Floats, Floats]:
    """Return the deviance of a problem's fit, its theta and its beta, without any curvature.

    Parameters
    ----------
    problem
        Not gaussian.
    near
        A theta to begin at, such as that of another model of the same outcome.

    Raises
    ------
    FitError
        When the deviance can't be computed near the start.
    """
    with _told_by_formula(problem):
        laplace, start, spread = _laplace_start(problem, _start(problem, None), None)
        if near is not None:
            start = np.concatenate([near, start[len(near) :]])
        parameters, deviance = find_lowest(laplace, start, spread, problem.covariance)
    theta, beta, _ = laplace.parts(parameters)
    return deviance, theta, beta


@contextmanager
def _told_by_formula(problem: Problem) -> Iterator[None]:
    try:
        yield
    except NotPositiveDefiniteError as error:
        raise FitError(
            f"{problem.design.formula} can't be fitted: the likelihood can't be computed at its "
            "start. Look for columns of very large numbers."
        ) from error


def _solve_laplace(problem: Problem) -> Fit:
    start = _start(problem, None)
    laplace, best = _minimum(problem, start, None)
    deviance = best.deviance
    separated = is_separated(problem.distribution.margins(problem.fixed), start)
    warnings = list(problem.design.warnings)
    ratios = np.empty(0)
    if separated:
        warnings.append(_SEPARATED)
        ratios = _likelihood_ratios(problem, deviance)
        laplace, best = _minimum(problem, _start(problem, PRIOR_SD), PRIOR_SD)
    theta, beta, thresholds = laplace.parts(best.parameters)
    laplace(best.parameters)
    return Fit(
        problem=problem,
        theta=theta,
        beta=beta,
        thresholds=thresholds,
        sigma=1.0,
        uncertainty=best.covariance(),
        deviance=deviance,
        modes=laplace.modes,
        singular=not best.is_free.all(),
        separated=separated,
        likelihood_ratios=ratios,
        satterthwaite=None,
        warnings=(*warnings, *_doubts(problem, best)),
        seconds=0.0,
    )


def _start(problem: Problem, prior_sd: float | None) -> Floats:
    family = problem.distribution
    start = np.zeros(problem.fixed.shape[1] + family.parameters)
    if family.parameters:
        shares = np.bincount(problem.outcome.values.astype(np.int64)) / problem.design.rows
        lower = np.cumsum(shares)[:-1]
        start[problem.fixed.shape[1] :] = np.log(lower / (1.0 - lower))
    return without_random_effects(family, problem.fixed, start, prior_sd)


def _minimum(problem: Problem, start: Floats, prior_sd: float | None) -> tuple[Laplace, Optimum]:
    laplace, whole, spread = _laplace_start(problem, start, prior_sd)
    return laplace, find_minimum(laplace, whole, spread, problem.covariance)


def _laplace_start(
    problem: Problem, start: Floats, prior_sd: float | None
) -> tuple[Laplace, Floats, Floats]:
    """Return the deviance of a problem, and where a search for its minimum begins and how wide."""
    structure, covariance, family = problem.structure, problem.covariance, problem.distribution
    laplace = Laplace(structure, covariance, problem.fixed, family, prior_sd=prior_sd)
    effects = problem.fixed.shape[1]
    point = family.at(problem.fixed @ start[:effects], start[effects:])
    theta = moment_scales(structure, covariance, point.score, point.weight)
    whole = np.concatenate([theta, start])
    return laplace, whole, spread_of(laplace, whole)


def _likelihood_ratios(problem: Problem, deviance: float) -> Floats:
    """Return the likelihood-ratio chi-squared of every coefficient."""
    without = [
        maximum_deviance(problem.without(column)) for column in range(problem.fixed.shape[1])
    ]
    return np.maximum(np.array(without, dtype=np.float64) - deviance, 0.0)


def _linear_minimum(problem: Problem) -> tuple[Linear, Optimum]:
    structure, covariance = problem.structure, problem.covariance
    fixed, outcome = problem.fixed, problem.outcome.values
    linear = Linear(structure, covariance, fixed, outcome, is_reml=problem.is_reml)
    errors = outcome - fixed @ np.linalg.lstsq(fixed, outcome, rcond=None)[0]
    if float(errors @ errors) <= _ROUNDING * float(outcome @ outcome):
        raise FitError("The fixed terms predict the outcome without error: nothing is left.")
    errors /= np.sqrt(errors @ errors / len(errors))
    start = moment_scales(structure, covariance, errors, np.ones(len(errors)))
    spread = np.diag(scale_spread(structure, covariance, start, linear.at(start).factorisation))
    return linear, find_minimum(linear, start, spread, covariance)


def _solve_linear(problem: Problem) -> Fit:
    linear, best = _linear_minimum(problem)
    point = linear.at(best.parameters)
    satterthwaite = Satterthwaite(linear, point, best.hessian, best.is_free)
    size = len(best.parameters)
    uncertainty = np.zeros((size + len(point.beta),) * 2)
    uncertainty[size:, size:] = satterthwaite.sigma**2 * np.linalg.inv(point.information)
    return Fit(
        problem=problem,
        theta=best.parameters,
        beta=point.beta,
        thresholds=np.empty(0),
        sigma=satterthwaite.sigma,
        uncertainty=uncertainty,
        deviance=best.deviance,
        modes=point.modes / satterthwaite.sigma,
        singular=not best.is_free.all(),
        separated=False,
        likelihood_ratios=np.empty(0),
        satterthwaite=satterthwaite,
        warnings=(*problem.design.warnings, *_doubts(problem, best)),
        seconds=0.0,
    )


def _doubts(problem: Problem, best: Optimum) -> list[str]:
    """Return what should be known about a minimum before it is believed."""
    told = []
    covariance = problem.covariance
    names = [
        f"{problem.design.groupings[index].names[row]} by {problem.design.groupings[index].name}"
        for index, row, _ in covariance.entries
    ]
    size = covariance.size
    zero = covariance.is_diagonal & ~best.is_free[:size]
    for place in np.flatnonzero(zero):
        told.append(
            f"Singular fit: {names[place]} has no variance of its own (zero, or wholly determined "
            "by the effects before it). It is fixed there."
        )
    if not best.is_converged:
        told.append(
            f"The search found no sharp minimum (a Newton step still promises "
            f"{best.decrement / 2:.2g} of deviance). Don't trust the standard errors."
        )
    large = covariance.is_diagonal & (np.abs(best.parameters[:size]) > _LARGEST_SCALE)
    if problem.family != "gaussian":
        told += [
            f"{names[place]} has a standard deviation of {best.parameters[place]:.1f} logits: "
            "groups answer nearly all alike, which Laplace's approximation serves badly."
            for place in np.flatnonzero(large)
        ]
    return told
