"""Whole studies at once must be what people one by one would give."""

import math
from dataclasses import replace
from statistics import fmean, stdev

import numpy as np
import pytest

from analysis.power.design import made_up_pictures, plan_design
from analysis.power.simulation import People, Pictures, right_probabilities, simulate_study
from experiments.digest import derive_seed
from experiments.respondents import Question, draw_respondents
from experiments.sequencing import plan_session
from tests.unit.analysis.power.studies import LIVELY, demo, question_of, study_by_people


def test_the_same_people_and_pictures_have_the_same_probabilities():
    protocol = demo()
    design = plan_design(protocol, 6, 16, orders=6)
    people = draw_respondents(LIVELY, 6, seed=3)
    arms = list(protocol.arms)
    logits = _logits_of_pictures(design.pictures, arms)
    slow = np.array(
        [_walk(design, person, order, arms[order % 3]) for order, person in enumerate(people)]
    )
    fast = right_probabilities(
        design,
        LIVELY,
        People(
            arm=np.arange(6) % 3,
            order=np.arange(6),
            ability=np.array([person.ability for person in draw_respondents(LIVELY, 6, seed=3)]),
            learning=np.array([person.learning for person in people]),
            is_careless=np.zeros(6, dtype=bool),
            leaves_after=np.full(6, 99),
        ),
        Pictures(-logits),
        np.zeros(3),
    )
    np.testing.assert_allclose(fast, slow, atol=1e-12)


def _logits_of_pictures(pictures, arms):
    """Return how easy each picture is in each arm's condition, (arms, pictures)."""
    plain = replace(LIVELY, lapse=0.0, guess=0.0)
    (probe,) = draw_respondents(plain, 1, seed=3)
    probe.ability = 0.0
    odds = [
        [probe.probability_correct(Question("a", "abcd", key, arm)) for key in pictures]
        for arm in arms  # each arm of the demo shows the condition of its own name
    ]
    return np.array([[math.log(p / (1 - p)) for p in row] for row in odds])


def _walk(design, person, order, arm):
    """Answer a planned session; return the probability before each trial of the assessment."""
    protocol = design.protocol
    selection, stimuli = made_up_pictures(protocol)
    seed = derive_seed(protocol.seed, "power", order)
    found = []
    for trial in plan_session(protocol, stimuli, selection, arm=arm, seed=seed):
        question = question_of(protocol, trial)
        if trial.phase == "assessment" and trial.stimulus:
            found.append(person.probability_correct(question))
        person.answer(question)
    return found


@pytest.mark.parametrize("changed", [{}, {"careless": 0.25, "abandon": 0.01}])
def test_studies_at_once_are_distributed_as_those_of_people_one_by_one(changed):
    protocol, people = demo(), replace(LIVELY, effects={"heatmap": 0.8}, **changed)
    # Careless bots may fail the quiz, which people one by one were not asked here.
    protocol = protocol.model_copy(
        update={"stages": tuple(own for own in protocol.stages if own.kind != "quiz")}
    )
    design = plan_design(protocol, 24, 16)
    slow = [study_by_people(protocol, people, 24, seed=seed) for seed in range(16)]
    fast = [simulate_study(design, people, {"heatmap": 0.8}, seed=seed) for seed in range(100, 260)]
    for told in (_accuracy("none"), _accuracy("heatmap"), _people, _spread_of_people, _of_pictures):
        ours, theirs = [told(study) for study in fast], [told(study) for study in slow]
        error = math.hypot(stdev(ours) / math.sqrt(len(ours)), stdev(theirs) / math.sqrt(16))
        assert abs(fmean(ours) - fmean(theirs)) <= 3.5 * error


def _accuracy(arm):
    return lambda study: study.loc[study["arm"] == arm, "correct"].mean()


def _people(study):
    return float(study["participant"].nunique())


def _spread_of_people(study):
    return study.groupby("participant")["correct"].mean().std()


def _of_pictures(study):
    return study.groupby("stimulus")["correct"].mean().std()


def test_arms_are_allocated_as_frozen_sequences_are():
    design = plan_design(demo(), 31, 16)
    study = simulate_study(design, LIVELY, {}, seed=4)
    people = study.groupby("arm")["participant"].nunique()
    assert people.sum() == 31
    assert people.max() - people.min() <= 2
    assert (study.groupby("participant")["stimulus"].nunique() == 16).all()


def test_the_same_seed_gives_the_same_study():
    design = plan_design(demo(), 12, 16)
    first, again, other = (simulate_study(design, LIVELY, {}, seed=s) for s in (1, 1, 2))
    assert first.equals(again)
    assert not first["correct"].equals(other["correct"])


def test_careless_people_leave_by_quiz_and_attention_checks():
    careless = replace(LIVELY, careless=1.0)
    strict = demo(
        exclusions=demo().analysis.exclusions.model_copy(update={"failed_catch_trials": 1})
    )
    design = plan_design(strict, 30, 16)
    kept = [
        simulate_study(design, careless, {}, seed=seed)["participant"].nunique()
        for seed in range(40)
    ]
    # 3 questions of 3 answers, 2 attempts; then both checks answered right by chance.
    passes = (1 - (1 - 1 / 27) ** 2) / 16
    assert 0 <= fmean(kept) <= 30 * passes + 4 * math.sqrt(30 * passes / 40)
