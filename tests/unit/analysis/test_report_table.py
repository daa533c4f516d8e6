"""Reports of any tidy table, and of plans that were registered or not."""

import hashlib
import json
from dataclasses import replace

import pandas as pd
import pytest

from analysis.__main__ import main
from analysis.effects import effects
from analysis.errors import ExportError
from analysis.report.plans import read_plan, registered_plan
from experiments.schema import AnalysisPlan, Contrast
from tests.unit.analysis.exports import Run, write_export
from tests.unit.analysis.simulated import simulate

QUICK = "--without-exploratory"
PLAN = "contrasts: [{arm: heatmap, against: none}]\nalpha: 0.01\n"
COLUMNS = [
    "--participant",
    "who",
    "--item",
    "picture",
    "--outcome",
    "correct",
    "--condition",
    "shown",
]


@pytest.fixture
def table(tmp_path):
    """A CSV of a colleague's study."""
    trials = simulate(1, participants=20, stimuli=8, effect=1.0)
    names = {"participant": "who", "stimulus": "picture", "arm": "shown"}
    path = tmp_path / "trials.csv"
    trials.rename(columns=names)[["who", "picture", "shown", "correct"]].to_csv(path, index=False)
    return path


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    return path


def results_of(table):
    return json.loads((table.parent / "trials-report/results.json").read_text(encoding="utf-8"))


def test_a_table_gives_the_same_estimates_as_a_study_and_none_is_confirmatory(table, capsys):
    assert main(["report", "--table", str(table), *COLUMNS, "--baseline", "none"]) == 0
    assert "EXPLORATORY" in capsys.readouterr().out
    results = results_of(table)
    trials = simulate(1, participants=20, stimuli=8, effect=1.0)
    own = AnalysisPlan(contrasts=(Contrast(arm="heatmap", against="none"),))
    expected = effects(trials, own, seed=0)
    found = results["estimates"][: len(expected)]
    for row, wanted in zip(found, expected, strict=True):
        assert row["method"] == wanted.method
        assert row["p"] == pytest.approx(wanted.p)
        assert row["estimate"] == pytest.approx(wanted.estimate)
        assert row["role"] != "confirmatory"
    page = (table.parent / "trials-report/report.html").read_text(encoding="utf-8")
    assert "EXPLORATORY" in page
    assert 'id="participants"' not in page
    assert "160 answers of 20 participants" in page


def test_a_plan_confirms_only_with_the_digest_that_was_registered(table, plan):
    command = ["report", "--table", str(table), *COLUMNS, "--plan", str(plan), QUICK]
    assert main(command) == 0
    assert results_of(table)["plan_source"] == "other"
    digest = hashlib.sha256(plan.read_bytes()).hexdigest()
    assert main([*command, "--plan-digest", digest]) == 0
    results = results_of(table)
    assert results["plan_source"] == "registered"
    assert results["estimates"][0]["role"] == "confirmatory"
    assert results["interval_level"] == 0.99
    assert results["marks"] == []


def test_a_plan_with_another_digest_is_refused_and_nothing_is_written(table, plan, capsys):
    command = ["report", "--table", str(table), *COLUMNS, "--plan", str(plan), QUICK]
    assert main([*command, "--plan-digest", "0" * 64]) == 2
    assert "is not the plan that was registered" in capsys.readouterr().err
    assert not (table.parent / "trials-report").exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "an export folder, or --table"),
        (["export", "--table", "t.csv"], "an export folder, or --table"),
        (["export", "--baseline", "none"], "--baseline: of a table only"),
        (["--table", "t.csv", "--stage", "main"], "--stage: of an export only"),
        (["--table", "t.csv", "--item", "x"], "--participant, --outcome, --condition"),
        (["--table", "t.csv", *COLUMNS, "--plan-digest", "0"], "name it"),
        (["--table", "t.csv", *COLUMNS, "--plan", "p", "--baseline", "a"], "name one of them"),
        (["--table", "absent.csv", *COLUMNS], "absent.csv is not a file"),
    ],
)
def test_options_that_do_not_go_together_get_one_line(arguments, word, capsys):
    assert main(["report", *arguments]) == 2
    told = capsys.readouterr().err
    assert word in told
    assert len(told.splitlines()) <= 2


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("contrasts: [", "is not YAML"),
        ("contrasts: []", "lists no contrasts"),
        ("- 1", "is not an analysis plan"),
        ("contrasts: [{arm: a, against: b}]\nalfa: 1", "alfa"),
        ("contrasts: [{arm: a, against: b}]\nalpha: 2", "alpha"),
    ],
)
def test_a_plan_that_can_not_be_read_is_refused_in_words(tmp_path, text, word):
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    with pytest.raises(ExportError, match=word):
        read_plan(path)


