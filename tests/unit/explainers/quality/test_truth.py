"""Truth scores against a slow reading of their definitions, pixel by pixel."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from explainers.quality.truth import SCORES, ShownMap, placements, score_maps
from explainers.rendering.layer import enlarged

SIDE = 10
SIZE = (SIDE, SIDE)
# Few levels, so that ties are common.
HEATS = hnp.arrays(np.float32, SIZE, elements=st.sampled_from([0.0, 0.25, 0.5, 1.0]))
MASKS = hnp.arrays(np.bool_, SIZE).filter(lambda mask: mask.any())


def slow_mass(heat, mask):
    inside = sum(float(heat[y, x]) for y, x in np.ndindex(heat.shape) if mask[y, x])
    total = sum(float(heat[y, x]) for y, x in np.ndindex(heat.shape))
    return inside / total if total else mask.mean()


def slow_hottest(heat, mask, count):
    """The mean over all orders of equally hot pixels, level by level."""
    left, inside = count, 0.0
    for level in sorted({float(value) for value in heat.ravel()}, reverse=True):
        places = [(y, x) for y, x in np.ndindex(heat.shape) if float(heat[y, x]) == level]
        taken = min(left, len(places))
        inside += taken * sum(bool(mask[place]) for place in places) / len(places)
        left -= taken
    return inside / count


def slow_scores(heat, mask):
    tenth = round(heat.size / 10)
    return [slow_mass(heat, mask), slow_hottest(heat, mask, tenth), slow_hottest(heat, mask, 1)]


def shares(heat, mask):
    return [float(placed[mask].sum()) for placed in placements(heat)]


@given(HEATS, MASKS)
def test_scores_equal_their_definitions_written_out(heat, mask):
    assert shares(heat, mask) == pytest.approx(slow_scores(heat, mask))


@given(HEATS)
def test_attention_is_shared_out_whole(heat):
    placed = placements(heat)
    assert placed.shape == (3, SIDE, SIDE)
    assert placed.min() >= 0
    assert placed.sum(axis=(1, 2)) == pytest.approx([1, 1, 1])


@given(MASKS, st.sampled_from([0.0, 0.3, 1.0]))
def test_a_constant_map_scores_the_area(mask, level):
    heat = np.full(SIZE, level, dtype=np.float32)
    assert shares(heat, mask) == pytest.approx([mask.mean()] * 3)


@given(MASKS)
def test_the_region_itself_as_a_map_has_all_its_mass_and_is_pointed_at(mask):
    mass, top, pointing = shares(mask.astype(np.float32), mask)
    assert mass == pointing == pytest.approx(1)
    if mask.sum() >= SIDE:
        assert top == pytest.approx(1)


@given(HEATS, MASKS, st.floats(0.1, 10))
def test_scores_do_not_depend_on_a_maps_scale(heat, mask, factor):
    scaled = (heat * np.float32(factor)).astype(np.float32)
    assert shares(scaled, mask) == pytest.approx(shares(heat, mask), abs=1e-6)


def test_equally_hot_pixels_share_the_last_places():
    heat = np.zeros(SIZE, dtype=np.float32)
    heat[0, :8], heat[1, :4] = 1.0, 0.5
    placed = placements(heat)
    assert placed[1][0, :8] == pytest.approx([0.1] * 8)
    assert placed[1][1, :4] == pytest.approx([0.05] * 4)
    assert placed[2][0, :8] == pytest.approx([1 / 8] * 8)


def cycle_of_maps(keys, *, borrowed):
    """Give each picture a random map; a placebo shows each the next one's."""
    generator = torch.Generator().manual_seed(3)
    heats = {key: torch.rand(4, 4, generator=generator) for key in keys}
    if not borrowed:
        return [ShownMap(key, key, heats[key]) for key in keys]
    return [ShownMap(key, donor, heats[donor]) for key, donor in pairwise([*keys, keys[0]])]


@pytest.mark.parametrize("borrowed", [False, True])
@settings(max_examples=10, deadline=None)
@given(masks=st.lists(MASKS, min_size=4, max_size=4))
def test_shuffled_is_the_mean_over_maps_made_for_other_pictures(borrowed, masks):
    keys = [f"picture-{number}" for number in range(len(masks))]
    maps = cycle_of_maps(keys, borrowed=borrowed)
    regions = {key: {"telling": mask} for key, mask in zip(keys, masks, strict=True)}
    scores = score_maps(maps, regions, SIZE)
    for shown in maps:
        mask = regions[shown.stimulus]["telling"]
        own = slow_scores(enlarged(shown.heat, SIZE), mask)
        others = [
            slow_scores(enlarged(m.heat, SIZE), mask) for m in maps if m.made_for != shown.stimulus
        ]
        assert len(others) == 3
        found = scores[shown.stimulus]["telling"]
        assert [found[name].value for name in SCORES] == pytest.approx(own)
        assert [found[name].area for name in SCORES] == pytest.approx([mask.mean()] * 3)
        expected = np.mean(others, axis=0)
        assert [found[name].shuffled for name in SCORES] == pytest.approx(expected)


def test_a_placebo_over_all_donors_scores_exactly_its_shuffled_chance():
    keys = [f"picture-{number}" for number in range(5)]
    own = cycle_of_maps(keys, borrowed=False)
    mask = np.random.default_rng(0).random(SIZE) < 0.2
    regions = {key: {"telling": mask} for key in keys}
    chance = score_maps(own, regions, SIZE)[keys[0]]["telling"]["mass"].shuffled
    donated = [
        slow_mass(enlarged(shown.heat, SIZE), mask) for shown in own if shown.stimulus != keys[0]
    ]
    assert chance == pytest.approx(np.mean(donated))


def test_one_picture_alone_has_no_shuffled_chance():
    mask = np.eye(SIDE, dtype=bool)
    alone = [ShownMap("one", "one", torch.rand(4, 4))]
    scores = score_maps(alone, {"one": {"telling": mask}}, SIZE)
    assert scores["one"]["telling"]["top"].shuffled is None


def test_a_picture_without_regions_still_counts_among_the_others():
    mask = np.eye(SIDE, dtype=bool)
    maps = [ShownMap(key, key, torch.rand(4, 4)) for key in ("one", "two")]
    scores = score_maps(maps, {"one": {"telling": mask}, "two": {}}, SIZE)
    assert scores["two"] == {}
    other = slow_mass(enlarged(maps[1].heat, SIZE), mask)
    assert scores["one"]["telling"]["mass"].shuffled == pytest.approx(other)
