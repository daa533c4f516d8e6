"""Confidence: held against R's pROC, against slow counting, and against people who know."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.questions import CannotAnswerError, Evidence
from analysis.questions.calibration import (
    auroc,
    calibration,
    calibration_bins,
    calibration_of_people,
    with_stated,
)
from tests.unit.analysis.questions.studies import CONTRAST, study

REFERENCE = Path(__file__).parents[3] / "reference"
R = json.loads((REFERENCE / "questions.json").read_text(encoding="utf-8"))


def test_the_area_is_rs():
    table = pd.read_csv(REFERENCE / "gull_between.csv")
    found = auroc(table["confidence"].to_numpy(), table["correct"].to_numpy())
    assert found == pytest.approx(R["auroc_confidence"]["auc"], abs=1e-12)


def test_measures_are_what_counting_gives():
    rated = with_stated(study(people=6), 5, 0.25)
    people = calibration_of_people(rated).set_index("participant")
    for person, own in rated.groupby("participant"):
        stated = [0.25 + 0.75 * (c - 1) / 4 for c in own["confidence"]]
        assert people.loc[person, "brier"] == pytest.approx(
            sum((s - c) ** 2 for s, c in zip(stated, own["correct"], strict=True)) / len(own)
        )
        assert people.loc[person, "overconfidence"] == pytest.approx(
            np.mean(stated) - own["correct"].mean()
        )
        right = own.loc[own["correct"] == 1, "confidence"]
        wrong = own.loc[own["correct"] == 0, "confidence"]
        wins = [(r > w) + 0.5 * (r == w) for r in right for w in wrong]
        assert people.loc[person, "auroc2"] == pytest.approx(np.mean(wins))


def test_differences_between_arms_are_found():
    trials = study(people=80)
    treated = trials["arm"] == "heatmap"
    trials.loc[treated, "confidence"] = np.minimum(5, trials.loc[treated, "confidence"] + 1)
    answer = calibration(Evidence(trials, (CONTRAST,), confidence_levels=5, chance=0.25))
    found = {own.outcome: own for own in answer.estimates if own.against}
    assert found["overconfidence"].p < 0.01
    assert found["overconfidence"].estimate > 0
    assert found["confidence"].scale == "log_odds"
    assert found["confidence"].estimate > 3 * found["confidence"].se
    assert found["auroc2"].ci_low < 0 < found["auroc2"].ci_high
    assert answer.told.startswith("In none people's ratings said they were right more often")


def test_bins_hold_every_trial_once():
    rated = with_stated(study(people=10), 5, 0.25)
    bins = calibration_bins(rated, 0.95)
    assert bins["trials"].sum() == len(rated)
    top = bins[(bins["arm"] == "none") & (bins["confidence"] == 5)].iloc[0]
    own = rated[(rated["arm"] == "none") & (rated["confidence"] == 5)]["correct"]
    assert (top["share"], top["stated"]) == (pytest.approx(own.mean()), 1.0)
    assert top["low"] < top["share"] < top["high"]


def test_wilsons_interval_is_rs():
    rated = pd.DataFrame(
        {"arm": "none", "confidence": 2, "stated": 1.0, "correct": [1] * 31 + [0] * 9}
    )
    row = calibration_bins(rated, 0.95).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx(R["binom_wilson"], abs=1e-12)


def test_who_is_always_right_has_no_area():
    assert np.isnan(auroc(np.array([1, 2]), np.array([1, 1])))


def test_a_study_without_ratings_says_so():
    trials = study(people=4).assign(confidence=None)
    with pytest.raises(CannotAnswerError, match="No trial has a rating of confidence"):
        calibration(Evidence(trials, (CONTRAST,)))


@pytest.mark.parametrize(
    ("ratings", "levels", "stated"),
    [
        ([0, 1, 4], None, [0.0, 0.25, 1.0]),
        ([1, 3, 5], None, [0.0, 0.5, 1.0]),
        ([2, 3, 5], 5, [0.25, 0.5, 1.0]),
        ([0, 50, 100], None, [0.0, 0.5, 1.0]),
        ([0, 1, 1], None, [0.0, 1.0, 1.0]),
    ],
)
def test_ratings_run_from_zero_or_one_to_the_highest(ratings, levels, stated):
    rated = pd.DataFrame({"confidence": pd.array(ratings, dtype="Int64")})
    assert with_stated(rated, levels, 0.0)["stated"].tolist() == pytest.approx(stated)


@pytest.mark.parametrize(("ratings", "word"), [([-1, 1], "start at 0 or 1"), ([1, 1], "the same")])
def test_ratings_that_say_no_probability_are_refused(ratings, word):
    rated = pd.DataFrame({"confidence": pd.array(ratings, dtype="Int64")})
    with pytest.raises(CannotAnswerError, match=word):
        with_stated(rated, None, 0.0)