def test_a_whole_protocol_serves_as_a_plan(plan, tmp_path):
    whole = tmp_path / "protocol.yaml"
    whole.write_text("slug: x\nanalysis:\n  " + PLAN.replace("\n", "\n  ").strip() + "\n")
    assert read_plan(whole) == read_plan(plan)
    digest = hashlib.sha256(plan.read_bytes()).hexdigest()
    assert registered_plan(plan, f" {digest.upper()} ")[1] == "registered"


def test_a_plan_of_arms_that_the_study_lacks_is_refused(tmp_path, plan, capsys):
    runs = [replace(Run("none"), right=right) for right in (1, 2, 3)]
    folder = write_export(tmp_path / "export", runs)
    plan.write_text("contrasts: [{arm: concepts, against: none}]")
    assert main(["report", str(folder), "--plan", str(plan)]) == 2
    assert "the study has no arm concepts" in capsys.readouterr().err


def test_the_rows_a_plan_excludes_are_left_out_and_shown_beside(table, plan):
    trials = pd.read_csv(table)
    trials.assign(out=trials["who"] == trials["who"].iloc[0]).to_csv(table, index=False)
    plan.write_text(PLAN + "exclusions: {failed_catch_trials: 2}\n")
    digest = hashlib.sha256(plan.read_bytes()).hexdigest()
    command = ["report", "--table", str(table), *COLUMNS, "--plan", str(plan), QUICK]
    command += ["--plan-digest", digest]
    assert main(command) == 0
    assert not results_of(table)["is_confirmatory"]
    (mark,) = results_of(table)["marks"]
    assert mark.startswith("EXCLUSIONS NOT APPLIED: the plan leaves out participants who did not")
    assert "who failed 2 or more attention checks" in mark
    methods = table.parent / "trials-report/methods.md"
    assert "[Were participants who did not complete" in methods.read_text(encoding="utf-8")
    assert main([*command, "--excluded", "out"]) == 0
    results = results_of(table)
    assert results["marks"] == []
    assert results["is_confirmatory"]
    assert results["estimates"][0]["n_participants"] == 19
    beside = [row for row in results["estimates"] if row["subgroup"] == "exclusions=none"]
    assert {row["n_participants"] for row in beside} == {20}
    assert "1 participants (8 answers) were left out" in methods.read_text(encoding="utf-8")


def test_a_table_is_tested_at_the_alpha_and_for_the_equivalence_that_are_asked_for(table):
    command = ["report", "--table", str(table), *COLUMNS, "--baseline", "none", QUICK]
    assert main([*command, "--alpha", ".1", "--smallest-effect", ".2"]) == 0
    results = results_of(table)
    assert results["interval_level"] == 0.9
    (equivalent,) = (row for row in results["estimates"] if row["question"] == "equivalence")
    assert equivalent["p"] is not None
    told = results["reproducibility"]["command"]
    assert "--alpha 0.1 --smallest-effect 0.2" in told


def test_intervals_by_simulated_studies_are_told_as_such(table):
    command = ["report", "--table", str(table), *COLUMNS, "--baseline", "none", QUICK]
    assert main(command) == 0
    by_delta = results_of(table)["estimates"][0]
    assert main([*command, "--bootstrap", "100"]) == 0
    results = results_of(table)
    first = results["estimates"][0]
    assert (first["estimate"], first["p"]) == (by_delta["estimate"], by_delta["p"])
    assert first["ci_low"] != by_delta["ci_low"]
    assert first["ci_low"] < first["estimate"] < first["ci_high"]
    methods = (table.parent / "trials-report/methods.md").read_text(encoding="utf-8")
    assert "those of the planned contrasts percentiles of 100 studies simulated" in methods


