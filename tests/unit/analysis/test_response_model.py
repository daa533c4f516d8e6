"""A response model is recovered from its own answers, and the stored ones from their tables."""

import json
import math
from dataclasses import replace

import pandas as pd
import pytest

from analysis.__main__ import main
from analysis.errors import FitError
from analysis.response_model import TrialColumns, fit_response_model
from experiments.digest import sha256_file
from experiments.fitted_respondents import FOLDER, read_fitted
from experiments.respondents import Question, ResponseModel, draw_respondents

KNOWN = ResponseModel(
    mean_ability=-0.3,
    ability_sd=0.5,
    item_sd=0.7,
    learning=0.45,
    learning_sd=0.3,
    guess=0.0,
    lapse=0.0,
    median_rt_ms=5000.0,
    rt_sigma=0.4,
    rt_person_sd=0.35,
    rt_certainty=-0.5,
)
COLUMNS = TrialColumns(
    participant="who",
    item=("picture",),
    outcome="right",
    trial="number",
    feedback=("part", "learn"),
    time_ms="ms",
)


def answers(response_model, people, pictures=60) -> pd.DataFrame:
    """Return 20 trials with feedback and 20 without of each person."""
    rows = []
    for who, person in enumerate(draw_respondents(response_model, people, seed=11)):
        for number in range(40):
            picture = (who * 7 + number * 13) % pictures
            question = Question(
                "a", ("a", "b", "c"), f"p{picture}", "none", has_feedback=number < 20
            )
            simulated = person.answer(question)
            rows.append(
                {
                    "who": who,
                    "picture": picture,
                    "right": int(simulated.choice == "a"),
                    "number": number,
                    "part": "learn" if number < 20 else "test",
                    "ms": simulated.rt_ms,
                }
            )
    return pd.DataFrame(rows)


def test_a_known_model_is_recovered():
    found = fit_response_model(answers(KNOWN, 150), COLUMNS, tell=lambda line: None)
    assert (found.answers, found.participants, found.pictures) == (6000, 150, 60)
    for name, own in found.parameters.items():
        truth = getattr(KNOWN, name)
        if own.se is None:
            assert own.estimate == pytest.approx(truth, rel=0.15, abs=1e-9)
        else:
            assert abs(own.estimate - truth) < 3 * own.se, name
    assert found.parameters["learning"].se < 0.06


def test_how_differently_pictures_react_is_recovered():
    reacting = replace(KNOWN, item_condition_sd=0.8, learning=0.0, learning_sd=0.0)
    rows = []
    for who, person in enumerate(draw_respondents(reacting, 200, seed=3)):
        for number in range(30):
            condition = ("none", "heatmap")[who % 2]
            question = Question("a", ("a", "b", "c"), f"p{number}", condition)
            right = person.answer(question).choice == "a"
            rows.append({"who": who, "picture": number, "shown": condition, "right": int(right)})
    columns = TrialColumns("who", ("picture",), "right", condition="shown")
    found = fit_response_model(pd.DataFrame(rows), columns, tell=lambda line: None)
    for name in ("item_condition_sd", "item_sd", "ability_sd"):
        own = found.parameters[name]
        assert abs(own.estimate - getattr(reacting, name)) < 3 * own.se
    assert len(found.formulas) == 1


def test_the_order_of_the_rows_does_not_matter():
    table = answers(KNOWN, 40)
    shuffled = table.sample(frac=1.0, random_state=1)
    ours, theirs = (
        fit_response_model(own, COLUMNS, tell=lambda line: None).parameters
        for own in (table, shuffled)
    )
    assert all(
        math.isclose(ours[name].estimate, theirs[name].estimate, rel_tol=1e-4, abs_tol=1e-6)
        for name in ours
    )


