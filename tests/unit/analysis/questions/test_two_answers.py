"""Answers before and after an explanation, held against a published study and slow counting."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.questions import CannotAnswerError, Evidence
from analysis.questions.evidence import estimate_of
from analysis.questions.rank_tests import MANN_WHITNEY, SHAPIRO, mann_whitney, wilcoxon
from analysis.questions.two_answers import two_answers
from tests.unit.analysis.questions.graph_study import (
    CONTRASTS,
    PUBLISHED,
    graph_study,
    score_sets,
    scores,
)
from tests.unit.analysis.questions.studies import CONTRAST, study


def by_name(answer):
    return {(e.outcome, e.arm, e.against, e.term, e.method): e for e in answer.estimates}


@pytest.fixture(scope="module")
def answer():
    return two_answers(Evidence(graph_study(1), CONTRASTS))


@pytest.mark.parametrize("group", PUBLISHED)
def test_scores_with_the_published_figures_are_drawn(group):
    mean, spread, highest = PUBLISHED[group]
    drawn = np.array(scores(group, np.random.default_rng(3)))
    assert len(drawn) == 20
    assert drawn.mean() == pytest.approx(mean)
    assert drawn.std(ddof=1) == pytest.approx(spread, abs=5e-4)
    assert drawn.max() <= highest


def test_the_published_conclusions_follow_from_the_published_figures(answer):
    found = by_name(answer)
    for against in ("igos", "gradcam"):
        after = found["score", "sag", against, "after", MANN_WHITNEY]
        assert after.p < 0.0001
        assert after.estimate > 0.9
        assert found["score", "sag", against, "before", MANN_WHITNEY].p > 0.05
        assert found["time_ms", "sag", against, "after", MANN_WHITNEY].p < 0.05
        change = found["score", "sag", against, "change", CHANGE]
        assert change.ci_low > 0
        assert change.p < 0.001
    assert found["score", "igos", "gradcam", "after", MANN_WHITNEY].p > 0.05
    insight = {e.arm: e for e in answer.estimates if e.term == "right minus wrong"}
    assert insight["sag"].p < 0.05 < min(insight["igos"].p, insight["gradcam"].p)
    assert "of right than of wrong second answers" in answer.told
    assert found["score", "sag", "", "after", "mean of people's values"].estimate == pytest.approx(
        0.86
    )


# Sets of scores of 20 people that have the printed mean and standard deviation.
COUNTS = {"sag": 43, "igos": 23, "gradcam": 15}
CHANGE = "logistic mixed model, difference of changes"


def test_they_follow_whichever_scores_had_those_figures():
    """Every set of whole scores that has the printed figures, against every other's."""
    sets = {group: [np.array(own) for own in score_sets(group)] for group in PUBLISHED}
    assert {group: len(own) for group, own in sets.items()} == COUNTS
    for other in ("igos", "gradcam"):
        largest = max(
            stats.mannwhitneyu(ours, theirs).pvalue
            for ours, theirs in product(sets["sag"], sets[other])
        )
        assert largest < 0.0001


def test_values_are_those_of_plain_counting(answer):
    trials = graph_study(1)
    found = by_name(answer)
    own = trials[trials["arm"] == "igos"].groupby("participant")
    for column, key in (
        ("confidence", ("confidence", "after")),
        ("first_rt_ms", ("time_ms", "before")),
    ):
        values = own[column].mean()
        outcome, moment = key
        mean = found[outcome, "igos", "", moment, "mean of people's values"]
        assert mean.estimate == pytest.approx(values.mean())
        normal = found[outcome, "igos", "", moment, SHAPIRO]
        assert (normal.statistic, normal.p) == pytest.approx(tuple(stats.shapiro(values)))


def test_the_rank_test_counts_who_is_larger():
    ours, theirs = pd.Series([3.0, 5, 7], list("abc")), pd.Series([1.0, 5, 6, 2], list("defg"))
    pairs = [(a > b) + 0.5 * (a == b) for a in ours for b in theirs]
    blank = estimate_of(graph_study(2), "two_answers", "score", "", "probability")
    found = mann_whitney(blank, ours, theirs)
    assert found.estimate == pytest.approx(np.mean(pairs))
    same = mann_whitney(blank, ours, ours)
    assert (same.p, same.note) == (
        None,
        "people are in both arms, which this test can't take into account",
    )
    with pytest.raises(CannotAnswerError, match="nobody's differ"):
        wilcoxon(blank, pd.Series([0.0, 0.0, 0.0]))


def test_a_study_that_asks_once_says_so():
    with pytest.raises(CannotAnswerError, match="No trial has a first answer"):
        two_answers(Evidence(study(people=4), (CONTRAST,)))


def test_without_ratings_and_times_scores_are_compared_alone():
    trials = graph_study(3).drop(columns=["confidence", "first_confidence", "rt_ms", "first_rt_ms"])
    found = two_answers(Evidence(trials, CONTRASTS))
    assert {own.outcome for own in found.estimates} == {"score"}
    assert "nan" not in found.told


@pytest.mark.slow
def test_the_change_of_an_arm_is_covered_as_often_as_its_interval_says():
    """Of 40 studies whose second answers gain one logit in one arm, nearly all cover it."""
    covered = 0
    for seed in range(40):
        found = two_answers(Evidence(changed(seed), (CONTRAST,)))
        change = by_name(found)["score", "heatmap", "none", "change", CHANGE]
        covered += change.ci_low <= 1.0 <= change.ci_high
    assert covered >= 35


def changed(seed, gain=1.0):
    """Second answers that are given anew, with a gain in one arm."""
    generator = np.random.default_rng(seed)
    trials = study(seed, people=40, items=12, effect=0.0)
    trials = trials.drop(columns=["confidence", "rt_ms"])
    ability = trials.groupby("participant")["correct"].transform(lambda _: generator.normal(0, 0.5))
    ease = trials["stimulus"].map(
        dict(zip(sorted(set(trials["stimulus"])), generator.normal(0, 0.8, 12), strict=True))
    )
    eta = ability + ease
    treated = trials["arm"] == "heatmap"
    trials["first_correct"] = (generator.random(len(trials)) < 1 / (1 + np.exp(-eta))).astype(float)
    after = 1 / (1 + np.exp(-(eta + gain * treated)))
    trials["correct"] = (generator.random(len(trials)) < after).astype(float)
    return trials