def test_participants_01_and_1_are_two(table):
    trials = pd.read_csv(table)
    people = sorted(trials["who"].unique())
    names = {own: f"{number:02d}" for number, own in enumerate(people[:10])}
    names |= {own: str(number) for number, own in enumerate(people[10:])}
    trials.assign(who=trials["who"].map(names)).to_csv(table, index=False)
    command = ["report", "--table", str(table), *COLUMNS, "--baseline", "none", QUICK]
    assert main(command) == 0
    assert results_of(table)["estimates"][0]["n_participants"] == 20


def test_a_plan_with_looks_confirms_nothing_of_a_table(table, plan):
    plan.write_text(PLAN + "interim_looks: {information_fractions: [0.5]}\n")
    digest = hashlib.sha256(plan.read_bytes()).hexdigest()
    command = ["report", "--table", str(table), *COLUMNS, "--plan", str(plan), QUICK]
    assert main([*command, "--plan-digest", digest]) == 0
    results = results_of(table)
    assert results["marks"][0].startswith("LOOKS NOT APPLIED")
    assert not any(row["role"] == "confirmatory" for row in results["estimates"])


@pytest.mark.parametrize(
    ("left_out", "word"),
    [
        (lambda t: t["correct"] == 0, "leaves out some answers of a participant"),
        (lambda t: (t["who"] == t["who"].iloc[0]).where(t.index > 3), "must say of every row"),
        (lambda t: t["correct"] >= 0, "leaves out everybody"),
    ],
)
def test_participants_are_left_out_whole(table, capsys, left_out, word):
    trials = pd.read_csv(table)
    trials.assign(out=left_out(trials).astype(object)).to_csv(table, index=False)
    command = ["report", "--table", str(table), *COLUMNS, "--excluded", "out", QUICK]
    assert main(command) == 2
    assert word in capsys.readouterr().err


def test_a_plan_that_leaves_nobody_out_takes_no_exclusions(table, plan, capsys):
    trials = pd.read_csv(table)
    trials.assign(out=trials["who"] == trials["who"].iloc[0]).to_csv(table, index=False)
    plan.write_text(PLAN + "exclusions: {incomplete: false}\n")
    command = ["report", "--table", str(table), *COLUMNS, "--plan", str(plan), QUICK]
    assert main([*command, "--excluded", "out"]) == 2
    assert "leaves nobody out" in capsys.readouterr().err


def test_a_table_of_judged_advice_tells_reliance_and_sensitivity(tmp_path):
    trials = simulate(1, participants=24, stimuli=12, effect=0.8)
    was_right = trials["stimulus"].str[1:].astype(int) % 2
    names = {"participant": "who", "stimulus": "picture", "arm": "shown"}
    path = tmp_path / "trials.csv"
    trials.assign(ai=was_right).rename(columns=names).to_csv(path, index=False)
    command = ["report", "--table", str(path), *COLUMNS, "--baseline", "none", "--judged", "ai"]
    assert main(command) == 0
    results = results_of(path)
    answered = {own["question"] for own in results["questions"]}
    assert {"reliance", "discrimination"} <= answered
    accepted = (trials["correct"] == was_right)[was_right == 0]
    shares = accepted.groupby(trials["arm"]).mean()
    found = {
        own["arm"]: own["estimate"]
        for own in results["estimates"]
        if own["outcome"] == "over_reliance" and not own["against"]
    }
    assert found == pytest.approx(shares.to_dict())
    assert "--judged ai" in results["reproducibility"]["command"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--choice", "said"], "--choice: name --advice, --advice-correct, too."),
        (["--first-choice", "said"], "--first-choice: name --first-outcome, --choice"),
        (
            ["--judged", "a", "--choice", "b", "--advice", "c", "--advice-correct", "d"],
            "people did one or the other",
        ),
    ],
)
def test_columns_of_advice_that_do_not_go_together_are_refused(table, options, told, capsys):
    assert main(["report", "--table", str(table), *COLUMNS, *options]) == 2
    assert told in capsys.readouterr().err
