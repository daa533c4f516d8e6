"""Analysis plans that can't work, and plans that name their contrasts in a word."""

import pytest

from experiments.checks import check_protocol
from tests.unit.experiments.test_checks import DEMO, demo_manifest, edited_demo

LISTED = """\
  contrasts:
    - {arm: heatmap, against: none}
    - {arm: placebo, against: none}
"""


def findings_of(path):
    return {finding.where: finding for finding in check_protocol(path, demo_manifest()).findings}


def contrasts_of(path):
    protocol = check_protocol(path, demo_manifest()).protocol
    return [(own.arm, own.against) for own in protocol.analysis.contrasts]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "  compare: pairwise\n",
            [("placebo", "none"), ("heatmap", "none"), ("heatmap", "placebo")],
        ),
        (
            "  compare: baseline\n  baseline: placebo\n",
            [("none", "placebo"), ("heatmap", "placebo")],
        ),
    ],
)
def test_contrasts_named_in_a_word_are_written_out(tmp_path, words, expected):
    path = edited_demo(tmp_path, LISTED, words)
    assert contrasts_of(path) == expected
    assert findings_of(path) == {}


@pytest.mark.parametrize(
    ("old", "new", "where", "word"),
    [
        (LISTED, "", "analysis.contrasts", "no contrast is planned"),
        (LISTED, "  compare: baseline\n", "analysis.baseline", "no baseline is named"),
        (LISTED, "  compare: baseline\n  baseline: sag\n", "analysis.baseline", "no arm 'sag'"),
        ("  alpha", "  baseline: none\n  alpha", "analysis.baseline", "not used"),
        ("  alpha", "  compare: pairwise\n  alpha", "analysis.contrasts", "others than"),
        (
            "{arm: placebo, against: none}",
            "{arm: none, against: heatmap}",
            "analysis.contrasts.1",
            "compared already in contrast 1",
        ),
        (
            "  alpha",
            "  interim_looks: {information_fractions: [0.6, 0.3]}\n  alpha",
            "analysis.interim_looks.information_fractions",
            "don't follow",
        ),
        (
            "  alpha",
            "  interim_looks: {information_fractions: [0.01, 0.5]}\n  alpha",
            "analysis.interim_looks.information_fractions",
            "after 3 of 300",
        ),
        (
            "  alpha",
            "  reaction_times: {shortest_ms: 900, longest_ms: 800}\n  alpha",
            "analysis.reaction_times.longest_ms",
            "between 900 and 800",
        ),
        (
            "  alpha",
            "  secondary: [confidence, over_reliance]\n  alpha",
            "analysis.secondary",
            "heatmap, none, placebo tells none",
        ),
        ("main: 300}", "main: 3}", "allocation.participants.main", "at least 2"),
    ],
)
def test_what_can_not_work_is_told_at_its_field(tmp_path, old, new, where, word):
    path = edited_demo(tmp_path, old, new)
    found = findings_of(path)
    assert list(found) == [where]
    assert found[where].severity == "error"
    assert word in found[where].what
    assert found[where].do


@pytest.mark.parametrize(
    ("old", "new", "where", "word"),
    [
        (
            "  alpha",
            "  random_effects: intercepts\n  alpha",
            "analysis.random_effects",
            "other pictures would not show",
        ),
        (
            "stimuli: {per_species: 4, split: test}\n    confidence: *confidence\n    "
            "catch_trials: 1\n    break_every: 9",
            "stimuli: {per_species: 1, split: test}\n    confidence: *confidence\n    "
            "catch_trials: 1",
            "analysis.model",
            "4 pictures",
        ),
    ],
)
def test_what_works_badly_is_a_warning(tmp_path, old, new, where, word):
    found = findings_of(edited_demo(tmp_path, old, new))
    assert list(found) == [where]
    assert found[where].severity == "warning"
    assert word in found[where].what


def test_a_plan_says_its_model_and_what_is_tested_beside():
    plan = check_protocol(DEMO, demo_manifest()).protocol.analysis
    assert (plan.model, plan.random_effects) == ("mixed_logit", "by_design")
    assert plan.secondary == ("confidence", "reaction_time")
    assert plan.interim_looks is None
