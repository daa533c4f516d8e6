"""The smallest effect is where a known curve has the wanted power."""

import numpy as np
from scipy import stats

from analysis.power.detectable import smallest_detectable
from analysis.power.records import wilson

EFFECTS = (0.0, 0.05, 0.1, 0.15)


def known(k, studies, seed):
    drawn = np.random.default_rng(seed)
    power = [stats.norm.cdf(k * d - 1.96) + stats.norm.cdf(-k * d - 1.96) for d in EFFECTS]
    return drawn.binomial(studies, power)


def test_the_smallest_effect_of_a_known_curve_lies_in_its_interval():
    k, covered = 30.0, 0
    truth = (1.959964 + 0.841621) / k
    for seed in range(60):
        hits = known(k, 400, seed)
        found = smallest_detectable(EFFECTS, hits, [400] * 4, wanted=0.8)
        assert abs(found.difference - truth) < 0.012
        covered += found.low <= truth <= found.high
    assert covered >= 52  # 95 % of 60 are 57; fewer than 52 happens once in a hundred times


def test_differences_of_either_sign_are_read_by_their_size():
    hits = known(30.0, 1000, 1)
    ahead = smallest_detectable(EFFECTS, hits, [1000] * 4, wanted=0.8)
    behind = smallest_detectable([-d for d in EFFECTS], hits, [1000] * 4, wanted=0.8)
    assert ahead == behind


def test_nothing_is_read_off_beyond_what_was_simulated():
    weak = smallest_detectable(EFFECTS, [20, 40, 90, 200], [400] * 4, wanted=0.8)
    assert (weak.difference, weak.note) == (None, "above 0.15, the largest simulated")
    strong = smallest_detectable(EFFECTS, [20, 400, 400, 400], [400] * 4, wanted=0.8)
    assert (strong.difference, strong.note) == (None, "below 0.05, the smallest simulated")
    null = smallest_detectable([0.0, 0.0], [20, 20], [400] * 2, wanted=0.8)
    assert (null.difference, null.note) == (None, "no arm of it has the effect")


def test_wilson_intervals_are_those_of_statsmodels():
    from statsmodels.stats.proportion import proportion_confint

    for hits, tried in [(0, 20), (3, 20), (500, 1000), (1000, 1000)]:
        low, high = proportion_confint(hits, tried, method="wilson")
        rate = wilson(hits, tried)
        assert np.allclose([rate.low, rate.high], [low, high], atol=1e-12)


def test_a_wanted_power_that_chance_alone_gives_has_no_smallest_effect():
    found = smallest_detectable(EFFECTS, [80, 100, 200, 320], [400] * 4, wanted=0.05)
    assert (found.difference, found.note) == (None, "found as often without any difference")


def test_what_hardly_any_study_says_is_not_told_as_a_figure():
    found = smallest_detectable((0.0, 0.1), [0, 4], [20] * 2, wanted=0.02)
    assert (found.difference, found.note) == (None, "unknown, for too few studies")
    flat = smallest_detectable((0.0, 0.1), [0, 3], [3] * 2, wanted=0.8)
    assert (flat.difference, flat.note) == (None, "below 0.1, the smallest simulated")
