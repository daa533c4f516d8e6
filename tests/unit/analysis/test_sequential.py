"""Group-sequential boundaries against rpact, and against the multivariate normal itself."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from analysis.sequential import (
    alpha_spent,
    boundaries,
    nominal_level,
    repeated_interval,
    stagewise_p,
)

RPACT = json.loads(
    (Path(__file__).parents[2] / "reference" / "sequential.json").read_text(encoding="utf-8")
)["designs"]


def spend(fractions, alpha, spending, sides=2):
    return [alpha_spent(at, alpha, spending, sides=sides) for at in fractions]


@pytest.mark.parametrize(
    ("design", "spending", "sides"),
    [
        ("asOF_sided1", "obrien_fleming", 1),
        ("asOF_sided2", "obrien_fleming", 2),
        ("asOF_half", "obrien_fleming", 2),
        ("asP_sided1", "pocock", 1),
        ("asP_sided2", "pocock", 2),
    ],
)
def test_spending_and_boundaries_are_rpacts(design, spending, sides):
    reference = RPACT[design]
    spent = spend(reference["info"], 0.05 if sides == 2 else 0.025, spending, sides)
    assert spent == pytest.approx(reference["alphaSpent"], abs=2e-8)
    bounds = boundaries(reference["info"], spent, sides=sides)
    assert bounds == pytest.approx(reference["z"], abs=2e-8)


@pytest.mark.parametrize("design", [name for name in RPACT if not name.startswith("as")])
def test_classical_designs_come_back_from_the_alpha_they_spend(design):
    reference = RPACT[design]
    sides = 1 if design.endswith("sided1") else 2
    bounds = boundaries(reference["info"], reference["alphaSpent"], sides=sides)
    assert bounds == pytest.approx(reference["z"], abs=1e-6)


@pytest.mark.parametrize("information", [(0.2, 0.3, 0.9, 1.0), (31, 100, 104), (1, 2, 3, 4, 5)])
def test_statistics_stay_within_the_boundaries_as_often_as_the_normal_distribution_says(
    information,
):
    times = np.asarray(information, float)
    spent = spend(times / times[-1], 0.05, "pocock")
    bounds = boundaries(information, spent)
    correlation = np.sqrt(np.minimum.outer(times, times) / np.maximum.outer(times, times))
    for looks in range(1, len(times) + 1):
        normal = stats.multivariate_normal(np.zeros(looks), correlation[:looks, :looks])
        inside = normal.cdf(
            bounds[:looks], lower_limit=-bounds[:looks], rng=np.random.default_rng(1)
        )
        assert 1 - inside == pytest.approx(spent[looks - 1], abs=2e-5)


def test_one_look_is_the_ordinary_test():
    assert boundaries([17], [0.05]) == pytest.approx([stats.norm.isf(0.025)], abs=1e-10)
    assert stagewise_p([17], [], -2.1) == pytest.approx(2 * stats.norm.sf(2.1), abs=1e-14)
    assert alpha_spent(1, 0.05, "pocock") == pytest.approx(0.05)
    assert alpha_spent(1, 0.05, "obrien_fleming") == pytest.approx(0.05)


def test_boundaries_depend_on_shares_of_information_only():
    spent = spend((0.4, 0.7, 1), 0.05, "obrien_fleming")
    assert boundaries((40, 70, 100), spent) == pytest.approx(boundaries((0.4, 0.7, 1), spent))


def test_a_look_that_may_spend_nothing_stops_nothing():
    bounds = boundaries((0.01, 0.5, 1), [0.0, 0.01, 0.05])
    assert bounds[0] == np.inf
    assert bounds[1:] == pytest.approx(boundaries((0.5, 1), [0.01, 0.05]), abs=1e-9)


@pytest.mark.parametrize("sides", [1, 2])
def test_the_stagewise_p_at_the_boundary_is_the_alpha_spent(sides):
    information = (0.3, 0.55, 1)
    spent = spend(information, 0.04, "pocock", sides)
    bounds = boundaries(information, spent, sides=sides)
    for look in range(3):
        p = stagewise_p(information[: look + 1], bounds[:look], bounds[look], sides=sides)
        assert p == pytest.approx(spent[look], abs=1e-10)
    # A later look, however extreme, is less than crossing earlier.
    assert stagewise_p(information, bounds[:2], 9.0, sides=sides) == pytest.approx(spent[1])


def test_the_repeated_interval_leaves_out_zero_exactly_beyond_the_boundary():
    level = nominal_level(2.5)
    low, high = repeated_interval(2.5 * 0.04, 0.04, level)
    assert low == pytest.approx(0, abs=1e-12)
    assert high == pytest.approx(0.2)
    assert repeated_interval(0.1, 0.04, level, df=10)[0] < 0


@pytest.mark.parametrize(
    ("information", "spent", "word"),
    [
        ((0.5, 0.5), (0.01, 0.05), "must rise"),
        ((0.5, 1), (0.05, 0.01), "alpha spent must rise"),
        ((0.5, 1), (0.05,), "alpha spent must rise"),
        ((), (), "must rise"),
        ((0.9999, 1), (0.01, 0.05), "thousandth"),
    ],
)
def test_looks_that_can_not_be_are_refused(information, spent, word):
    with pytest.raises(ValueError, match=word):
        boundaries(information, spent)


@pytest.mark.parametrize("fraction", [0, -0.1, 1.01])
def test_a_fraction_outside_the_study_is_refused(fraction):
    with pytest.raises(ValueError, match="between 0 and 1"):
        alpha_spent(fraction, 0.05, "pocock")
