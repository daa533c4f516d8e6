"""Contrasts answered from extreme data: an answer, or a row that says why there is none."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import inference
from analysis.comparisons import MIXED, TWO_WAY, WALD, Bootstrap, compare
from analysis.effects import confirmatory, disagreements, effects
from analysis.glmm.coding import Coding
from analysis.glmm.fitting import fit
from analysis.glmm.hypotheses import likelihood_ratio
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
    """The rows of the plan's contrasts, by method."""
    rows = compare(trials, plan.contrasts[0], plan, seed=1)
    json.dumps([row.row() for row in rows], allow_nan=False)
    assert [row.role for row in rows] == ["confirmatory"] + ["sensitivity"] * (len(rows) - 1)
    return {row.method: row for row in rows}


@pytest.mark.parametrize("share", [0, 1])
def test_arms_that_are_all_right_or_all_wrong_get_reasons_in_place_of_figures(share):
    rows = answered(study(share, share))
    assert len(rows) == 8
    for method in (MIXED, WALD):
        assert f"correct is {share} in every row" in rows[method].note
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
        "analysis.comparisons.gee", lambda trials: inference.Comparison(0.5, float("nan"), 3.0)
    )
    row = answered(simulate(3, participants=12))["GEE by participant, bias-reduced"]
    assert row.note == "can't be computed: it gives no finite answer"
    assert row.estimate is None


def three_arms(**plan):
    """Two contrasts that can be answered and one whose arm is empty."""
    trials = simulate(1, participants=40, effect=1.0)
    contrasts = [("heatmap", "none"), ("none", "heatmap"), ("lost", "none")]
    pairs = tuple(Contrast(arm=arm, against=against) for arm, against in contrasts)
    return confirmatory(trials, AnalysisPlan(contrasts=pairs, **plan))


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
    for model in ("mixed_logit", "two_way_cluster"):
        one, _, _ = three_arms(alpha=alpha, model=model)
        reach = stats.t.ppf(1 - alpha / 2, one.df) * one.se
        expected = (one.estimate - reach, one.estimate + reach)
        assert (one.ci_low, one.ci_high) == pytest.approx(expected)
        assert (one.ci_low > 0) == (one.p < alpha)


def test_the_confirmatory_test_is_the_likelihood_ratio_of_two_fits_read_as_f():
    trials = simulate(7, participants=40, stimuli=16, effect=0.7, item_by_arm=0.5)
    row = answered(trials)[MIXED]
    random = "(1 | participant) + (1 | stimulus) + (1 | stimulus:arm)"
    assert row.note == f"random effects {random}"
    larger, smaller = (fit(f"correct ~ {own} + {random}", trials) for own in ("arm", "1"))
    ratio = likelihood_ratio(larger, smaller).statistic
    linear = fit(
        f"correct ~ arm + {random}", trials, "gaussian", coding=Coding({"arm": "none"})
    ).coefficients()[1]
    assert row.statistic == pytest.approx(np.sqrt(ratio), abs=1e-4)
    assert row.df == pytest.approx(linear.df, rel=1e-3)
    assert row.p == pytest.approx(stats.f.sf(ratio, 1, linear.df), rel=1e-3)
    assert row.scale == "accuracy_difference"
    # New people and pictures of the same kind: near what was counted here.
    counted = trials.groupby("arm")["correct"].mean()
    assert row.estimate == pytest.approx(counted["heatmap"] - counted["none"], abs=0.01)


def test_the_sign_of_the_statistic_is_that_of_the_effect():
    trials = simulate(7, participants=40, effect=0.9)
    swapped = AnalysisPlan(contrasts=(Contrast(arm="none", against="heatmap"),))
    one, other = answered(trials)[MIXED], answered(trials, swapped)[MIXED]
    assert one.statistic > 2
    assert other.statistic == pytest.approx(-one.statistic, rel=1e-4)
    assert other.estimate == pytest.approx(-one.estimate, rel=1e-3)
    assert other.p == pytest.approx(one.p, rel=1e-3)


