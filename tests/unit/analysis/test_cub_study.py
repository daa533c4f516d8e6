"""A real study, from its trials to its published figures.

"Visual correspondence-based explanations improve AI robustness and human-AI team accuracy"
(Taesiri, Nguyen & Nguyen, NeurIPS 2022): 326 people judged 30 of 1,850 bird photographs in
each of 362 sessions, under six explanations. The table calls sessions participants, as the authors'
tests do, though 26 people met several explanations. It is not part of the repository:
LARUS_REFERENCE names its folder.
"""

import json
from functools import cache

import pandas as pd
import pytest
from scipy import stats

from analysis.glmm.margins import mean_contrasts
from analysis.inference import holm
from analysis.secondary import arm_rows
from analysis.tidy_table import TidyColumns, plan_of, read_trials
from tests.unit.analysis.glmm.test_reference import FIGURES, REAL, REFERENCE, fitted

TABLE = REAL / "case11_cub_human.csv"
PUBLISHED = json.loads((REFERENCE / "cub_study.json").read_text(encoding="utf-8"))
PAIRS = [tuple(names.split("|")) for names in PUBLISHED["published_mannwhitney"]]
pytestmark = pytest.mark.skipif(
    not TABLE.is_file(), reason=f"REAL STUDY ABSENT: {TABLE}; set LARUS_REFERENCE to its folder"
)


@cache
def everybody():
    trials, notes = read_trials(TABLE, TidyColumns("participant", "item", "correct", "condition"))
    assert notes == ()
    return trials


@cache
def kept():
    """Those the authors kept: more than half right. An exclusion by outcome, not to be imitated."""
    means = everybody().groupby("participant")["correct"].mean()
    return everybody()[everybody()["participant"].isin(means.index[means > 0.5])]


def accuracies(condition):
    trials = kept()
    return trials[trials["arm"] == condition].groupby("participant")["correct"].mean()


@pytest.mark.parametrize("condition", PUBLISHED["published_means"])
def test_the_published_mean_and_spread_of_a_condition_are_reproduced(condition):
    people, mean, spread = PUBLISHED["published_means"][condition]
    own = accuracies(condition)
    assert len(own) == people
    assert own.mean() == pytest.approx(mean, abs=5.1e-7)
    assert own.std(ddof=1) == pytest.approx(spread, abs=5.1e-7)


@pytest.mark.parametrize("pair", PAIRS, ids=" against ".join)
def test_the_published_mann_whitney_test_of_a_pair_is_reproduced(pair):
    statistic, p = PUBLISHED["published_mannwhitney"]["|".join(pair)]
    found = stats.mannwhitneyu(*(accuracies(own) for own in pair), alternative="two-sided")
    # Printed to the whole number, and to four digits.
    assert abs(found.statistic - statistic) <= 0.5
    assert found.pvalue == pytest.approx(p, rel=5e-4)


def gulls():
    """The answers to gulls alone, which were counted."""
    shown = pd.read_csv(TABLE, usecols=["is_gull"])["is_gull"] == 1
    trials = everybody()[shown]
    counted = PUBLISHED["gull_subset_all_362"]
    assert (len(trials), trials["stimulus"].nunique()) == (counted["n_trials"], counted["images"])
    by_arm = trials.groupby("arm")["correct"].agg(["sum", "count"])
    assert {arm: list(own) for arm, own in by_arm.iterrows()} == counted["by_condition"]
    return trials


@pytest.mark.parametrize(
    ("name", "people", "p"), [("cub_gulls", 297, 0.0141), ("cub_kept", 355, 0.0043)]
)
def test_the_joint_test_of_the_six_conditions_is_that_of_lme4(name, people, p):
    trials = gulls() if name == "cub_gulls" else kept()
    arms = sorted(trials["arm"].unique())
    plan = plan_of(arms, baseline="ResNet-50", alpha=0.05, smallest_effect=None)
    plan = plan.model_copy(update={"random_effects": "intercepts"})
    rows = arm_rows(trials, arms, plan)
    (joint,) = (row for row in rows if row.term == "arms")
    assert joint.n_participants == people
    assert 5 * joint.statistic == pytest.approx(FIGURES[name]["lrt"]["chisq"], abs=1e-3)
    assert stats.chi2.sf(5 * joint.statistic, 5) == pytest.approx(p, abs=5e-5)
    assert p < joint.p < 1.15 * p
    assert joint.note.split("; ")[1] == "random effects (1 | participant) + (1 | stimulus)"
    assert {row.arm for row in rows if row.term == "mean"} == set(trials["arm"])


def holm_of_the_six(name):
    contrasts = mean_contrasts(fitted(name), ["condition"])
    p_values = {frozenset((own.first, own.second)): own.p for own in contrasts}
    adjusted = holm([p_values[frozenset(pair)] for pair in PAIRS])
    return dict(zip(map("|".join, PAIRS), adjusted, strict=True))


def test_three_of_the_six_pairs_survive_holm_among_those_kept_and_none_among_all():
    expected = PUBLISHED["holm_of_the_six"]
    found = holm_of_the_six("cub_kept")
    survivors = {pair: p for pair, p in found.items() if p < 0.05}
    assert survivors == pytest.approx(expected["kept"], abs=5e-4)
    assert min(holm_of_the_six("cub_all").values()) == pytest.approx(
        expected["smallest_of_all_362"], abs=5e-4
    )


def test_by_design_pictures_that_react_leave_less_evidence_for_gulls():
    """Three people see a gull in a condition: its interaction is part of the design, and large."""
    trials = gulls()
    arms = sorted(trials["arm"].unique())
    plan = plan_of(arms, baseline="ResNet-50", alpha=0.05, smallest_effect=None)
    rows = arm_rows(trials, arms, plan)
    spreads = {row.term: row.estimate for row in rows if row.scale == "sd"}
    (joint,) = (row for row in rows if row.term == "arms")
    assert spreads["stimulus:arm"] == pytest.approx(0.77, abs=0.01)
    assert joint.p == pytest.approx(0.056, abs=0.002)
