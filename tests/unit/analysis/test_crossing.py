import pytest

from analysis.crossing import crossing_of
from tests.unit.analysis.simulated import simulate


@pytest.mark.parametrize(
    ("design", "crossed"),
    [
        ({"participants": 12}, ("stimulus",)),
        ({"participants": 12, "is_within": True}, ("participant", "stimulus")),
        ({"participants": 40, "stimuli": 60, "seen": 20}, ("stimulus",)),
        # Some 1.5 answers a picture and condition: nothing could tell an interaction from chance.
        ({"participants": 20, "stimuli": 200, "seen": 20}, ()),
    ],
)
def test_units_are_crossed_with_conditions_where_they_meet_several_often_enough(design, crossed):
    assert crossing_of(simulate(1, **design)).crossed == crossed


def test_pictures_of_one_condition_each_have_an_intercept_alone():
    trials = simulate(1, participants=12, is_within=True)
    trials["stimulus"] = trials["stimulus"] + trials["arm"]
    found = crossing_of(trials)
    assert found.crossed == ("participant",)
    assert found.random_part("by_design") == (
        "(1 | participant) + (1 | stimulus) + (1 | participant:arm)"
    )
    assert found.random_part("intercepts") == "(1 | participant) + (1 | stimulus)"


def test_who_answers_once_has_no_intercept_of_their_own():
    trials = simulate(1, participants=24, stimuli=6)
    once = trials.groupby("participant").head(1).assign(stimulus=["s0", "s1"] * 12)
    assert crossing_of(once).random_part("intercepts") == "(1 | stimulus)"
    alone = once.assign(stimulus=once["participant"])
    with pytest.raises(ValueError, match="has one trial"):
        crossing_of(alone).random_part("by_design")
