from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.checks import check_protocol
from experiments.counterbalancing import balanced_square, conditions_of, lists_of, order_of
from experiments.loading import load_protocol
from experiments.selection import select_stimuli
from experiments.sequencing import plan_session
from experiments.templates import template_named
from tests.unit.experiments.test_checks import demo_manifest

WITHIN = template_named("within").path
NAMES = ("none", "placebo", "heatmap", "graph", "concepts")


@given(count=st.integers(1, 12))
def test_a_square_has_each_once_in_every_row_and_equally_often_in_every_place(count):
    square = balanced_square(count)
    assert all(sorted(row) == list(range(count)) for row in square)
    for place in range(count):
        met = Counter(row[place] for row in square)
        assert set(met.values()) == {len(square) // count}


@given(count=st.integers(2, 12))
def test_in_a_square_each_follows_each_other_equally_often(count):
    square = balanced_square(count)
    followed = Counter(pair for row in square for pair in pairwise(row))
    assert len(followed) == count * (count - 1)
    assert len(set(followed.values())) == 1


@given(pictures=st.integers(1, 60), conditions=st.integers(1, 5), first=st.integers(0, 1000))
def test_over_the_lists_each_picture_has_each_condition_once(pictures, conditions, first):
    keys = [str(number) for number in range(pictures)]
    names = NAMES[:conditions]
    lists = [conditions_of(keys, names, first + place) for place in range(conditions)]
    assert all(list(own) == keys for own in lists)
    for key in keys:
        assert sorted(own[key] for own in lists) == sorted(names)


@given(
    pictures=st.integers(1, 60),
    conditions=st.integers(1, 5),
    place=st.integers(0, 1000),
    run=st.tuples(st.integers(0, 59), st.integers(1, 60)),
)
def test_in_a_list_any_run_of_pictures_is_balanced(pictures, conditions, place, run):
    keys = [str(number) for number in range(pictures)]
    given_to = conditions_of(keys, NAMES[:conditions], place)
    counts = Counter(given_to[key] for key in keys[run[0] : run[0] + run[1]])
    sizes = [counts[name] for name in NAMES[:conditions]]
    assert max(sizes) - min(sizes) <= 1


@given(conditions=st.integers(1, 5), rounds=st.integers(1, 3))
def test_lists_and_orders_are_crossed(conditions, rounds):
    names = NAMES[:conditions]
    places = rounds * lists_of(names, in_blocks=True)
    cells = Counter(
        (conditions_of(["a"], names, place)["a"], order_of(names, place)) for place in range(places)
    )
    assert set(cells.values()) == {rounds}
    assert len(cells) == lists_of(names, in_blocks=True)


def test_an_arm_with_one_condition_has_one_list():
    assert lists_of(["none"], in_blocks=False) == lists_of(["none"], in_blocks=True) == 1


@pytest.fixture(scope="module")
def within():
    manifest = demo_manifest(8)
    protocol = load_protocol(WITHIN).protocol
    by_key = {stimulus.key: stimulus for stimulus in manifest.stimuli}
    return protocol, by_key, select_stimuli(protocol, manifest)


def sessions(within, places, **update):
    protocol, by_key, selection = within
    stages = tuple(
        stage.model_copy(update=update) if stage.key == "assessment" else stage
        for stage in protocol.stages
    )
    changed = protocol.model_copy(update={"stages": stages})
    for place in range(places):
        plan = plan_session(
            changed, by_key, selection, arm="everybody", seed=100 + place, place=place
        )
        yield [trial for trial in plan if trial.phase == "assessment" and trial.stimulus]


@pytest.mark.parametrize("order", ["mixed", "blocks"])
def test_each_person_meets_each_picture_once_and_each_condition_equally_often(within, order):
    protocol, by_key, selection = within
    for trials in sessions(within, 6, condition_order=order):
        assert sorted(t.stimulus for t in trials) == sorted(selection["assessment"])
        cells = Counter((t.condition, by_key[t.stimulus].true_species) for t in trials)
        assert set(cells.values()) == {1}
        assert len(cells) == 3 * len(protocol.species)
        assert all(t.explanation == protocol.conditions[t.condition].explanation for t in trials)


def test_over_people_each_picture_has_each_condition_equally_often(within):
    met = Counter((t.stimulus, t.condition) for own in sessions(within, 18) for t in own)
    assert set(met.values()) == {6}


def test_conditions_come_in_blocks_whose_orders_are_balanced(within):
    orders = Counter()
    for trials in sessions(within, 18):
        blocks = list(dict.fromkeys(t.condition for t in trials))
        assert [t.condition for t in trials] == [name for name in blocks for _ in range(4)]
        orders[tuple(blocks)] += 1
    assert len(orders) == 6
    assert set(orders.values()) == {3}


def test_mixed_conditions_do_not_come_in_blocks(within):
    changes = [
        sum(a.condition != b.condition for a, b in pairwise(own))
        for own in sessions(within, 20, condition_order="mixed")
    ]
    assert min(changes) > 2


def edited(tmp_path, old, new):
    text = WITHIN.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "study.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "where", "told"),
    [
        ("[none, placebo, heatmap]}", "[none, none]}", "arms.everybody.assessment", "twice"),
        ("[none, placebo, heatmap]}", "none}", "analysis.factor", "several conditions"),
        (
            *("[none, placebo, heatmap]}", "none}", "stages.5.condition_order"),
            "there are no blocks",
        ),
        ("main: 90", "main: 91", "allocation.participants.main", "18 counterbalanced lists"),
        ("per_species: 3", "per_species: 4", "stages.5.stimuli", "can't be divided evenly"),
        (
            *("{arm: heatmap, against: none}", "{arm: everybody, against: none}"),
            *("analysis.contrasts.0.arm", "no condition 'everybody'"),
        ),
        ("factor: condition", "factor: arm", "arms", "one arm can't be compared"),
        ("[none, placebo, heatmap]}", "[none, lost]}", "arms.everybody.assessment", "'lost'"),
    ],
)
def test_what_is_wrong_with_a_design_within_participants_is_told(tmp_path, old, new, where, told):
    findings = check_protocol(edited(tmp_path, old, new), demo_manifest(8)).findings
    assert [f for f in findings if f.where == where and told in f.what]


def test_conditions_can_be_compared_pairwise_and_with_a_baseline(tmp_path):
    text = WITHIN.read_text(encoding="utf-8")
    listed = text[text.index("  contrasts:") : text.index("  alpha:")]
    for words, count in (
        ("  compare: pairwise\n", 3),
        ("  compare: baseline\n  baseline: none\n", 2),
    ):
        path = edited(tmp_path, listed, words)
        result = check_protocol(path, demo_manifest(8))
        assert result.findings == ()
        assert len(result.protocol.analysis.contrasts) == count


def test_a_wrong_list_of_conditions_is_one_finding(tmp_path):
    findings = check_protocol(edited(tmp_path, "[none, placebo, heatmap]}", "5}"), None).findings
    assert [(f.where, "not text" in f.what) for f in findings] == [
        ("arms.everybody.assessment", True)
    ]
