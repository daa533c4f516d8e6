"""The probit link: its derivatives, its Laplace deviance, and what is told of such a fit."""

import numpy as np
import pytest
from scipy import stats

from analysis.glmm.bootstrap import simulate
from analysis.glmm.covariance import Covariance
from analysis.glmm.fitting import fit
from analysis.glmm.laplace import Laplace
from analysis.glmm.margins import mean_contrasts
from analysis.glmm.probit import Probit
from analysis.glmm.structure import Structure
from analysis.glmm.tables import contrasts_text, fit_text
from tests.unit.analysis.glmm.tables import design_of, random_parameters, random_table

ETA = np.array([-30.0, -4.0, -0.3, 0.0, 0.8, 5.0, 30.0] * 2)
ANSWERS = np.repeat([0.0, 1.0], 7)


def log_likelihoods(eta):
    return np.where(ANSWERS > 0, stats.norm.logcdf(eta), stats.norm.logsf(eta))


def differences(values, at, step=1e-4):
    return (values(at + step) - values(at - step)) / (2 * step)


def test_derivatives_are_those_of_the_normal_distribution():
    point = Probit(ANSWERS).at(ETA, np.empty(0))
    assert point.log_likelihood == pytest.approx(log_likelihoods(ETA).sum(), rel=1e-12)
    assert point.score == pytest.approx(differences(log_likelihoods, ETA), rel=1e-5, abs=1e-7)
    scores = lambda eta: Probit(ANSWERS).at(eta, np.empty(0)).score  # noqa: E731
    assert point.weight == pytest.approx(-differences(scores, ETA), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("part", ["(1|person) + (1|item)", "(1 + x|person) + (1|site)"])
def test_gradient_is_that_of_central_differences(part):
    design = design_of(f"right ~ x + c + {part}")
    family = Probit(design.table["right"].to_numpy(float))
    structure, covariance = Structure(design.groupings), Covariance(design.groupings)
    laplace = Laplace(structure, covariance, design.fixed, family)
    parameters = random_parameters(laplace)
    _, gradient = laplace(parameters)
    steps = 1e-4 * np.eye(len(parameters))
    expected = [(laplace(parameters + s)[0] - laplace(parameters - s)[0]) / 2e-4 for s in steps]
    assert gradient == pytest.approx(np.array(expected), abs=1e-5)


def test_a_fit_finds_what_was_simulated():
    """Also: its coefficients are the logit's over about 1.7, and it tells no odds."""
    formula = "right ~ x + c + (1 | person) + (1 | item)"
    table = random_table(rows=3000)
    probit, logit = fit(formula, table, "probit"), fit(formula, table)
    assert logit.beta[1] / probit.beta[1] == pytest.approx(1.7, abs=0.1)
    drawn = table.assign(right=simulate(probit, np.random.default_rng(3)).values.astype(int))
    again = fit(formula, drawn, "probit").coefficients()
    for one, true in zip(again[1:], probit.beta[1:], strict=True):
        assert abs(one.estimate - true) < 3.5 * one.se
    contrast = mean_contrasts(probit, ["c"], against="a")[0]
    assert contrast.odds_ratio is None
    assert contrast.risk_difference is None
    assert "standard deviations of a normal distribution" in fit_text(probit)
    assert "odds" not in contrasts_text(probit, "c", "a")
