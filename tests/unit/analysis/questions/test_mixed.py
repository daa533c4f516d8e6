"""Random effects by the design, and sums of coefficients."""

import pytest

from analysis.glmm.coding import Coding
from analysis.glmm.fitting import fit
from analysis.questions import mixed
from analysis.questions.mixed import random_part, weighted_sum
from tests.unit.analysis.questions.studies import study


def test_random_effects_are_those_of_the_design(monkeypatch):
    trials = study(people=20, items=8)
    assert random_part(trials) == "(1 | participant) + (1 | stimulus) + (1 | stimulus:arm)"
    apart = trials.assign(stimulus=trials["stimulus"] + trials["arm"])
    assert random_part(apart, slope="x") == "(1 + x || participant) + (1 | stimulus)"
    halves = trials.assign(half=(trials["trial_index"] % 2).astype(str))
    assert random_part(halves, within="half").endswith("(1 | participant:half)")
    assert random_part(halves, within="trial").endswith("(1 | stimulus:arm)")
    monkeypatch.setattr(mixed, "_MOST_EFFECTS", 20)
    assert random_part(trials) == "(1 | participant) + (1 | stimulus)"


def test_a_weighted_sum_is_the_coefficient_of_another_coding():
    trials = study(people=30, items=10)
    cells = fit("correct ~ 0 + arm + (1 | participant) + (1 | stimulus)", trials)
    coding = Coding(reference={"arm": "none"})
    treated = fit("correct ~ arm + (1 | participant) + (1 | stimulus)", trials, coding=coding)
    expected = treated.coefficients()[1]
    found = weighted_sum(cells, {"armheatmap": 1.0, "armnone": -1.0}, 0.95)
    assert found.estimate == pytest.approx(expected.estimate, abs=1e-4)
    assert found.se == pytest.approx(expected.se, rel=1e-3)
    assert found.p == pytest.approx(expected.p, rel=1e-2)
    assert found.ci_high - found.ci_low == pytest.approx(2 * 1.959964 * found.se)
    assert found.note.startswith("random effects (1 | participant) + (1 | stimulus)")


def test_a_linear_sum_has_satterthwaites_degrees_of_freedom():
    trials = study(people=16, items=6)
    found = fit("log(rt_ms) ~ 0 + arm + (1 | participant) + (1 | stimulus)", trials, "gaussian")
    tested = weighted_sum(found, {"armheatmap": 1.0, "armnone": -1.0}, 0.95)
    assert tested.df == pytest.approx(14, abs=1)
