"""The quick decision must be the report's."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.effects import confirmatory
from analysis.power.decisions import Decider
from analysis.power.design import plan_design
from analysis.power.simulation import simulate_study
from tests.unit.analysis.power.studies import LIVELY, demo


@pytest.mark.parametrize(
    ("effect", "plan", "people"),
    [
        (0.0, {}, LIVELY),
        (1.2, {}, LIVELY),
        (0.9, {"correction": "none"}, replace(LIVELY, item_condition_sd=0.0)),
        (0.9, {"random_effects": "intercepts"}, LIVELY),
        (1.2, {}, replace(LIVELY, careless=0.2)),
    ],
)
def test_quick_decisions_are_those_of_the_report(effect, plan, people):
    protocol = demo(**plan)
    design, decider = plan_design(protocol, 24, 12), Decider(protocol.analysis)
    for seed in range(2):
        study = simulate_study(design, people, {"heatmap": effect}, seed=seed)
        quick = decider.decide(study)
        rows = confirmatory(study, protocol.analysis)
        assert [own.is_significant for own in quick] == [row.deciding_p < 0.05 for row in rows]
        assert [own.sign for own in quick] == [np.sign(row.estimate) for row in rows]
        for (p, _), row in zip(decider._quickly(study), rows, strict=True):
            # Where chi-squared decides, its p is the smaller one.
            assert p == pytest.approx(row.p, abs=1e-5) or 0.05 <= p <= row.p


def test_what_is_out_of_the_ordinary_goes_to_the_report_itself():
    protocol = demo()
    decider = Decider(protocol.analysis)
    study = simulate_study(plan_design(protocol, 24, 12), LIVELY, {}, seed=1)
    alike = study.assign(correct=study["correct"].where(study["arm"] != "heatmap", 1.0))
    missing = study.iloc[1:]
    alone = study[study["arm"] != "placebo"]
    for odd in (alike, missing, alone):
        assert decider._quickly(odd) is None
    heatmap, placebo = decider.decide(alone)
    assert heatmap.is_answered
    assert not placebo.is_answered
    assert not placebo.is_significant
    assert decider.decide(alike)[0].is_significant


def test_another_model_in_the_plan_is_asked_as_the_report_asks_it():
    protocol = demo(model="two_way_cluster")
    study = simulate_study(plan_design(protocol, 24, 12), LIVELY, {"heatmap": 1.5}, seed=2)
    decisions = Decider(protocol.analysis).decide(study)
    rows = confirmatory(study, protocol.analysis)
    assert [own.is_significant for own in decisions] == [row.deciding_p < 0.05 for row in rows]
