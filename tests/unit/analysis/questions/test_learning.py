"""Slopes over trials: what was simulated is found, and places are counted as they should be."""

import pytest

from analysis.questions import CannotAnswerError, Evidence
from analysis.questions.learning import learning, with_places
from tests.unit.analysis.questions.studies import CONTRAST, study


def test_slopes_and_their_difference_are_found():
    trials = study(people=120, slope=0.3, slope_by_arm=0.4)
    answer = learning(Evidence(trials.iloc[:0], (CONTRAST,), training=trials))
    none, heatmap, difference = answer.estimates
    assert (none.arm, heatmap.arm, difference.against) == ("none", "heatmap", "none")
    for own, true in ((none, 0.3), (heatmap, 0.7), (difference, 0.4)):
        assert abs(own.estimate - true) < 3 * own.se
    assert difference.estimate == pytest.approx(heatmap.estimate - none.estimate)
    assert "Over the trials of the training" in answer.told
    curve = answer.tables["curve"]
    first = trials[(trials["arm"] == "none") & (trials["trial_index"] == 5)]
    row = curve[(curve["arm"] == "none") & (curve["place"] == 1)].iloc[0]
    assert (row["share"], row["answers"]) == (pytest.approx(first["correct"].mean()), 60)


def test_without_training_the_assessment_is_asked():
    answer = learning(Evidence(study(people=20), (CONTRAST,)))
    assert "of the assessment" in answer.told


def test_places_are_counted_within_the_person_and_centred():
    trials = with_places(study(people=4, items=6))
    assert sorted(trials.loc[trials["participant"] == "p1", "place"]) == [1, 2, 3, 4, 5, 6]
    assert trials["step"].mean() == pytest.approx(0)
    assert trials["step"].max() == pytest.approx(0.25)


def test_three_trials_are_no_curve():
    with pytest.raises(CannotAnswerError, match="at least 4 trials"):
        learning(Evidence(study(people=6, items=3), (CONTRAST,)))
