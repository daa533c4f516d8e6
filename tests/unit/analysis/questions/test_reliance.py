"""Reliance on advice, counted trial by trial as its definitions say."""

import numpy as np
import pandas as pd
import pytest

from analysis.questions import CannotAnswerError, Evidence
from analysis.questions.reliance import reliance
from analysis.questions.shares import share
from tests.unit.analysis.questions.studies import CONTRAST, study


def advised(seed=2, follow=(0.4, 0.7), first=True, **more):
    """A study with advice that is right in two of three trials, taken with some probability."""
    generator = np.random.default_rng(seed)
    trials = study(seed, **more)
    trials["advice_species"] = trials["predicted_species"]
    trials["advice_correct"] = trials["advice_species"] == trials["true_species"]
    trials["first_choice"] = trials["choice"]
    taken = generator.random(len(trials)) < np.where(trials["arm"] == "heatmap", *follow[::-1])
    trials["choice"] = trials["advice_species"].where(taken, trials["first_choice"])
    trials["correct"] = (trials["choice"] == trials["true_species"]).astype(float)
    return trials if first else trials.drop(columns="first_choice")


def counted(trials):
    """Every measure of every arm by a loop over the trials."""
    counts = {}

    def count(arm, name, value):
        counts.setdefault((arm, name), []).append(bool(value))

    for row in trials.itertuples():
        final_right = row.choice == row.true_species
        if row.advice_correct:
            count(row.arm, "accuracy_right", final_right)
            count(row.arm, "under_reliance", row.choice != row.advice_species)
            if row.first_choice != row.true_species:
                count(row.arm, "rair", final_right)
        else:
            count(row.arm, "accuracy_wrong", final_right)
            count(row.arm, "over_reliance", row.choice == row.advice_species)
            if row.first_choice == row.true_species:
                count(row.arm, "rsr", final_right)
        if row.first_choice != row.advice_species:
            count(row.arm, "switched", row.choice == row.advice_species)
    return {key: (np.mean(values), len(values)) for key, values in counts.items()}


def test_measures_are_what_counting_gives():
    trials = advised()
    answer = reliance(Evidence(trials, (CONTRAST,)))
    found = {
        (own.arm, own.outcome): (own.estimate, own.n_trials)
        for own in answer.estimates
        if not own.against
    }
    expected = counted(trials)
    assert found.keys() == expected.keys()
    for key, (value, trials_counted) in expected.items():
        assert found[key] == (pytest.approx(value), trials_counted)
    for own in (own for own in answer.estimates if own.against):
        ours, theirs = expected["heatmap", own.outcome][0], expected["none", own.outcome][0]
        assert own.estimate == pytest.approx(ours - theirs)
        assert own.scale == "accuracy_difference"
    over = next(o for o in answer.estimates if o.outcome == "over_reliance" and o.against)
    assert over.p < 0.001
    assert "wrong advice was taken +" in answer.told


def test_without_first_answers_nothing_is_told_of_them():
    answer = reliance(Evidence(advised(first=False), (CONTRAST,)))
    assert {own.outcome for own in answer.estimates} == {
        "accuracy_right",
        "accuracy_wrong",
        "over_reliance",
        "under_reliance",
    }
    assert "first answer" not in answer.told


def test_a_study_without_advice_says_so():
    with pytest.raises(CannotAnswerError, match="No trial has advice"):
        reliance(Evidence(study(people=4), (CONTRAST,)))


def test_saying_yes_to_a_wrong_answer_is_over_reliance():
    """HIVE's agreement task, and accept-or-reject tables of other programs."""
    trials = advised()
    truth = trials["advice_correct"].map({True: "yes", False: "no"})
    said = (trials["choice"] == trials["advice_species"]).map({True: "yes", False: "no"})
    asked = trials[["participant", "stimulus", "arm", "correct"]].assign(
        choice=said, right_choice=truth
    )
    judged = asked.drop(columns=["choice", "right_choice"]).assign(
        said_yes=(said == "yes").astype(int), signal=(truth == "yes").astype(int)
    )
    expected = counted(trials)
    for table in (asked, judged):
        found = {
            (own.arm, own.outcome): own.estimate
            for own in reliance(Evidence(table, (CONTRAST,))).estimates
            if not own.against
        }
        assert {name for _, name in found} == {"over_reliance", "under_reliance"}
        for key, value in found.items():
            assert value == pytest.approx(expected[key][0])


def test_advice_that_is_never_wrong_leaves_what_can_be_told():
    trials = advised()
    trials = trials[trials["advice_correct"]]
    answer = reliance(Evidence(trials, (CONTRAST,)))
    assert {own.outcome for own in answer.estimates} == {
        "accuracy_right",
        "under_reliance",
        "rair",
        "switched",
    }


def test_the_error_of_a_share_is_that_of_the_jackknife():
    """Over people: nearly the same, by leaving each out in turn."""
    trials = advised(people=80)
    own = trials[(trials["arm"] == "none") & ~trials["advice_correct"]]
    own = own.assign(value=(own["choice"] == own["advice_species"]).astype(float))
    own = own[own.index % 5 != 0]
    people = own["participant"].unique()
    shares = np.array([own[own["participant"] != left]["value"].mean() for left in people])
    count = len(people)
    jackknife = np.sqrt((count - 1) / count * ((shares - shares.mean()) ** 2).sum())
    found = share(own, 0.95)
    assert found.estimate == pytest.approx(own["value"].mean())
    assert found.se == pytest.approx(jackknife, rel=0.02)
    assert found.df == count - 1


def test_a_share_of_nothing_but_yes_has_no_error():
    table = pd.DataFrame({"participant": ["a", "a", "b"], "value": 1.0})
    found = share(table, 0.95)
    assert (found.ci_low, found.ci_high, found.p) == (1.0, 1.0, None)
    assert found.note
