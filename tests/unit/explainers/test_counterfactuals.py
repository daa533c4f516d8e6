"""Versions with parts hidden: equal in number, apart in score, and as participants see them."""

import numpy as np
import pytest
import torch
from PIL import Image

from explainers.artefacts import ArtefactStore
from explainers.counterfactuals import Counterfactuals, CounterfactualSettings, shown_sets
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator

CELLS = 4
SETTINGS = CounterfactualSettings(gap=0.005, cells=CELLS, shares=(0.25, 0.5), tries=24)
TARGET = 1


@pytest.fixture
def picture(tmp_path):
    pixels = np.random.default_rng(3).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    whole = Image.fromarray(pixels).resize((90, 60), Image.Resampling.NEAREST)
    return ArtefactStore(tmp_path).add_picture(whole)


def maker(network, tmp_path, settings=SETTINGS, seed=0) -> Counterfactuals:
    return Counterfactuals(network, Evaluator(network), ArtefactStore(tmp_path), seed, settings)


def test_two_versions_hide_equally_many_patches_and_differ_in_score(network, tmp_path, picture):
    one, other = maker(network, tmp_path).versions(picture, TARGET, ())
    assert (one.key, other.key) == ("v1", "v2")
    assert len(one.hidden) == len(other.hidden) in (4, 8)
    assert one.hidden != other.hidden
    assert abs(one.score - other.score) >= SETTINGS.gap


def test_the_score_is_the_networks_of_the_picture_that_is_shown(network, tmp_path, picture):
    for version in maker(network, tmp_path).versions(picture, TARGET, ()):
        shown = Image.open(tmp_path / version.picture.path)
        assert shown.size == (90, 60)
        logits = network.module(network.normalise(network.to_tensor(shown)[None]))
        assert torch.isclose(logits.softmax(1)[0, TARGET], torch.tensor(version.score), atol=1e-5)


def test_only_hidden_patches_differ_from_the_picture(network, tmp_path, picture):
    whole = np.array(Image.open(tmp_path / picture.path).convert("RGB"))
    (version, _) = maker(network, tmp_path).versions(picture, TARGET, ())
    shown = np.array(Image.open(tmp_path / version.picture.path).convert("RGB"))
    changed = (whole != shown).any(axis=2)
    for patch in range(CELLS**2):
        row, column = divmod(patch, CELLS)
        # The grid of 4 x 4 does not fall on whole pixels: look at the middle of each patch.
        middle = changed[row * 15 + 4 : row * 15 + 11, column * 22 + 6 : column * 22 + 16]
        assert middle.mean() > 0.9 if patch in version.hidden else not middle.any()


def test_the_same_seed_makes_the_same_versions_and_nothing_is_made_twice(
    network, tmp_path, picture, monkeypatch
):
    made = maker(network, tmp_path).versions(picture, TARGET, ())
    monkeypatch.setattr(Counterfactuals, "_make", lambda *_: pytest.fail("made again"))
    assert maker(network, tmp_path).versions(picture, TARGET, ()) == made
    monkeypatch.undo()
    others = {
        maker(network, tmp_path, seed=seed).versions(picture, TARGET, ()) for seed in range(4)
    }
    assert len(others) == 4


def test_which_key_has_the_higher_score_is_drawn(network, tmp_path, picture):
    higher = set()
    for seed in range(12):
        one, other = maker(network, tmp_path, seed=seed).versions(picture, TARGET, ())
        higher.add(one.score > other.score)
    assert higher == {True, False}


def test_no_version_shows_what_an_explanation_shows(network, tmp_path, picture):
    every = frozenset(range(CELLS**2))
    taken: set[frozenset[int]] = set()
    for _ in range(3):
        versions = maker(network, tmp_path).versions(picture, TARGET, taken)
        shown = {every - frozenset(version.hidden) for version in versions}
        assert not shown & taken
        taken |= shown


def test_a_picture_without_two_different_versions_is_refused_with_a_remedy(
    network, tmp_path, picture
):
    strict = CounterfactualSettings(gap=0.999, cells=CELLS, shares=(0.25,), tries=4)
    with pytest.raises(ExplainersError, match="--counterfactual-gap"):
        maker(network, tmp_path, strict).versions(picture, TARGET, ())
    assert not (tmp_path / "sidecars").exists()


def test_the_sets_of_a_graph_count_on_its_own_grid_only():
    own = {"cells": 7, "nodes": [{"patches": [3, 4]}, {"patches": [4]}]}
    assert shown_sets(own, 7) == [frozenset({3, 4}), frozenset({4})]
    assert shown_sets(own, 4) == shown_sets({"cells": 7}, 7)[:0] == shown_sets({}, 7) == []
