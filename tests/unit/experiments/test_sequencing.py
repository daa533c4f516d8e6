import random
from collections import Counter
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.checks import check_protocol
from experiments.selection import SelectionError, select_stimuli
from experiments.sequencing import catch_positions, plan_session, spaced_order
from tests.unit.experiments.test_checks import DEMO, demo_manifest


@pytest.fixture(scope="module")
def demo():
    manifest = demo_manifest()
    protocol = check_protocol(DEMO, manifest).protocol
    return protocol, manifest, select_stimuli(protocol, manifest)


def by_key(manifest):
    return {stimulus.key: stimulus for stimulus in manifest.stimuli}


@given(
    counts=st.lists(st.integers(1, 8), min_size=2, max_size=5),
    max_run=st.integers(1, 3),
    seed=st.integers(0, 2**32),
)
def test_an_order_never_exceeds_the_run_whenever_one_exists(counts, max_run, seed):
    stimuli = [(f"{s}-{n}", str(s)) for s, count in enumerate(counts) for n in range(count)]
    feasible = all(count <= max_run * (sum(counts) - count + 1) for count in counts)
    if not feasible:
        with pytest.raises(SelectionError):
            spaced_order(stimuli, max_run, random.Random(seed))
        return
    order = spaced_order(stimuli, max_run, random.Random(seed))
    assert sorted(order) == sorted(key for key, _ in stimuli)
    runs = [len(list(group)) for _, group in groupby(order, key=lambda key: key.split("-")[0])]
    assert max(runs) <= max_run


def test_every_picture_is_equally_likely_to_come_first():
    stimuli = [(f"{s}-{n}", str(s)) for s in range(3) for n in range(2)]
    firsts = Counter(spaced_order(stimuli, 2, random.Random(seed))[0] for seed in range(6000))
    assert all(abs(firsts[key] - 1000) < 5 * (6000 * 5 / 36) ** 0.5 for key, _ in stimuli)


@given(st.integers(9, 60), st.integers(1, 3), st.integers(0, 2**32))
def test_checks_never_come_first_and_each_has_its_own_stretch(trials, checks, seed):
    sequence: list[int | None] = list(range(trials))
    for place in catch_positions(trials, checks, random.Random(seed)):
        sequence.insert(place, None)
    assert sequence[0] is not None
    assert sequence.count(None) == checks
    assert [item for item in sequence if item is not None] == list(range(trials))


def test_a_selection_is_balanced_disjoint_and_from_the_split_asked_for(demo):
    protocol, manifest, selection = demo
    chosen = [key for keys in selection.values() for key in keys]
    assert len(chosen) == len(set(chosen))
    by_key = {stimulus.key: stimulus for stimulus in manifest.stimuli}
    for stage in protocol.trials_stages():
        counts = Counter(by_key[key].true_species for key in selection[stage.key])
        assert set(counts.values()) == {stage.stimuli.per_species}
        assert {by_key[key].split for key in selection[stage.key]} == {stage.stimuli.split}


def test_a_session_plan_shows_each_picture_once_under_its_arms_condition(demo):
    protocol, manifest, selection = demo
    plan = plan_session(protocol, by_key(manifest), selection, arm="placebo", seed=5)
    assert [trial.index for trial in plan] == list(range(len(plan)))
    shown = [trial.stimulus for trial in plan if trial.stimulus]
    assert sorted(shown) == sorted(key for keys in selection.values() for key in keys)
    conditions = {(t.phase, t.condition) for t in plan if t.trial_type == "classification"}
    assert conditions == {("practice", "none"), ("training", "placebo"), ("assessment", "placebo")}
    assert sum(trial.trial_type == "catch" for trial in plan) == 2
    assert sum(trial.offers_break for trial in plan) == 1


def test_a_plan_is_replayed_by_its_seed_and_does_not_depend_on_the_arm(demo):
    protocol, manifest, selection = demo
    stimuli = by_key(manifest)
    plans = {
        arm: plan_session(protocol, stimuli, selection, arm=arm, seed=9) for arm in protocol.arms
    }
    assert plans["heatmap"] == plan_session(protocol, stimuli, selection, arm="heatmap", seed=9)
    orders = {arm: [trial.stimulus for trial in plan] for arm, plan in plans.items()}
    assert orders["none"] == orders["heatmap"] == orders["placebo"]
    other = plan_session(protocol, stimuli, selection, arm="none", seed=10)
    assert [trial.stimulus for trial in other] != orders["none"]
