"""Any table of one row a trial: the same answers as an export gives, or one clear line."""

from dataclasses import replace

import pytest

from analysis.effects import effects
from analysis.errors import TableError
from analysis.tidy_table import TidyColumns, analyse_table, plan_of, read_trials
from experiments.schema import AnalysisPlan, Contrast
from tests.unit.analysis.simulated import simulate

COLUMNS = TidyColumns("who", "image", "right", "group")


def written(tmp_path, trials=None, **changes):
    """A table with names of its own; `changes` replace its columns."""
    if trials is None:
        trials = simulate(1, participants=12, stimuli=8, effect=0.8)
    names = {"participant": "who", "stimulus": "image", "correct": "right", "arm": "group"}
    table = trials.rename(columns=names).drop(columns="treated")
    path = tmp_path / "trials.csv"
    table.assign(**changes).to_csv(path, index=False)
    return path


def test_a_table_gets_the_estimates_that_an_export_would(tmp_path):
    trials = simulate(1, participants=12, stimuli=8, effect=0.8)
    found = analyse_table(written(tmp_path, trials), COLUMNS, baseline="none", smallest_effect=0.1)
    plan = AnalysisPlan(contrasts=(Contrast(arm="heatmap", against="none"),), smallest_effect=0.1)
    expected = effects(trials, plan, seed=0)
    assert [replace(row, role="") for row in found.estimates] == [
        replace(row, role="") for row in expected
    ]
    assert found.notes == ()


def test_without_a_frozen_plan_nothing_is_confirmatory(tmp_path):
    found = analyse_table(written(tmp_path), COLUMNS)
    assert {row.role for row in found.estimates} == {"exploratory", "sensitivity"}


def test_conditions_may_have_any_names_and_are_compared_in_pairs():
    plan = plan_of(["CHM Corr", "None", "kNN"], baseline=None, alpha=0.05, smallest_effect=None)
    pairs = [(own.arm, own.against) for own in plan.contrasts]
    assert pairs == [("None", "CHM Corr"), ("kNN", "CHM Corr"), ("kNN", "None")]


@pytest.mark.parametrize("words", [["true", "false"], ["True", "False"], ["1", "0"], [1, 0]])
def test_answers_may_be_words_or_numbers_and_unanswered_rows_are_counted(tmp_path, words):
    trials = simulate(1, participants=12, stimuli=8)
    answers = trials["correct"].map({1.0: words[0], 0.0: words[1]}).astype("object")
    answers.iloc[[3, 4]] = None
    found, notes = read_trials(written(tmp_path, trials, right=answers), COLUMNS)
    assert notes == ("2 of 96 rows have no right and are left out.",)
    kept = trials.drop(index=[3, 4])["correct"]
    assert found["correct"].tolist() == kept.tolist()


@pytest.mark.parametrize(
    ("columns", "changes", "word"),
    [
        ({"outcome": "rigth"}, {}, "no column rigth for --outcome. Did you mean right"),
        ({"item": "who"}, {}, "named for --participant and for --item"),
        (
            {},
            {"right": 3},
            r"must hold 0 and 1, or true and false \(data rows 1, 2, 3, 4, 5 and 91",
        ),
        ({}, {"group": "all"}, "one condition only"),
        ({}, {"who": "p1"}, "names one participant only"),
        ({}, {"image": "s1"}, "names one stimulus only"),
        ({}, {"group": [f"g{n}" for n in range(96)]}, "96 different values"),
        ({}, {"who": None}, "column who is empty"),
        ({"rt_ms": "time"}, {"time": 1.7}, "milliseconds, not seconds"),
        ({"rt_ms": "time"}, {"time": -1}, "times below zero"),
        ({"rt_ms": "time"}, {"time": "slow"}, "must hold numbers"),
        ({"confidence": "sure"}, {"sure": 1.5}, "whole numbers"),
    ],
)
def test_what_a_table_does_not_hold_is_said_in_a_line(tmp_path, columns, changes, word):
    path = written(tmp_path, **changes)
    with pytest.raises(TableError, match=word) as caught:
        analyse_table(path, replace(COLUMNS, **columns))
    assert "\n" not in str(caught.value)


def test_a_baseline_that_no_row_has_is_refused(tmp_path):
    with pytest.raises(TableError, match=r"'placebo'.*The table has heatmap, none"):
        analyse_table(written(tmp_path), COLUMNS, baseline="placebo")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(TableError, match="is not a file"):
        analyse_table(tmp_path / "nothing.csv", COLUMNS)


def test_a_judged_answer_is_accepted_when_rightly_right_or_wrongly_wrong(tmp_path):
    trials = simulate(1, participants=4, stimuli=4)
    was_right = [0, 1] * 8
    path = written(tmp_path, trials, ai=was_right)
    found, _ = read_trials(path, replace(COLUMNS, judged="ai"))
    expected = [
        right if answer else 1 - right
        for right, answer in zip(was_right, trials["correct"], strict=True)
    ]
    assert found["said_yes"].tolist() == expected
    assert found["signal"].tolist() == was_right


def test_first_answers_and_advice_are_read_by_the_names_questions_use(tmp_path):
    trials = simulate(1, participants=4, stimuli=4)
    more = {"own": "01", "told": "1", "ok": 1, "before": "01", "was": 0, "sure": 3, "took": 900.0}
    names = ("choice", "advice", "advice_correct", "first_choice")
    columns = dict(zip(names, more, strict=False))
    firsts = {"first_outcome": "was", "first_confidence": "sure", "first_rt_ms": "took"}
    path = written(tmp_path, trials, **more)
    found, _ = read_trials(path, replace(COLUMNS, **columns, **firsts))
    row = found.iloc[0]
    assert (row["choice"], row["advice_species"], row["first_choice"]) == ("01", "1", "01")
    assert (row["advice_correct"], row["first_correct"]) == (1, 0)
    assert (row["first_confidence"], row["first_rt_ms"]) == (3, 900)
