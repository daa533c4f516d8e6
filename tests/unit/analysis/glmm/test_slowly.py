"""Fits of tiny tables against slow re-implementations, written from the definitions."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from analysis.glmm.fitting import fit
from tests.unit.analysis.glmm.tables import random_table


@pytest.fixture(scope="module")
def small() -> pd.DataFrame:
    return random_table(seed=3, rows=90)


def indicators(cells):
    codes, levels = pd.factorize(cells, sort=True)
    return np.eye(len(levels))[codes]


def dense_laplace(parameters, right, fixed, randoms):
    """Deviance from dense matrices and a plain minimiser for the modes."""
    scales, beta = parameters[: len(randoms)], parameters[len(randoms) :]
    random = np.hstack([scale * own for scale, own in zip(scales, randoms, strict=True)])

    def penalised(modes):
        eta = fixed @ beta + random @ modes
        score = right - expit(eta)
        value = -(right @ eta - np.logaddexp(0, eta).sum()) + modes @ modes / 2
        return value, modes - random.T @ score

    found = minimize(penalised, np.zeros(random.shape[1]), jac=True, options={"gtol": 1e-9})
    p = expit(fixed @ beta + random @ found.x)
    curvature = random.T @ ((p * (1 - p))[:, None] * random) + np.eye(random.shape[1])
    return 2 * found.fun + np.linalg.slogdet(curvature)[1]


def test_crossed_logistic_fit_is_that_of_a_plain_minimiser(small):
    right = small["right"].to_numpy(float)
    fixed = np.column_stack([np.ones(len(small)), small["x"]])
    randoms = [indicators(small["person"]), indicators(small["item"])]
    slow = minimize(
        dense_laplace,
        [0.8, 0.8, 0.0, 0.5],
        args=(right, fixed, randoms),
        method="Nelder-Mead",
        options={"xatol": 1e-5, "fatol": 1e-8, "maxiter": 2000},
    )
    found = fit("right ~ x + (1 | person) + (1 | item)", small)
    assert found.deviance == pytest.approx(slow.fun, abs=1e-5)
    assert found.deviance <= slow.fun + 1e-7
    assert found.beta == pytest.approx(slow.x[2:], abs=2e-3)
    assert found.theta == pytest.approx(np.abs(slow.x[:2]), abs=2e-3)


def quadrature(parameters, outcome, x, codes, log_likelihood):
    """Deviance of one intercept by group, integrated by 80 nodes."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    scale, *rest = parameters
    rows = log_likelihood(outcome, x[:, None], scale * nodes, rest)
    groups = np.array([rows[codes == code].sum(axis=0) for code in np.unique(codes)])
    return -2 * logsumexp(groups + np.log(weights / weights.sum()), axis=1).sum()


def binary(outcome, x, effect, rest):
    eta = rest[0] + rest[1] * x + effect
    return outcome[:, None] * eta - np.logaddexp(0, eta)


def ordered(outcome, x, effect, rest):
    eta = rest[0] * x + effect
    edges = np.array([-np.inf, *rest[1:], np.inf])
    above, below = edges[outcome + 1][:, None], edges[outcome][:, None]
    return np.log(np.maximum(1e-300, expit(above - eta) - expit(below - eta)))


def large_groups():
    generator = np.random.default_rng(5)
    person = np.repeat(np.arange(10), 60)
    x = generator.normal(size=600)
    latent = 0.5 * x + generator.normal(0, 0.8, 10)[person] + generator.logistic(size=600)
    return pd.DataFrame(
        {
            "person": person.astype(str),
            "x": x,
            "right": (latent > 0).astype(int),
            "rating": np.digitize(latent, [-1.0, 1.0]),
        }
    )


