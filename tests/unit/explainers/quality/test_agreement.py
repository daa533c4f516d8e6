import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from explainers.imagesets.gulls import DrawnGulls
from explainers.quality.agreement import (
    MeasuredParts,
    agreement,
    agreements,
    same_top,
    tau_b,
)
from explainers.quality.drawn import visible_parts
from explainers.quality.intervals import mean_of
from explainers.quality.truth import ShownMap
from explainers.rendering.layer import enlarged

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


SIZE = (12, 12)
PARTS = ("bill", "mantle", "legs", "body")


def stripes(rows):
    masks = {part: np.zeros(SIZE, dtype=bool) for part in PARTS}
    for number, part in enumerate(PARTS):
        masks[part][rows[number] : rows[number + 1]] = True
    return masks


def slow_heats(heat, masks):
    large = enlarged(heat, SIZE)
    return [
        sum(float(large[y, x]) for y, x in np.ndindex(SIZE) if mask[y, x]) / int(mask.sum())
        for mask in masks.values()
    ]


def test_a_methods_agreements_equal_plain_loops_over_pixels_and_other_pictures():
    generator = torch.Generator().manual_seed(4)
    keys = ["one", "two", "three"]
    heats = {key: torch.rand(5, 5, generator=generator) for key in keys}
    donors = dict(zip(keys, ["two", "three", "one"], strict=True))
    maps = [ShownMap(key, donors[key], heats[donors[key]]) for key in keys]
    rankings = ([3.0, 1.0, 0.0, 0.0], [0.0, 2.0, 0.0, 1.0], [0.5, 0.2, 0.7, 0.0])
    parts = {
        key: MeasuredParts(stripes(rows), dict(zip(PARTS, ranking, strict=True)))
        for key, rows, ranking in zip(
            keys, ([0, 2, 5, 6, 12], [1, 4, 6, 9, 11], [0, 1, 2, 3, 4]), rankings, strict=True
        )
    }
    found = agreements(maps, parts, SIZE)
    for shown in maps:
        measured = parts[shown.stimulus]
        truth = list(measured.sensitivities.values())

        def tau(heat, masks=measured.masks, truth=truth):
            return stats.kendalltau(slow_heats(heat, masks), truth, variant="b").statistic

        assert found[shown.stimulus].tau == pytest.approx(tau(shown.heat))
        others = [tau(m.heat) for m in maps if m.made_for != shown.stimulus]
        assert found[shown.stimulus].tau_shuffled == pytest.approx(np.mean(others))


def test_pictures_without_a_ranking_of_parts_are_left_out_and_constant_maps_score_chance():
    masks = stripes([0, 1, 4, 6, 11])
    two = {part: masks[part] for part in PARTS[:2]}
    parts = {
        "level": MeasuredParts(masks, dict.fromkeys(PARTS, 0.0)),
        "few": MeasuredParts(two, {"bill": 1.0, "mantle": 0.0}),
        "ranked": MeasuredParts(masks, dict(zip(PARTS, [1.0, 0.0, 0.3, 0.0], strict=True))),
    }
    maps = [ShownMap(key, key, torch.full((4, 4), 0.3)) for key in parts]
    found = agreements(maps, parts, SIZE)
    assert list(found) == ["ranked"]
    assert found["ranked"].tau == 0
    assert found["ranked"].top == pytest.approx(found["ranked"].top_random)
    assert agreements([], parts, SIZE) == {}


def test_an_interval_is_scipys_and_needs_two_pictures():
    values = [0.1, 0.4, 0.2, 0.9]
    found = mean_of(values)
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert (found.mean, found.low, found.high) == pytest.approx((0.4, low, high))
    assert found.count == 4
    assert math.isnan(mean_of([0.3]).low)
    assert math.isnan(mean_of([]).mean)


@pytest.mark.parametrize("level", [0.1, 1 / 3, 0.7, 0.9])
def test_a_map_that_is_equally_hot_everywhere_ranks_nothing(level):
    images = DrawnGulls(1, 1)
    parts = visible_parts(images.truth(images.records[0]))
    measured = {"a": MeasuredParts(parts, {part: float(i) for i, part in enumerate(parts)})}
    flat = [ShownMap("a", "a", torch.full((28, 28), level))]
    found = agreements(flat, measured, (224, 224))["a"]
    assert found.tau == 0
    assert found.top == pytest.approx(1 / len(parts))
