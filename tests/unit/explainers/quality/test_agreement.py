import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from explainers.quality.agreement import agreement, same_top, tau_b
from explainers.quality.intervals import mean_of

LEVELS = hnp.arrays(np.float64, 5, elements=st.sampled_from([0.0, 0.1, 0.5, 1.0]))


@given(LEVELS, LEVELS)
def test_tau_b_is_scipys_and_zero_where_that_is_undefined(first, second):
    expected = stats.kendalltau(first, second, variant="b").statistic
    found = tau_b(first[None], second)[0]
    assert found == pytest.approx(0 if math.isnan(expected) else expected)


@given(LEVELS, LEVELS)
def test_the_top_part_is_picked_at_random_among_equals(first, second):
    picks = [i for i in range(5) if first[i] == first.max()]
    truths = [i for i in range(5) if second[i] == second.max()]
    expected = np.mean([pick == truth for pick in picks for truth in truths])
    assert same_top(first[None], second)[0] == pytest.approx(expected)


def test_an_agreement_stands_beside_the_same_methods_other_maps():
    sensitivities = np.array([3.0, 1.0, 0.0])
    own = np.array([0.9, 0.4, 0.1])
    others = np.array([[0.1, 0.4, 0.9], [0.9, 0.4, 0.1], [0.5, 0.5, 0.5]])
    found = agreement(sensitivities, own, others)
    assert (found.tau, found.top) == (1, 1)
    assert found.tau_shuffled == pytest.approx(0)
    assert found.top_random == pytest.approx(1 / 3)
    assert found.top_shuffled == pytest.approx((0 + 1 + 1 / 3) / 3)
    assert agreement(sensitivities, own, others[:0]).tau_shuffled is None


def test_an_interval_is_scipys_and_needs_two_pictures():
    values = [0.1, 0.4, 0.2, 0.9]
    found = mean_of(values)
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert (found.mean, found.low, found.high) == pytest.approx((0.4, low, high))
    assert found.count == 4
    assert math.isnan(mean_of([0.3]).low)
    assert math.isnan(mean_of([]).mean)