@pytest.mark.parametrize(
    ("family", "outcome", "log_likelihood", "start"),
    [
        ("binomial", "right", binary, [0.7, 0.0, 0.4]),
        ("ordinal", "rating", ordered, [0.7, 0.4, -1.0, 1.0]),
    ],
)
def test_laplace_is_near_the_integral_where_groups_are_large(
    family, outcome, log_likelihood, start
):
    table = large_groups()
    codes = pd.factorize(table["person"])[0]
    slow = minimize(
        quadrature,
        start,
        args=(table[outcome].to_numpy(), table["x"].to_numpy(), codes, log_likelihood),
    )
    found = fit(f"{outcome} ~ x + (1 | person)", table, family)
    mine = np.concatenate([found.theta, found.beta, found.thresholds])
    assert mine == pytest.approx(np.array([abs(slow.x[0]), *slow.x[1:]]), abs=0.01)
    assert found.deviance == pytest.approx(slow.fun, abs=0.1)


def linear_criterion(parameters, y, fixed, randoms, *, is_reml):
    """Minus twice the (restricted) log likelihood of y ~ N(X beta, V), from V itself."""
    *sds, sigma = parameters
    v = sigma**2 * np.eye(len(y))
    for sd, own in zip(sds, randoms, strict=True):
        v = v + sd**2 * own @ own.T
    inverse = np.linalg.inv(v)
    information = fixed.T @ inverse @ fixed
    beta = np.linalg.solve(information, fixed.T @ inverse @ y)
    rest = y - fixed @ beta
    value = np.linalg.slogdet(2 * np.pi * v)[1] + rest @ inverse @ rest
    if is_reml:
        value += np.linalg.slogdet(information)[1] - fixed.shape[1] * np.log(2 * np.pi)
    return value, beta, np.linalg.inv(information)


@pytest.mark.parametrize("is_reml", [True, False])
def test_linear_fit_and_its_degrees_of_freedom_are_those_of_their_definitions(small, is_reml):
    y = np.log(small["rt"].to_numpy())
    fixed = np.column_stack([np.ones(len(small)), small["x"]])
    randoms = [indicators(small["person"]), indicators(small["item"])]

    def criterion(sds):
        return linear_criterion(sds, y, fixed, randoms, is_reml=is_reml)[0]

    slow = minimize(
        criterion,
        [0.2, 0.2, 0.4],
        method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-12, "maxiter": 5000},
    )
    found = fit("log(rt) ~ x + (1 | person) + (1 | item)", small, "gaussian", is_reml=is_reml)
    _, beta, covariance = linear_criterion(slow.x, y, fixed, randoms, is_reml=is_reml)
    assert found.deviance == pytest.approx(slow.fun, abs=1e-7)
    assert found.beta == pytest.approx(beta, rel=1e-5)
    assert found.beta_covariance == pytest.approx(covariance, rel=1e-4)
    assert [row.sd for row in found.random_effects()] == pytest.approx(slow.x, rel=1e-4)
    for row, contrast in zip(found.coefficients(), np.eye(2), strict=True):
        expected = numeric_satterthwaite(slow.x, contrast, y, fixed, randoms, is_reml=is_reml)
        assert row.df == pytest.approx(expected, rel=2e-3)
        assert row.p == pytest.approx(2 * stats.t.sf(abs(row.statistic), row.df))


def numeric_satterthwaite(sds, contrast, y, fixed, randoms, *, is_reml):
    def variance(at):
        covariance = linear_criterion(at, y, fixed, randoms, is_reml=is_reml)[2]
        return contrast @ covariance @ contrast

    def criterion(at):
        return linear_criterion(at, y, fixed, randoms, is_reml=is_reml)[0]

    steps = 1e-4 * np.eye(len(sds))
    slope = np.array([(variance(sds + s) - variance(sds - s)) / 2e-4 for s in steps])
    hessian = np.array(
        [
            [
                criterion(sds + s + t)
                - criterion(sds + s - t)
                - criterion(sds - s + t)
                + criterion(sds - s - t)
                for t in steps
            ]
            for s in steps
        ]
    ) / (4e-8)
    return 2 * variance(sds) ** 2 / (slope @ (2 * np.linalg.inv(hessian)) @ slope)
