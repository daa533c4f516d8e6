"""A real study, from its trials to its published figures.

"Visual correspondence-based explanations improve AI robustness and human-AI team accuracy"
(Taesiri, Nguyen & Nguyen, NeurIPS 2022): 362 people judged 30 bird photographs each of 1,850, under
six explanations. The table is not part of the repository: LARUS_REFERENCE names its folder.
"""

import json
from functools import cache

import pytest
from scipy import stats

from analysis.glmm.coding import Coding
from analysis.glmm.fitting import fit
from analysis.glmm.margins import mean_contrasts
from analysis.inference import holm
from analysis.secondary import arm_rows
from analysis.tidy_table import TidyColumns, plan_of, read_trials
from tests.unit.analysis.glmm.test_reference import FIGURES, REAL, REFERENCE

TABLE = REAL / "case11_cub_human.csv"
PUBLISHED = json.loads((REFERENCE / "cub_study.json").read_text(encoding="utf-8"))
PAIRS = [tuple(names.split("|")) for names in PUBLISHED["published_mannwhitney"]]
pytestmark = pytest.mark.skipif(
    not TABLE.is_file(), reason=f"REAL STUDY ABSENT: {TABLE}; set LARUS_REFERENCE to its folder"
)


@cache
def everybody():
    trials, notes = read_trials(
        TABLE, TidyColumns("participant", "item", "correct", "condition", confidence=None)
    )
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


@pytest.mark.parametrize(
    ("name", "people", "p"), [("cub_all", 362, 0.037), ("cub_kept", 355, 0.0043)]
)
def test_the_joint_test_of_the_six_conditions_is_that_of_lme4(name, people, p):
    trials = everybody() if name == "cub_all" else kept()
    plan = plan_of(
        sorted(trials["arm"].unique()), baseline="ResNet-50", alpha=0.05, smallest_effect=None
    )
    rows = arm_rows(trials, sorted(trials["arm"].unique()), plan)
    (joint,) = (row for row in rows if row.term == "arms")
    assert joint.n_participants == people
    assert 5 * joint.statistic == pytest.approx(FIGURES[name]["lrt"]["chisq"], abs=1e-3)
    # Hundreds of people: F and chi-squared agree.
    assert joint.p == pytest.approx(p, rel=0.05)
    # A picture is seen once or twice a condition: no interaction with it could be told from chance.
    assert joint.note.endswith("random effects (1 | participant) + (1 | stimulus)")
    means = {row.arm: row.estimate for row in rows if row.term == "mean"}
    counted = trials.groupby("arm")["correct"].mean()
    assert means == pytest.approx(counted.to_dict(), abs=0.02)


def holm_of_the_six(trials):
    found = fit(
        "correct ~ arm + (1 | participant) + (1 | stimulus)",
        trials,
        coding=Coding({"arm": "ResNet-50"}),
    )
    p_values = {frozenset((own.first, own.second)): own.p for own in mean_contrasts(found, ["arm"])}
    adjusted = holm([p_values[frozenset(pair)] for pair in PAIRS])
    return dict(zip(map("|".join, PAIRS), adjusted, strict=True))


def test_three_of_the_six_pairs_survive_holm_among_those_kept_and_none_among_all():
    expected = PUBLISHED["holm_of_the_six"]
    found = holm_of_the_six(kept())
    survivors = {pair: p for pair, p in found.items() if p < 0.05}
    assert survivors == pytest.approx(expected["kept"], abs=5e-4)
    assert min(holm_of_the_six(everybody()).values()) == pytest.approx(
        expected["smallest_of_all_362"], abs=5e-4
    )
