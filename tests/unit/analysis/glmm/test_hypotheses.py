"""Tests of terms, marginal means and the bootstrap, where R is not the yardstick."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from analysis.errors import FitError
from analysis.glmm.bootstrap import bootstrap, bootstrap_test, simulate
from analysis.glmm.coding import Coding
from analysis.glmm.fitting import fit
from analysis.glmm.hypotheses import joint_tests, likelihood_ratio
from analysis.glmm.margins import marginal_means, mean_contrasts
from tests.unit.analysis.glmm.tables import random_table

SLOPES = "right ~ c * x + (1 + c | person) + (1 | item)"


@cache
def fitted(formula, family="binomial"):
    return fit(formula, random_table(rows=600), family)


def shares_by_simulation(found, level):
    """Mean probability over a million new people and items, at the mean of x."""
    generator = np.random.default_rng(0)
    x = found.problem.design.table["x"].mean()
    factors = dict(
        zip(
            (own.name for own in found.problem.design.groupings),
            found.problem.covariance.factors(found.theta),
            strict=True,
        )
    )
    coded = np.array([1.0, level == "b", level == "c"])
    person = generator.standard_normal((1_000_000, 3)) @ factors["person"].T @ coded
    item = generator.standard_normal(1_000_000) * factors["item"][0, 0]
    row = np.array([*coded, x, x * coded[1], x * coded[2]])
    return expit(row @ found.beta + person + item).mean()


def test_shares_integrate_over_new_people_and_items():
    found = fitted(SLOPES)
    for mean in marginal_means(found, ["c"]):
        expected = shares_by_simulation(found, mean.levels["c"])
        assert mean.share.value == pytest.approx(expected, abs=1e-3)


def test_errors_of_shares_are_those_of_the_delta_method():
    found = fitted(SLOPES)
    count = len(found.theta) + len(found.beta)

    def difference(parameters):
        moved = replace(
            found, theta=parameters[: len(found.theta)], beta=parameters[len(found.theta) :]
        )
        return mean_contrasts(moved, ["c"])[0].risk_difference.value

    at = np.concatenate([found.theta, found.beta])
    slope = np.array(
        [(difference(at + step) - difference(at - step)) / 2e-5 for step in 1e-5 * np.eye(count)]
    )
    own = mean_contrasts(found, ["c"])[0].risk_difference
    assert own.se == pytest.approx(np.sqrt(slope @ found.uncertainty @ slope), rel=1e-4)
    assert own.low == pytest.approx(own.value - stats.norm.ppf(0.975) * own.se)


def test_risk_differences_are_differences_of_shares():
    found = fitted(SLOPES)
    means = {mean.name: mean.share.value for mean in marginal_means(found, ["c"])}
    for own in mean_contrasts(found, ["c"]):
        expected = means[own.first] - means[own.second]
        assert own.risk_difference.value == pytest.approx(expected)


def test_contrasts_are_of_every_pair_or_against_one():
    found = fitted(SLOPES)
    pairs = [(own.first, own.second) for own in mean_contrasts(found, ["c"])]
    assert pairs == [("a", "b"), ("a", "c"), ("b", "c")]
    against = mean_contrasts(found, ["c"], against="b", correction="none")
    assert [(own.first, own.second) for own in against] == [("a", "b"), ("c", "b")]
    assert all(own.p == own.p_adjusted for own in against)


def test_what_has_no_means_is_told():
    with pytest.raises(FitError, match=r"x is no factor of the fixed terms.*Factors are: c"):
        marginal_means(fitted(SLOPES), ["x"])
    with pytest.raises(FitError, match=r"c has no level 'z'. It has a, b, c"):
        mean_contrasts(fitted(SLOPES), ["c"], against="z")


def test_ordinal_contrasts_are_odds_ratios():
    found = fitted("rating ~ c + (1 | person)", "ordinal")
    own = mean_contrasts(found, ["c"])[0]
    assert own.estimate == pytest.approx(-found.beta[0])
    assert own.odds_ratio[0] == pytest.approx(np.exp(own.estimate))
    assert own.risk_difference is None


def test_joint_tests_do_not_depend_on_the_coding():
    table = random_table(rows=600)
    formula = "right ~ c * site + (1 | person)"
    one = joint_tests(fit(formula, table))
    coding = Coding(sum_coded=["c"], reference={"site": "2", "c": "b"})
    other = joint_tests(fit(formula, table, coding=coding))
    assert [test.term for test in one] == ["c", "site", "c:site"]
    for ours, theirs in zip(one, other, strict=True):
        assert ours.numerator == theirs.numerator
        assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-4)


def test_one_coefficient_tested_jointly_is_its_own_square():
    found = fitted("log(rt) ~ x + (1 | person)", "gaussian")
    (test,) = joint_tests(found)
    row = found.coefficients()[1]
    assert test.statistic == pytest.approx(row.statistic**2)
    assert test.denominator == pytest.approx(row.df)
    assert test.p == pytest.approx(row.p)


@pytest.mark.parametrize(
    ("larger", "smaller", "message"),
    [
        (
            ("right ~ x + (1 | person)", "binomial"),
            ("rating ~ 1 + (1 | person)", "ordinal"),
            "ordinal",
        ),
        (
            ("right ~ 1 + (1 | person)", "binomial"),
            ("right ~ x + (1 | person)", "binomial"),
            "no part",
        ),
        (
            ("log(rt) ~ x + (1 | person)", "gaussian"),
            ("log(rt) ~ 1 + (1 | person)", "gaussian"),
            "ML",
        ),
    ],
)
def test_fits_that_can_not_be_compared_are_refused(larger, smaller, message):
    with pytest.raises(FitError, match=message):
        likelihood_ratio(fitted(*larger), fitted(*smaller))


def test_fits_of_different_rows_are_refused():
    table = random_table(rows=600)
    other = fit("right ~ 1 + (1 | person)", table.iloc[:500])
    with pytest.raises(FitError, match="different rows \\(600 and 500\\)"):
        likelihood_ratio(fitted("right ~ x + (1 | person)"), other)


def test_likelihood_ratio_of_a_random_part():
    larger, smaller = fitted("right ~ x + (1|person) + (1|item)"), fitted("right ~ x + (1|person)")
    test = likelihood_ratio(larger, smaller)
    assert (test.term, test.numerator) == ("random part", 1)
    assert test.statistic == pytest.approx(smaller.deviance - larger.deviance)


@pytest.mark.parametrize(
    ("formula", "family"),
    [
        ("right ~ x + (1 | person) + (1 | item)", "binomial"),
        ("rating ~ x + (1 | person)", "ordinal"),
        ("log(rt) ~ x + (1 | person)", "gaussian"),
    ],
)
def test_a_bootstrap_does_not_depend_on_its_workers_and_tells_its_progress(formula, family):
    found = fitted(formula, family)
    told = []
    one = bootstrap(found, estimates, simulations=6, seed=4, progress=lambda *own: told.append(own))
    assert told == [(done, 6) for done in range(1, 7)]
    assert one.shape == (6, len(found.beta))
    two = bootstrap(found, estimates, simulations=6, seed=4, workers=2)
    assert two == pytest.approx(one, abs=1e-8)
    assert not np.array_equal(one, bootstrap(found, estimates, simulations=6, seed=5))


def estimates(found):
    return found.beta


def test_simulated_outcomes_vary_as_the_fit_says():
    found = fitted("log(rt) ~ x + (1 | person)", "gaussian")
    generator = np.random.default_rng(1)
    draws = np.array([simulate(found, generator).values for _ in range(3000)])
    expected = found.sigma**2 * (1 + found.theta[0] ** 2)
    assert draws.var(axis=0).mean() == pytest.approx(expected, rel=0.02)
    assert draws.mean(axis=0) == pytest.approx(found.problem.fixed @ found.beta, abs=0.05)


@pytest.mark.slow
def test_a_bootstrap_test_of_nothing_is_near_the_chi_squared():
    table = random_table(rows=300).assign(noise=np.random.default_rng(9).normal(size=300))
    larger = fit("right ~ x + noise + (1 | person) + (1 | item)", table)
    smaller = fit("right ~ x + (1 | person) + (1 | item)", table)
    found = bootstrap_test(larger, smaller, simulations=200, seed=1)
    assert found.failed == 0
    assert found.p == pytest.approx(likelihood_ratio(larger, smaller).p, abs=0.12)
    assert found.simulated.mean() == pytest.approx(1.0, abs=0.35)
