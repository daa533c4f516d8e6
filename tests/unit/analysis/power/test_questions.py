"""Accuracies become logits, and logits the same accuracies again."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.errors import PowerError
from analysis.power.assumptions import expected_accuracy, shift_to
from analysis.power.design import pictures_of, plan_design, with_pictures
from analysis.power.questions import Question, default_arms, default_effects, logits_of, run_of
from analysis.power.simulation import simulate_study
from experiments.loading import load_protocol
from experiments.tasks.agreement import Agreement
from experiments.tasks.classification import Classification
from experiments.templates import template_named
from tests.unit.analysis.power.studies import LIVELY, demo


def asked(**changed) -> Question:
    usual = {
        "protocol": demo(),
        "participants": [60],
        "pictures": [16],
        "effects": [0.1],
        "shares_of_effect": {"heatmap": 1.0, "placebo": 0.5},
        "respondents": "lively",
        "response_model": LIVELY,
        "accuracy": 0.6,
        "studies": 1,
        "seed": 1,
    }
    return Question(**{**usual, **changed})


def test_expected_accuracy_is_the_mean_over_people_and_pictures():
    drawn, practice = np.random.default_rng(1), np.log1p([0.0, 4.0, 4.0])
    count = 400_000
    ability = drawn.normal(LIVELY.mean_ability, LIVELY.ability_sd, count)
    slope = drawn.normal(LIVELY.learning, LIVELY.learning_sd, count)
    picture = drawn.normal(0, np.hypot(LIVELY.item_sd, LIVELY.item_condition_sd), count)
    logit = ability + slope * drawn.choice(practice, count) - picture + 0.5
    slow = np.mean(0.25 + (1 - 0.25 - LIVELY.lapse) / (1 + np.exp(-logit)))
    assert expected_accuracy(LIVELY, practice, np.full(3, 0.25), 0.5) == pytest.approx(
        slow, abs=0.0015
    )


def test_shifts_reach_the_accuracy_that_was_asked_for():
    practice, chance = np.log1p([2.0, 3.0]), np.full(2, 0.25)
    shift = shift_to(LIVELY, practice, chance, 0.7)
    assert expected_accuracy(LIVELY, practice, chance, shift) == pytest.approx(0.7, abs=1e-8)
    with pytest.raises(PowerError, match=r"97\.5%.*25\.0%.*97\.0%"):
        shift_to(LIVELY, practice, chance, 0.975)


def test_simulated_arms_differ_by_the_effect_that_was_asked_for():
    run = run_of(asked())
    null, point = run.points
    assert (null.effect, point.effect) == (0.0, 0.1)
    assert null.differences == (0.0, 0.0)
    assert point.differences == pytest.approx((0.1, 0.05))
    design = plan_design(run.protocol, 60, 16)
    shares = {"none": [], "placebo": [], "heatmap": []}
    for seed in range(150):
        study = simulate_study(design, LIVELY, point.shifts, seed=seed)
        for arm, share in study.groupby("arm")["correct"].mean().items():
            shares[arm].append(share)
    error = {arm: np.std(own) / np.sqrt(len(own)) for arm, own in shares.items()}
    for arm, expected in {"none": 0.6, "placebo": 0.65, "heatmap": 0.7}.items():
        assert abs(np.mean(shares[arm]) - expected) < 4 * error[arm]


def test_without_an_accuracy_people_are_as_able_as_their_model_says():
    point = run_of(asked(accuracy=None)).points[1]
    assert point.shifts["none"] == 0.0
    question = asked(accuracy=None)
    assert point.shifts["heatmap"] == pytest.approx(logits_of(question, 16, 1.0, 0.1))


def test_defaults_come_from_the_plan():
    assert default_effects(demo()) == [0.05, 0.1, 0.15]
    assert default_effects(demo(smallest_effect=0.08)) == [0.04, 0.08, 0.12]
    assert default_arms(demo()) == {"heatmap": 1.0}


def test_pictures_are_shared_by_the_species():
    assert pictures_of(demo()) == 16
    assert pictures_of(with_pictures(demo(), 24)) == 24
    with pytest.raises(PowerError, match=r"18 pictures.*4 species. Use 16 or 20"):
        with_pictures(demo(), 18)


def test_questions_that_can_not_be_simulated_are_refused():
    with pytest.raises(PowerError, match="no arm sag"):
        run_of(asked(shares_of_effect={"sag": 1.0}))
    with pytest.raises(PowerError, match="Use 6 or more"):
        run_of(asked(participants=[5, 60]))
    with pytest.raises(PowerError, match="can't be reached"):
        run_of(asked(response_model=replace(LIVELY, lapse=0.35)))


def test_a_task_of_two_answers_that_asks_twice_is_planned_as_it_is():
    protocol = demo()
    asked_twice = {"agreement": Agreement(), "twice": Classification(first_answer=True)}
    designs = {
        name: plan_design(_with_task(protocol, task), 6, 16, orders=2)
        for name, task in asked_twice.items()
    }
    plain = plan_design(protocol, 6, 16, orders=2)
    assert np.array_equal(designs["agreement"].stimulus, plain.stimulus)
    assert set(designs["agreement"].chance.ravel()) == {0.5}
    assert set(plain.chance.ravel()) == {0.25}
    assert designs["agreement"].session_length == plain.session_length == 34
    assert designs["twice"].session_length == 34 + 16
    before = designs["twice"].position[:, 0] - plain.position[:, 0]
    assert set(before) <= {1, 2}  # its own first question, and one more after an attention check
    assert (designs["twice"].position.max(axis=1) >= 48).all()


def _with_task(protocol, task):
    stages = tuple(
        own.model_copy(update={"task": task}) if own.key == "assessment" else own
        for own in protocol.stages
    )
    return protocol.model_copy(update={"stages": stages})


def test_a_plan_within_participants_is_refused_with_the_arms_named():
    protocol = load_protocol(template_named("within").path).protocol
    with pytest.raises(PowerError, match="Participants of everybody meet several conditions"):
        run_of(asked(protocol=protocol, shares_of_effect={}))
    with pytest.raises(PowerError, match="several conditions"):
        default_arms(protocol)