def test_people_who_meet_both_conditions_get_random_slopes_and_paired_tests():
    trials = simulate(
        3, participants=24, effect=0.8, item_by_arm=0.5, person_by_arm=0.7, is_within=True
    )
    rows = answered(trials)
    random = "(1 | participant) + (1 | stimulus) + (1 | participant:arm) + (1 | stimulus:arm)"
    assert rows[MIXED].note.startswith(f"random effects {random}")
    means = trials.groupby(["participant", "arm"])["correct"].mean().unstack()
    by_scipy = stats.ttest_rel(means["heatmap"], means["none"])
    assert rows["paired t on participants' means"].p == pytest.approx(by_scipy.pvalue)
    assert rows["permutation of signs"].p == pytest.approx(by_scipy.pvalue, abs=0.03)
    intercepts = answered(trials, PLAN.model_copy(update={"random_effects": "intercepts"}))
    assert intercepts[MIXED].note.endswith("(1 | participant) + (1 | stimulus)")
    assert intercepts[MIXED].p < rows[MIXED].p


def test_a_perfect_arm_is_tested_by_the_likelihood_ratio_and_not_by_wald():
    trials = simulate(2, participants=20, stimuli=12)
    trials.loc[trials["arm"] == "heatmap", "correct"] = 1.0
    rows = answered(trials)
    assert rows[MIXED].p < 1e-4
    assert "normal prior" in rows[MIXED].note
    assert (rows[WALD].p, rows[WALD].statistic) == (None, None)
    assert rows[WALD].estimate > 1
    assert "log odds are infinite" in rows[TWO_WAY].note


def test_a_variance_of_zero_is_said_in_the_row():
    row = answered(simulate(3, participants=20, stimuli=12))[MIXED]
    assert "no variance was found by stimulus:arm, which is left out" in row.note


def test_a_plan_that_names_the_cluster_robust_logit_is_decided_by_it():
    plan = PLAN.model_copy(update={"model": "two_way_cluster"})
    trials = simulate(1, participants=40, effect=1.0)
    rows = compare(trials, plan.contrasts[0], plan, seed=1)
    assert (rows[0].role, rows[0].method) == ("confirmatory", TWO_WAY)
    assert [row.role for row in rows].count("confirmatory") == 1
    assert next(row for row in rows if row.method == MIXED).role == "sensitivity"


@pytest.mark.parametrize("model", ["mixed_logit", "two_way_cluster"])
def test_the_confirmatory_rows_can_be_had_alone(model):
    plan = PLAN.model_copy(update={"model": model})
    trials = simulate(4, participants=20, stimuli=12, effect=0.5)
    assert confirmatory(trials, plan) == [
        row for row in effects(trials, plan, seed=1) if row.role == "confirmatory"
    ]


def test_a_bootstrap_interval_is_near_the_one_of_the_delta_method():
    trials = simulate(5, participants=24, stimuli=10, effect=0.6)
    plan = PLAN.model_copy(update={"random_effects": "intercepts"})
    plain, row, again = (
        compare(trials, plan.contrasts[0], plan, seed=1, bootstrap=own)[0]
        for own in (None, Bootstrap(40, seed=1), Bootstrap(40, seed=1))
    )
    assert "40 simulated studies" in row.note
    assert (row.estimate, row.p) == (plain.estimate, plain.p)
    assert row.ci_low == pytest.approx(plain.ci_low, abs=0.06)
    assert row.ci_high == pytest.approx(plain.ci_high, abs=0.06)
    assert row == again


def test_methods_that_decide_otherwise_are_told_of_the_accuracy_alone():
    trials = simulate(1, participants=30, stimuli=12, effect=1.5)
    rows = effects(trials, PLAN, seed=1)
    assert disagreements(rows, PLAN) == []
    turned = [
        replace(row, p=0.5) if row.method == WALD or row.question != "accuracy" else row
        for row in rows
    ]
    (told,) = disagreements(turned, PLAN)
    assert told.startswith(f"heatmap against none: {WALD} gives p = .500")
