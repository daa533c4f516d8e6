"""All questions at once, of a simulated study and of an export folder."""

from dataclasses import replace

import pandas as pd
import pytest

from analysis import questions
from analysis.load import load_study
from analysis.population import choose_stage, sessions_of, trials_with_answers
from analysis.questions import Answer, CannotAnswerError, Evidence, ask_all, evidence_of
from analysis.questions.advice import judged_advice
from analysis.questions.bayes_factor import bayes_factor
from analysis.questions.gathering import ratings
from analysis.questions.reaction_time import reaction_time
from analysis.questions.reliance import reliance
from experiments.loading import load_protocol
from tests.unit.analysis.exports import DEMO, Run, write_export
from tests.unit.analysis.questions.studies import CONTRAST, study

QUESTIONS = {
    "bayes_factor",
    "learning",
    "moderators",
    "pictures",
    "explanation_scores",
    "explanation_use",
    "discrimination",
    "reliance",
    "two_answers",
    "calibration",
    "reaction_time",
    "scales",
}


def test_every_question_is_answered_or_says_why():
    seen = []
    evidence = Evidence(study(people=30, items=12), (CONTRAST,), chance=0.25)
    found = ask_all(evidence, progress=lambda *step: seen.append(step))
    answered = {own.question for own in found.answered}
    assert answered == {
        "bayes_factor",
        "learning",
        "moderators",
        "pictures",
        "calibration",
        "reaction_time",
    }
    assert {own.question for own in found.not_answered} == QUESTIONS - answered
    assert all(own.reason.endswith(".") or ")" in own.reason for own in found.not_answered)
    assert [done for done, _, _ in seen] == list(range(len(QUESTIONS) + 1))
    for answer in found.answered:
        assert_well_formed(answer)


def assert_well_formed(answer: Answer):
    assert answer.told
    assert "nan" not in answer.told
    for own in answer.estimates:
        assert own.role == "exploratory"
        assert own.question == answer.question
        assert own.estimate is not None or own.note or own.statistic is not None
        assert own.n_participants > 0
    for name, table in answer.tables.items():
        assert isinstance(table, pd.DataFrame), name
        assert len(table) > 0


def test_an_export_is_gathered_and_asked(tmp_path):
    runs = [Run(arm, right) for arm in ("none", "heatmap") for right in (0, 1, 2, 2, 3, 3)]
    export = load_study(write_export(tmp_path / "export", runs))
    sessions = sessions_of(export, choose_stage(export.tables["sessions"], None))
    evidence = evidence_of(export, trials_with_answers(export, sessions))
    assert [own.arm for own in evidence.contrasts] == ["heatmap", "placebo"]
    assert evidence.confidence_levels == 5
    assert evidence.chance == 0.25
    assert evidence.training is None
    told = bayes_factor(evidence).told
    assert told.startswith("heatmap against none: ")
    assert told.endswith("Arm placebo has 0 participants; 2 are needed.")
    with pytest.raises(CannotAnswerError, match=r"No trial has a reaction time \(column rt_ms\)"):
        reaction_time(evidence)
    with pytest.raises(CannotAnswerError, match=r"No trial has advice \(column advice_species\)"):
        reliance(evidence)


def test_a_question_that_numbers_break_costs_no_other_its_answer(monkeypatch):
    def broken(evidence):
        return 1 / 0

    first, *rest = questions._QUESTIONS
    monkeypatch.setattr(questions, "_QUESTIONS", (("broken", "Broken?", broken), first, *rest))
    found = ask_all(Evidence(study(people=8, items=12), (CONTRAST,)))
    told = "It could not be computed (ZeroDivisionError: division by zero)."
    assert (found.not_answered[0].question, found.not_answered[0].reason) == ("broken", told)
    assert found.answered[0].question == first[0]


def test_one_person_is_refused_by_every_question_in_a_sentence():
    found = ask_all(Evidence(study(people=1, items=12), (CONTRAST,)))
    assert found.answered == ()
    assert {own.question for own in found.not_answered} == QUESTIONS


def test_ratings_are_read_from_the_protocols_items():
    protocol = load_protocol(DEMO).protocol
    answers = pd.DataFrame(
        {
            "participant": ["a", "a", "b", "b"],
            "stage_key": "questionnaire",
            "item": ["effort", "remarks", "effort", "birds"],
            "value": ["4", "12", None, "Not at all"],
        }
    )
    found = ratings(protocol, answers)
    assert found.to_dict("records") == [
        {"participant": "a", "stage_key": "questionnaire", "item": "effort", "value": 4}
    ]


def test_advice_is_known_where_the_condition_showed_it(tmp_path):
    export = load_study(write_export(tmp_path / "export", [Run("none"), Run("heatmap")]))
    shown = {
        key: condition.model_copy(update={"advice": "species" if key == "heatmap" else "none"})
        for key, condition in export.protocol.conditions.items()
    }
    export = replace(export, protocol=export.protocol.model_copy(update={"conditions": shown}))
    sessions = sessions_of(export, choose_stage(export.tables["sessions"], None))
    answered = trials_with_answers(export, sessions)
    says = answered["true_species"].where(answered["trial_index"] > 0, "ivory_gull")
    trials = evidence_of(export, answered.assign(predicted_species=says)).trials
    advised = trials[trials["arm"] == "heatmap"].sort_values("trial_index")
    assert advised["advice_species"].tolist() == ["ivory_gull", *advised["true_species"][1:]]
    assert advised["advice_correct"].tolist() == [0, 1, 1, 1]
    none = trials[trials["arm"] == "none"]
    assert none[["advice_species", "advice_correct"]].isna().all(axis=None)
    agreeing = answered.assign(predicted_species=says, choice="yes", right_choice="yes")
    asked = evidence_of(export, agreeing).trials
    assert asked["advice_species"].isna().all()
    assert judged_advice(asked)["said_yes"].tolist() == [1] * len(asked)