def test_wrong_columns_are_refused():
    table = answers(KNOWN, 3)
    with pytest.raises(FitError, match=r"no column nothing.*It has who"):
        fit_response_model(table, TrialColumns("who", ("nothing",), "right"))
    with pytest.raises(FitError, match="No trial has part=teach"):
        fit_response_model(
            table,
            TrialColumns("who", ("picture",), "right", trial="number", feedback=("part", "teach")),
        )
    with pytest.raises(FitError, match="order of the trials"):
        fit_response_model(
            table, TrialColumns("who", ("picture",), "right", feedback=("part", "learn"))
        )


def test_the_command_writes_numbers_and_where_they_come_from(tmp_path, capsys):
    table, out = tmp_path / "trials.csv", tmp_path / "new" / "model.json"
    answers(KNOWN, 30).to_csv(table, index=False)
    arguments = ["respondents", "--table", str(table), "--participant", "who", "--item", "picture"]
    arguments += ["--outcome", "right", "--study", "Simulated, 2026", "--licence", "own"]
    arguments += ["--note", "of nobody", "--out", str(out)]
    assert main(arguments) == 0
    stored = read_fitted(out)
    assert stored.source.table_sha256 == sha256_file(table)
    assert set(stored.parameters) == {"mean_ability", "ability_sd", "item_sd", "guess", "lapse"}
    assert stored.notes[0] == "of nobody"
    assert "ability_sd" in capsys.readouterr().out
    assert "who" not in json.loads(out.read_text())["parameters"]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("teaching", "teaching_with_explanations"),
        ("visual-correspondence", "cub_visual_correspondence"),
        ("judging", "cub_visual_correspondence"),
    ],
)
def test_stored_models_are_of_the_tables_they_name(name, folder, real_data):
    stored = read_fitted(FOLDER / f"{name}.json")
    assert sha256_file(real_data / "studies" / folder / "trials.csv") == stored.source.table_sha256


@pytest.mark.real_data
def test_a_real_study_gives_the_stored_numbers_again(real_data):
    table = pd.read_csv(real_data / "studies" / "cub_visual_correspondence" / "trials.csv")
    columns = TrialColumns("Person", ("Query",), "Correctness", adjust=("Method",))
    found = fit_response_model(table, columns, tell=lambda line: None)
    stored = read_fitted(FOLDER / "visual-correspondence.json")
    # Stored is the fit with reactions to the condition, which takes a minute; the others are near.
    for name, tolerance in (("mean_ability", 0.1), ("ability_sd", 0.05), ("item_sd", 0.15)):
        kept = stored.parameters[name].estimate
        assert found.parameters[name].estimate == pytest.approx(kept, abs=tolerance)
    assert 0.6 < stored.parameters["item_condition_sd"].estimate < 1.0


def test_how_far_people_lean_to_believing_is_recovered():
    known = ResponseModel(
        mean_ability=0.6,
        ability_sd=0.3,
        item_sd=0.8,
        belief=0.5,
        belief_sd=0.4,
        guess=0.0,
        lapse=0.0,
    )
    rows = []
    for who, person in enumerate(draw_respondents(known, 150, seed=5)):
        for number in range(30):
            picture = (who * 7 + number * 13) % 90
            is_right = picture % 2 == 0
            asked = Question(
                "yes" if is_right else "no",
                ("yes", "no"),
                f"p{picture}",
                "none",
                judges_right=is_right,
            )
            correct = person.answer(asked).choice == asked.right_choice
            rows.append({"who": who, "picture": picture, "right": correct, "ai": is_right})
    columns = TrialColumns("who", ("picture",), "right", judged="ai")
    found = fit_response_model(pd.DataFrame(rows).astype(int), columns, tell=lambda line: None)
    for name in ("mean_ability", "belief"):
        own = found.parameters[name]
        assert abs(own.estimate - getattr(known, name)) < 3 * own.se, name
    assert abs(found.parameters["belief_sd"].estimate - 0.4) < 0.15
    assert found.formulas == ("correct ~ 1 + lean + (1 + lean || participant) + (1 | item)",)
