"""Contrasts answered from extreme data: an answer, or a row that says why there is none."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import inference
from analysis.effects import effects
from experiments.schema import AnalysisPlan, Contrast
from tests.unit.analysis.simulated import simulate

PLAN = AnalysisPlan(contrasts=(Contrast(arm="heatmap", against="none"),))


def study(heatmap, none, *, people=4, pictures=6):
    """One share of right answers an arm: 0, 1, or None for answers that vary."""
    generator = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "participant": f"{arm}-{person}",
            "stimulus": f"s{picture}",
            "arm": arm,
            "correct": float(generator.random() < 0.5) if share is None else float(share),
        }
        for arm, share in (("heatmap", heatmap), ("none", none))
        for person in range(people)
        for picture in range(pictures)
    )


def answered(trials, plan=PLAN):
    rows = effects(trials, plan, seed=1)
    json.dumps([row.row() for row in rows], allow_nan=False)
    return {row.method: row for row in rows}


@pytest.mark.parametrize("share", [0, 1])
def test_arms_that_are_all_right_or_all_wrong_get_reasons_in_place_of_figures(share):
    rows = answered(study(share, share))
    assert len(rows) == 5
    difference = rows["two-way cluster-robust difference"]
    assert difference.note.startswith("can't be computed: all answers within each arm are alike")
    assert difference.p is None
    assert rows["permutation of participants"].p == 1


def test_all_right_against_all_wrong_has_no_error_to_measure():
    difference = answered(study(1, 0))["two-way cluster-robust difference"]
    assert difference.note.startswith("can't be computed")


def test_one_perfect_arm_has_no_log_odds_but_a_difference():
    rows = answered(study(1, None))
    assert "log odds are infinite" in rows["two-way cluster-robust logit"].note
    difference = rows["two-way cluster-robust difference"]
    assert difference.estimate == pytest.approx(1 - study(1, None)["correct"][24:].mean())
    assert 0 < difference.p < 1


def test_people_who_are_all_equally_good_leave_welch_without_an_answer():
    trials = study(None, None, people=7, pictures=3)
    trials["correct"] = (trials["stimulus"] == "s1").astype(float)
    assert "nobody differs" in answered(trials)["Welch t on participants' means"].note


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ({"people": 1}, "arm heatmap has 1 analysed participants; at least 2 are needed"),
        ({"pictures": 1}, "at least 2 pictures are needed"),
    ],
)
def test_one_person_or_one_picture_is_too_little(size, reason):
    (row,) = answered(study(None, None, **size)).values()
    assert (row.role, row.note, row.p) == ("confirmatory", reason, None)


@pytest.mark.parametrize("compare", [inference.two_way_logit, inference.two_way_difference])
def test_two_way_errors_of_a_single_picture_are_refused(compare):
    trials = study(None, None, pictures=1)
    trials["treated"] = (trials["arm"] == "heatmap").astype(int)
    with pytest.raises(ValueError, match="2 pictures"):
        compare(trials)


def test_a_method_without_a_finite_answer_says_so(monkeypatch):
    monkeypatch.setattr(
        "analysis.effects.gee", lambda trials: inference.Comparison(0.5, float("nan"), 3.0)
    )
    row = answered(simulate(3, participants=12))["GEE by participant, bias-reduced"]
    assert row.note == "can't be computed: it gives no finite answer"
    assert row.estimate is None


def three_arms(**plan):
    """Two contrasts that can be answered and one whose arm is empty."""
    trials = simulate(1, participants=40, effect=1.0)
    contrasts = [("heatmap", "none"), ("none", "heatmap"), ("lost", "none")]
    pairs = tuple(Contrast(arm=arm, against=against) for arm, against in contrasts)
    rows = effects(trials, AnalysisPlan(contrasts=pairs, **plan), seed=1)
    return [row for row in rows if row.role == "confirmatory"]


def test_a_contrast_without_an_answer_stays_in_holms_family():
    one, other, lost = three_arms()
    assert (lost.p, lost.p_adjusted) == (None, None)
    assert one.p_adjusted == pytest.approx(min(1, 3 * one.p))
    assert other.p_adjusted == pytest.approx(one.p_adjusted)
    assert one.deciding_p == one.p_adjusted


def test_a_plan_without_correction_has_no_adjusted_p():
    one, _, _ = three_arms(correction="none")
    assert one.p_adjusted is None
    assert one.deciding_p == one.p


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_intervals_have_the_level_of_the_plan(alpha):
    one, _, _ = three_arms(alpha=alpha)
    reach = stats.t.ppf(1 - alpha / 2, one.df) * one.se
    assert (one.ci_low, one.ci_high) == pytest.approx((one.estimate - reach, one.estimate + reach))
    assert (one.ci_low > 0) == (one.p < alpha)
