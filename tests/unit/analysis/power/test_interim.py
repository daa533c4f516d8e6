"""Simulated studies with interim looks decide as `monitor` would, look by look."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.effects import confirmatory
from analysis.power.decisions import Decider
from analysis.power.design import plan_design
from analysis.power.interim import decide_at_looks
from analysis.power.simulation import simulate_study
from analysis.power.studies import Point, Run, Studies
from analysis.sequential import alpha_spent, boundaries, nominal_level
from experiments.schema import Contrast, InterimLooks
from tests.unit.analysis.power.studies import LIVELY, demo

LOOKS = InterimLooks(information_fractions=(0.5, 0.75), spending="pocock")
QUICKEST = {"model": "two_way_cluster", "interim_looks": LOOKS, "alpha": 0.2}


def slowly(trials, plan, planned):
    """Every look by the report's own test, and Holm's steps written out."""
    people = list(dict.fromkeys(trials["participant"]))
    looks = [math.ceil(share * planned) for share in plan.interim_looks.information_fractions]
    counts = [*(count for count in looks if count < len(people)), len(people)]
    spent_at = [*(count / planned for count in counts[:-1]), 1.0]
    crossed, signs = {}, {}
    for look, count in enumerate(counts):
        rows = confirmatory(trials[trials["participant"].isin(people[:count])], plan)
        todo = {place: row for place, row in enumerate(rows) if place not in crossed}
        signs |= {place: np.sign(row.estimate or 0) for place, row in todo.items()}
        ordered = sorted(todo, key=lambda place: 1.0 if rows[place].p is None else rows[place].p)
        for step, place in enumerate(ordered):
            alpha = plan.alpha / (len(ordered) - step)
            spent = [alpha_spent(at, alpha, "pocock") for at in spent_at[: look + 1]]
            level = nominal_level(boundaries(counts[: look + 1], spent)[-1])
            if rows[place].p is None or rows[place].p > level:
                break
            crossed[place] = look
        if len(crossed) == len(rows):
            break
    return crossed, signs, count


@pytest.mark.parametrize("effects", [{}, {"heatmap": 1.5}, {"heatmap": 2.5, "placebo": 2.5}])
def test_decisions_are_those_of_every_look_written_out(effects):
    protocol = demo(**QUICKEST)
    design, decider = plan_design(protocol, 24, 12), Decider(protocol.analysis)
    ends = set()
    for seed in range(6):
        study = simulate_study(design, LIVELY, effects, seed=seed)
        decisions, analysed = decide_at_looks(decider, LOOKS, study, 24)
        crossed, signs, count = slowly(study, protocol.analysis, 24)
        assert [own.is_significant for own in decisions] == [place in crossed for place in (0, 1)]
        assert [own.sign for own in decisions] == [signs[0], signs[1]]
        assert analysed == count
        ends.add(count)
    if len(effects) == 2:
        assert min(ends) < 24, "some study with effects in both arms must end at a look"


def test_the_mixed_model_decides_at_looks_as_the_report_would():
    protocol = demo(interim_looks=LOOKS, alpha=0.2)
    design, decider = plan_design(protocol, 24, 12), Decider(protocol.analysis)
    study = simulate_study(design, LIVELY, {"heatmap": 1.5}, seed=3)
    decisions, analysed = decide_at_looks(decider, LOOKS, study, 24)
    crossed, signs, count = slowly(study, protocol.analysis, 24)
    assert [own.is_significant for own in decisions] == [place in crossed for place in (0, 1)]
    assert ([own.sign for own in decisions], analysed) == ([signs[0], signs[1]], count)


def test_a_study_too_small_for_a_look_spends_all_of_alpha_at_its_end():
    contrast = (Contrast(arm="heatmap", against="none"),)
    protocol = demo(contrasts=contrast, **QUICKEST)
    decider = Decider(protocol.analysis)
    study = simulate_study(plan_design(protocol, 24, 12), LIVELY, {"heatmap": 1.0}, seed=1)
    decisions, analysed = decide_at_looks(decider, LOOKS, study, 60)
    assert decisions == decider.decide(study)
    assert analysed == 24


def test_a_study_that_keeps_nobody_is_unanswered():
    protocol = demo(**QUICKEST)
    nobody = pd.DataFrame(columns=["participant", "stimulus", "arm", "condition", "correct"])
    decisions, analysed = decide_at_looks(Decider(protocol.analysis), LOOKS, nobody, 24)
    assert not any(own.is_answered or own.is_significant for own in decisions)
    assert (len(decisions), analysed) == (2, 0)


def test_counts_hold_who_had_taken_part_when_a_study_ended():
    protocol = demo(**QUICKEST)
    point = Point(24, 12, 0.4, {"heatmap": 3.0, "placebo": 3.0}, (0.4, 0.4))
    counts = Studies(Run(protocol, LIVELY, (point,), studies=8, seed=2)).count(0, range(8))
    assert 12 * 8 <= counts.analysed < 24 * 8
