"""What is asked beside the contrasts: means, the joint test, equivalence, confidence and time."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.effects import confirmatory, effects
from analysis.equivalence import equivalence
from analysis.glmm.fitting import fit
from analysis.secondary import arm_rows, equivalence_rows, outcome_rows
from experiments.schema import AnalysisPlan, Contrast, ReactionTimes
from tests.unit.analysis.simulated import simulate

PLAN = AnalysisPlan(contrasts=(Contrast(arm="heatmap", against="none"),))


def rated(seed=1, **more):
    """A study with confidence and times, both of which depend on the arm."""
    trials = simulate(seed, participants=20, stimuli=12, **more)
    generator = np.random.default_rng(seed)
    latent = 0.9 * trials["treated"] + trials["correct"] + generator.normal(size=len(trials))
    trials["confidence"] = pd.array(np.digitize(latent, [-0.5, 0.5, 1.5, 2.5]) + 1, dtype="Int64")
    person = generator.normal(0, 0.2, 20)[trials["participant"].str[1:].astype(int)]
    trials["rt_ms"] = np.exp(
        8 - 0.4 * trials["treated"] + person + generator.normal(0, 0.3, len(trials))
    )
    return trials


def asked(trials, question, plan=PLAN):
    if question == "accuracy":
        return arm_rows(trials, ["none", "heatmap", "placebo"], plan)
    return [row for row in outcome_rows(trials, plan) if row.question == question]


def test_means_of_arms_are_shares_that_were_counted():
    trials = simulate(2, participants=40, effect=0.6)
    rows = {row.arm: row for row in asked(trials, "accuracy") if row.term == "mean"}
    counted = trials.groupby("arm")["correct"].mean()
    for arm in ("none", "heatmap"):
        assert rows[arm].estimate == pytest.approx(counted[arm], abs=0.015)
        assert 0 < rows[arm].ci_low < rows[arm].estimate < rows[arm].ci_high < 1
        assert rows[arm].n_participants == 20
        assert rows[arm].scale == "probability"


def test_three_arms_are_tested_together():
    trials = simulate(3, participants=60, effect=0.9)
    names = {f"p{number}": "placebo" for number in range(0, 60, 3)}
    trials["arm"] = trials["participant"].map(names).fillna(trials["arm"])
    rows = asked(trials, "accuracy")
    (joint,) = (row for row in rows if row.term == "arms")
    assert joint.note.startswith("F with 2 and ")
    assert joint.p == pytest.approx(stats.f.sf(joint.statistic, 2, joint.df))
    random = "(1 | participant) + (1 | stimulus) + (1 | stimulus:arm)"
    larger, smaller = (fit(f"correct ~ {own} + {random}", trials) for own in ("arm", "1"))
    ratio = smaller.deviance - larger.deviance
    assert 2 * joint.statistic == pytest.approx(ratio, abs=1e-4)
    spreads = {row.term: row.estimate for row in rows if row.scale == "sd"}
    assert set(spreads) == {"participant", "stimulus", "stimulus:arm"}


def test_an_arm_of_one_person_is_in_no_joint_test():
    trials = simulate(3, participants=20)
    trials.loc[trials["participant"] == "p0", "arm"] = "placebo"
    assert {row.arm for row in asked(trials, "accuracy")} == {"none", "heatmap", ""}


def test_equivalence_is_asked_where_the_plan_names_a_smallest_effect():
    trials = simulate(11, participants=40, stimuli=12)
    assert not any(row.question == "equivalence" for row in effects(trials, PLAN, seed=1))
    first = confirmatory(trials, PLAN)
    for margin, is_small in ((0.3, True), (0.01, False)):
        plan = PLAN.model_copy(update={"smallest_effect": margin})
        (row,) = equivalence_rows([first], plan)
        assert row.role == "secondary"
        assert (row.estimate, row.se, row.df) == (first[0].estimate, first[0].se, first[0].df)
        assert (row.p < 0.05) == is_small
        assert (-margin < row.ci_low and row.ci_high < margin) == is_small
    (told,) = (row for row in effects(trials, plan, seed=1) if row.question == "equivalence")
    assert told.p_adjusted == told.p == row.p


def test_two_one_sided_tests_are_those_of_two_t_tests():
    generator = np.random.default_rng(1)
    sample = generator.normal(0.1, 1.0, 25)
    above = stats.ttest_1samp(sample, -0.5, alternative="greater")
    below = stats.ttest_1samp(sample, 0.5, alternative="less")
    found = equivalence(sample.mean(), stats.sem(sample), 24, margin=0.5, alpha=0.05)
    assert found.p == pytest.approx(max(above.pvalue, below.pvalue))
    worse = max((above, below), key=lambda test: test.pvalue)
    assert found.statistic == pytest.approx(worse.statistic)
    interval = stats.ttest_1samp(sample, 0).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_confidence_is_compared_by_cumulative_logits():
    trials = rated()
    (row,) = asked(trials, "confidence")
    assert (row.outcome, row.scale) == ("confidence", "log_odds")
    random = "(1 | participant) + (1 | stimulus) + (1 | stimulus:arm)"
    numbers = trials.assign(confidence=trials["confidence"].astype(int))
    larger, smaller = (
        fit(f"confidence ~ {own} + {random}", numbers, "ordinal") for own in ("treated", "1")
    )
    found = larger.coefficients()[0]
    assert (row.estimate, row.se) == pytest.approx((found.estimate, found.se), rel=1e-3)
    assert row.statistic == pytest.approx(np.sqrt(smaller.deviance - larger.deviance), abs=1e-3)
    assert row.p == pytest.approx(stats.f.sf(row.statistic**2, 1, row.df))
    assert row.p < 0.05


def test_times_are_compared_on_the_logarithm_among_right_answers_within_the_cut_offs():
    trials = rated()
    plan = PLAN.model_copy(
        update={"reaction_times": ReactionTimes(shortest_ms=1000, longest_ms=5000)}
    )
    (row,) = asked(trials, "reaction_time", plan)
    kept = trials[trials["rt_ms"].between(1000, 5000) & (trials["correct"] == 1)]
    assert row.n_trials == len(kept)
    assert row.scale == "log_ratio"
    assert row.estimate < 0
    assert row.p < 0.01
    assert row.note.startswith("right answers between 1000 and 5000 ms")


@pytest.mark.parametrize("lacking", [{}, {"confidence": pd.NA, "rt_ms": np.nan}])
def test_without_ratings_and_times_nothing_is_asked_of_them(lacking):
    trials = simulate(1, participants=12).assign(**lacking)
    assert asked(trials, "confidence") == asked(trials, "reaction_time") == []


def test_two_levels_of_confidence_are_too_few_and_said_to_be():
    trials = rated()
    trials["confidence"] = trials["confidence"].clip(2, 3)
    (row,) = asked(trials, "confidence")
    assert row.p is None
    assert "needs 3 or more" in row.note


def test_a_plan_may_leave_the_secondary_outcomes_out():
    plan = PLAN.model_copy(update={"secondary": ()})
    assert asked(rated(), "confidence", plan) == []


ADVICE = ("sensitivity", "criterion", "over_reliance", "under_reliance")


def judged(seed=4, people=60, items=24):
    """Judgements of a classifier's answers; one arm believes more readily, by one on c's scale."""
    generator = np.random.default_rng(seed)
    trials = simulate(seed, participants=people, stimuli=items)
    right = trials["stimulus"].str[1:].astype(int) % 2
    own = generator.normal(0, 0.3, people)[trials["participant"].str[1:].astype(int)]
    latent = 1.2 * (right - 0.5) + 0.8 * trials["treated"] + own
    said = (latent + generator.normal(size=len(trials)) > 0).astype(int)
    return trials.assign(signal=right, said_yes=said, correct=(said == right).astype(float))


@pytest.mark.parametrize("random_effects", ["by_design", "intercepts"])
def test_outcomes_of_advice_can_be_planned(random_effects):
    plan = PLAN.model_copy(update={"secondary": ADVICE, "random_effects": random_effects})
    trials = judged()
    rows = {row.question: row for row in outcome_rows(trials, plan)}
    assert tuple(rows) == ADVICE
    assert {row.role for row in rows.values()} == {"secondary"}
    assert abs(rows["sensitivity"].estimate) < 3 * rows["sensitivity"].se
    assert rows["criterion"].ci_low < -0.8 < rows["criterion"].ci_high
    wrong = trials[trials["signal"] == 0].groupby("arm")["said_yes"].mean()
    assert rows["over_reliance"].estimate == pytest.approx(wrong["heatmap"] - wrong["none"])
    assert rows["over_reliance"].p < 0.001
    assert rows["under_reliance"].estimate < 0
    has_interaction = "stimulus:arm" in rows["criterion"].note
    assert has_interaction == (random_effects == "by_design")


def test_a_planned_outcome_of_advice_without_advice_says_so():
    plan = PLAN.model_copy(update={"secondary": ("criterion", "over_reliance")})
    rows = outcome_rows(simulate(1, participants=8, stimuli=6), plan)
    assert [row.note for row in rows] == 2 * [
        "can't be computed: No trial has advice (column advice_species)."
    ]
