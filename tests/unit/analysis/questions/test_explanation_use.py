"""Use of explanations, from the events that the player sends."""

import numpy as np
import pandas as pd
import pytest

from analysis.questions import CannotAnswerError, Evidence
from analysis.questions.explanation_use import explanation_use, use_of_trials, visible_ms
from tests.unit.analysis.questions.studies import CONTRAST, study

OFF, ON = ("colours_switched", {"shown": False}), ("colours_switched", {"shown": True})


def faded(percent):
    return ("opacity_changed", {"percent": percent})


@pytest.mark.parametrize(
    ("acts", "seen"),
    [
        ([], 5000),
        ([(1000, *OFF)], 1000),
        ([(1000, *OFF), (3000, *ON)], 3000),
        ([(1000, *OFF), (6000, *ON)], 1000),
        ([(2000, *faded(0)), (2500, *faded(40))], 4500),
        ([(1000, *OFF), (2000, *faded(70))], 4000),
        ([(7000, *OFF)], 5000),
    ],
)
def test_time_in_view_is_that_of_a_clock_that_ticks(acts, seen):
    assert visible_ms(acts, 5000.0) == pytest.approx(seen)
    ticks = 0
    for tick in range(5000):
        shown, percent = True, 100
        for at, kind, data in acts:
            if at <= tick:
                shown = data["shown"] if kind == "colours_switched" else True
                percent = data.get("percent", percent)
        ticks += shown and percent > 0
    assert ticks == seen


def test_parts_shown_one_by_one_are_counted_and_timed():
    shown = pd.DataFrame({"trial": ["a", "b"], "rt_ms": [5000.0, np.nan]})
    told = [
        ("part_shown", {"part": "x1"}),
        ("part_left", {"part": "x1", "dwell_ms": 700}),
        ("part_shown", {"part": "x2"}),
        ("part_left", {"part": "x2", "dwell_ms": None}),
        ("page_hidden", {}),
    ]
    events = pd.DataFrame(
        [{"trial": "b", "kind": k, "data": d, "since_onset_ms": None} for k, d in told]
    )
    found = use_of_trials(shown, events)
    assert found["acts"].tolist() == [0, 2]
    assert found["dwell_ms"].tolist() == [0, 700]
    assert found["visible_ms"].iloc[0] == 5000
    assert np.isnan(found["visible_ms"].iloc[1])


def test_a_trial_without_a_time_has_no_time_in_view():
    assert np.isnan(visible_ms([], float("nan")))


def acted(trials, generator):
    """One or more acts in half of the heatmap trials."""
    rows = []
    for row in trials[trials["explanation_key"].notna()].itertuples():
        for number in range(generator.integers(0, 4)):
            kind, data = (OFF, ON)[number % 2]
            at = (number + 1) * row.rt_ms / 5
            rows.append({"trial": row.trial, "kind": kind, "data": data, "since_onset_ms": at})
        rows.append({"trial": row.trial, "kind": "picked", "data": {}, "since_onset_ms": row.rt_ms})
    return pd.DataFrame(rows)


def test_use_is_counted_and_related_to_right_answers():
    generator = np.random.default_rng(4)
    trials = study(people=40, items=12)
    events = acted(trials, generator)
    counts = events[events["kind"] != "picked"].groupby("trial").size()
    more = trials["trial"].map(counts).fillna(0)
    # Who acts is right, who doesn't is wrong, in half of the trials.
    turned = (generator.random(len(trials)) < 0.5) & trials["explanation_key"].notna()
    trials.loc[turned, "correct"] = (more[turned] > 0).astype(float)
    answer = explanation_use(Evidence(trials, (CONTRAST,), events=events))
    table = answer.tables["trials"]
    assert set(table["arm"]) == {"heatmap"}
    assert table["acts"].sum() == counts.sum()
    assert (table["switches"] == table["acts"]).all()
    found = {own.term: own for own in answer.estimates}
    assert found["acts within people"].ci_low > 0
    assert found["acts within people"].n_trials == len(table)
    assert "None of these is an effect" in answer.told


def test_use_keeps_the_order_of_the_trials():
    trials = study(people=2, items=4)
    shown = trials[trials["explanation_key"].notna()]
    events = pd.DataFrame(
        [{"trial": shown["trial"].iloc[2], "kind": OFF[0], "data": OFF[1], "since_onset_ms": 10.0}]
    )
    assert use_of_trials(shown, events)["switches"].tolist() == [0, 0, 1, 0]


def test_a_study_without_explanations_or_events_says_so():
    trials = study(people=4)
    with pytest.raises(CannotAnswerError, match="No event was recorded"):
        explanation_use(Evidence(trials, (CONTRAST,)))
    with pytest.raises(CannotAnswerError, match="No trial has an explanation"):
        explanation_use(Evidence(trials.assign(explanation_key=None), (CONTRAST,)))
