"""Interactions of the arm with what is known of the pictures."""

import numpy as np
import pytest

from analysis.glmm.fitting import fit
from analysis.questions import CannotAnswerError, Evidence
from analysis.questions.moderators import known_moderators, moderators
from tests.unit.analysis.questions.studies import CONTRAST, study


def misled(seed=4, people=48):
    """Heatmaps that help where the classifier is right and harm where it is wrong."""
    generator = np.random.default_rng(seed)
    trials = study(seed, people=people, effect=0.0)
    is_right = trials["predicted_species"] == trials["true_species"]
    turned = (trials["arm"] == "heatmap") & (generator.random(len(trials)) < 0.4)
    trials.loc[turned & is_right, "correct"] = 1.0
    trials.loc[turned & ~is_right, "correct"] = 0.0
    return trials


def test_an_effect_that_depends_on_the_classifier_is_found():
    trials = misled()
    answer = moderators(Evidence(trials, (CONTRAST,)))
    tests = {own.term: own for own in answer.estimates if not own.subgroup and own.df}
    assert set(tests) == {"classifier", "certainty", "species"}
    assert tests["classifier"].p_adjusted < 0.001
    assert tests["species"].df == 3
    effects = {own.subgroup: own for own in answer.estimates if own.subgroup}
    assert effects["classifier=right"].ci_low > 0
    assert effects["classifier=wrong"].ci_high < 0
    counted = trials["predicted_species"] != trials["true_species"]
    assert effects["classifier=wrong"].n_trials == counted.sum()
    assert (
        "heatmap against none: the effect depends on whether the classifier is right" in answer.told
    )
    told = "heatmap against none: the effect was not shown to depend on the classifier's certainty"
    assert f"{told} or the species (smallest p = " in answer.told
    assert len(answer.tables["effects"]) == 2 + 1 + 4


def test_the_effect_at_a_level_is_that_of_a_treatment_coded_fit():
    """The same model with the level as the reference: the arm's own coefficient."""
    trials = misled(people=40)
    answer = moderators(Evidence(trials, (CONTRAST,)))
    own = next(e for e in answer.estimates if e.subgroup == "classifier=right")
    is_wrong = (trials["predicted_species"] != trials["true_species"]).astype(int)
    table = trials.assign(
        wrong=is_wrong, treated=(trials["arm"] == "heatmap").astype(int), side=is_wrong.astype(str)
    )
    random = "(1 | participant) + (1 | stimulus) + (1 | stimulus:arm) + (1 | participant:side)"
    found = fit(f"correct ~ treated * wrong + {random}", table)
    arm = next(c for c in found.coefficients() if c.term == "treated")
    assert (own.estimate, own.se) == pytest.approx((arm.estimate, arm.se), rel=1e-3)


def test_what_never_varies_is_no_moderator():
    trials = study(people=4).assign(predicted_probability=0.9, difficulty="hard")
    assert [own.name for own in known_moderators(trials)] == ["classifier", "species"]
    bare = trials[["participant", "stimulus", "arm", "correct"]]
    with pytest.raises(CannotAnswerError, match="Nothing is known of the pictures"):
        moderators(Evidence(bare, (CONTRAST,)))
