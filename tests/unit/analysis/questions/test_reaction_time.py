"""Reaction times: the ratio simulated is found, and cut-offs are told."""

import numpy as np
import pytest

from analysis.questions import CannotAnswerError, Evidence
from analysis.questions.reaction_time import reaction_time
from tests.unit.analysis.questions.studies import CONTRAST, study


def test_the_ratio_of_times_is_found():
    trials = study(people=80, time_ratio=1.3)
    trials.loc[[3, 5, 8], "rt_ms"] = [20.0, 90_000.0, np.nan]
    answer = reaction_time(Evidence(trials, (CONTRAST,)))
    (own,) = answer.estimates
    assert abs(own.estimate - np.log(1.3)) < 3 * own.se
    assert own.scale == "log_ratio"
    assert 20 < own.df < 200
    kept = trials[trials["rt_ms"].between(200, 60_000)]
    assert own.n_trials == (kept["correct"] == 1).sum()
    assert f"2 of {len(trials) - 1} times were left out" in answer.told
    table = answer.tables["quantiles"].set_index(["arm", "correct", "quantile"])["rt_ms"]
    medians = kept.groupby(["arm", "correct"])["rt_ms"].median()
    assert table["none", 1.0, 0.5] == pytest.approx(medians["none", 1.0])


def test_a_balanced_design_gives_the_means_of_people():
    """All answers right and all pictures seen by all: REML's difference is that of the means."""
    trials = study(people=20, items=8, time_ratio=1.2).assign(correct=1.0)
    (own,) = reaction_time(Evidence(trials, (CONTRAST,))).estimates
    logs = np.log(trials["rt_ms"]).groupby(trials["arm"]).mean()
    assert own.estimate == pytest.approx(logs["heatmap"] - logs["none"], abs=1e-9)


def test_a_study_without_times_says_so():
    trials = study(people=4).assign(rt_ms=np.nan)
    with pytest.raises(CannotAnswerError, match=r"No trial has a reaction time \(column rt_ms\)"):
        reaction_time(Evidence(trials, (CONTRAST,)))
