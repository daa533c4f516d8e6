"""The benchmark of rehearsals: every ready study is read, and what is true of it is known."""

import dataclasses

import pytest

from benchmarks.rehearsals import Effect, study_of, table
from benchmarks.truths import Size, Truths
from experiments.studies import RECIPES

SMALL = Size(people=150, pictures=8, judges=30, judged=24)
# By study: in which arms, and how much larger, about. Shares but sensitivity and criterion.
TRUE = {
    "learning": {Effect("accuracy", "concepts", "none"): (0.20, 0.03)},
    "counterfactual": {Effect("accuracy", "graph", "igos"): (0.34, 0.03)},
    "reliance": {
        Effect("accuracy", "heatmap", "none"): (0.085, 0.02),
        Effect("over_reliance", "heatmap", "placebo"): (-0.25, 0.04),
        Effect("sensitivity", "heatmap", "none"): (0.9, 0.4),
        Effect("criterion", "heatmap", "placebo"): (0.47, 0.35),
    },
}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_rehearsal_of_a_ready_study_estimates_all_that_is_planted(recipe):
    study = dataclasses.replace(study_of(recipe), count=30)
    plan = study.protocol.analysis
    found = {effect: [row] for effect, row in study.rehearse(0)}
    outcomes = {"accuracy", *plan.secondary} - {"confidence", "reaction_time"}
    assert set(found) == {
        Effect(outcome, contrast.arm, contrast.against)
        for outcome in outcomes
        for contrast in plan.contrasts
    }
    truths = Truths(study.protocol, study.people, SMALL)
    for effect, (true, error) in TRUE[recipe.name].items():
        difference = truths.difference(effect.outcome, effect.arm, effect.against)
        assert difference == pytest.approx(true, abs=error)
    lines = list(table(found, truths))
    assert len(lines) == 3 + len(found)
    assert all(line.count(" of 1 |") == 1 for line in lines[3:])
