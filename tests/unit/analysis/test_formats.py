"""Exports as Psych-DS, BIDS and jsPsych data: what a reader of each finds."""

import csv
import json

import pytest

from analysis.__main__ import main
from analysis.formats.bids import label
from analysis.formats.psychds_rules import validate
from experiments.columns import TABLES
from experiments.files import verify_checksums
from tests.unit.analysis.exports import PICTURES, Run, write_export

RUNS = [
    Run("none", 1, rt_ms=812.5),
    Run("heatmap", 4, rt_ms=1001.25, catch_right=True),
    Run("placebo", state="active"),
]


@pytest.fixture
def export(tmp_path):
    return write_export(tmp_path / "export", RUNS)


@pytest.fixture
def converted(export, tmp_path, capsys):
    """A function that converts the export and returns the folder."""

    def convert(to):
        out = tmp_path / "out"
        assert main(["convert", str(export), "--to", to, "--out", str(out)]) == 0
        assert f"wrote {out}" in capsys.readouterr().out
        verify_checksums(out)
        return out

    return convert


def rows_of(path, delimiter=","):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


def test_psychds_breaks_no_rule_and_keeps_every_byte_of_the_tables(export, converted):
    out = converted("psych-ds")
    issues = validate(out)
    assert [issue.sentence() for issue in issues if issue.severity == "error"] == []
    for name in TABLES:
        copy = out / "data" / f"study-gullsdemo_description-{name.replace('_', '')}_data.csv"
        assert copy.read_bytes() == (export / "tables" / f"{name}.csv").read_bytes()
    assert (out / "materials/protocol.json").read_bytes() == (export / "protocol.json").read_bytes()


def test_psychds_explains_each_column_where_it_is_and_once_for_all(converted):
    out = converted("psych-ds")
    description = json.loads((out / "dataset_description.json").read_text(encoding="utf-8"))
    every = {variable["name"]: variable for variable in description["variableMeasured"]}
    assert len(every) == len(description["variableMeasured"])
    assert set(every) == {name for table in TABLES.values() for name in table.column_names()}
    assert "in answers: of a quiz question" in every["correct"]["description"]
    assert every["rt_ms"]["unitText"] == "ms"
    sidecar = json.loads(
        (out / "data/study-gullsdemo_description-responses_data.json").read_text(encoding="utf-8")
    )
    own = {variable["name"]: variable for variable in sidecar["variableMeasured"]}
    assert list(own) == TABLES["responses"].column_names()
    assert own["correct"]["description"].startswith("equal to `right_choice`")
    assert own["choice"]["valueReference"][0] == "california_gull"


def test_bids_has_a_table_a_participant_in_seconds_and_says_what_is_in_it(converted):
    out = converted("bids-beh")
    people = {row["participant_id"]: row for row in rows_of(out / "participants.tsv", "\t")}
    assert list(people) == ["sub-px0", "sub-px1", "sub-px2"]
    assert people["sub-px1"]["participant"] == "p-x1"
    assert people["sub-px2"]["state"] == "active"
    assert people["sub-px2"]["finished_at"] == "n/a"
    trials = rows_of(out / "sub-px1/beh/sub-px1_task-gullsdemo_beh.tsv", "\t")
    assert [row["trial_index"] for row in trials] == ["0", "1", "2", "3", "4"]
    assert [row["response_time"] for row in trials] == ["1.00125"] * PICTURES + ["n/a"]
    assert trials[0]["response"] == trials[0]["true_species"] == "california_gull"
    assert trials[-1]["stimulus"] == "n/a"
    assert all(cell for row in (*trials, *people.values()) for cell in row.values())
    sidecar = json.loads((out / "task-gullsdemo_beh.json").read_text(encoding="utf-8"))
    assert set(trials[0]) <= set(sidecar)
    assert sidecar["response_time"]["Units"] == "s"
    assert sidecar["response"]["Levels"]["ivory_gull"] == "Ivory Gull"
    assert sidecar["correct"]["Description"].startswith("equal to `right_choice`")
    described = json.loads((out / "participants.json").read_text(encoding="utf-8"))
    assert set(described) == set(next(iter(people.values())))
    dataset = json.loads((out / "dataset_description.json").read_text(encoding="utf-8"))
    assert {"Name", "BIDSVersion"} <= set(dataset)


def test_bids_keeps_questionnaires_as_phenotypes(converted):
    out = converted("bids-beh")
    rows = rows_of(out / "phenotype/questionnaire.tsv", "\t")
    assert rows[0] == {
        "participant_id": "sub-px0",
        "effort": "3",
        "birds": "Not at all",
        "remarks": "n/a",
    }
    items = json.loads((out / "phenotype/questionnaire.json").read_text(encoding="utf-8"))
    assert items["effort"]["Levels"]["3"] == "somewhat"


def test_labels_hold_letters_and_digits_only():
    assert label("p-Ä1_b.2") == "p1b2"


def test_jspsych_rows_have_its_columns_first_and_ours_beside_them(converted):
    out = converted("jspsych")
    rows = rows_of(out / "trials.csv")
    first = ["rt", "response", "stimulus", "trial_type", "trial_index", "time_elapsed"]
    assert list(rows[0])[:6] == first
    assert len(rows) == 3 * PICTURES + 1
    assert [row["rt"] for row in rows[:PICTURES]] == ["812.5"] * PICTURES
    assert rows[0]["response"] == "california_gull"
    assert rows[0]["response_id"] == "r-x0-0"
    assert rows[0]["time_elapsed"] == "0.0"
    assert json.loads(rows[0]["choice_order"])[0] == "california_gull"
    assert {row["trial_type"] for row in rows} == {"classification", "catch"}
    codebook = rows_of(out / "codebook.csv")
    assert [row["name"] for row in codebook] == list(rows[0])


def test_what_to_look_at_before_sharing_is_told(export, tmp_path, capsys):
    main(["convert", str(export), "--to", "jspsych", "--out", str(tmp_path / "out")])
    told = capsys.readouterr().out
    assert "wrote freely in remarks" in told
    assert "Some sessions are unfinished" in told
    assert "wrote freely in remarks" in (tmp_path / "out/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("to", ["psych-ds", "bids-beh", "jspsych"])
def test_an_export_without_anybody_converts_too(tmp_path, to):
    export = write_export(tmp_path / "empty", [])
    assert main(["convert", str(export), "--to", to, "--out", str(tmp_path / "out")]) == 0


def test_nothing_is_overwritten_and_nothing_written_into_the_export(export, tmp_path, capsys):
    before = sorted(export.rglob("*"))
    words = ["convert", str(export), "--to", "psych-ds", "--out"]
    (tmp_path / "there").mkdir()
    assert main([*words, str(tmp_path / "there")]) == 2
    assert "exists already" in capsys.readouterr().err
    assert main([*words, str(export / "psychds")]) == 2
    assert "inside the export" in capsys.readouterr().err
    assert sorted(export.rglob("*")) == before
    assert sorted(tmp_path.iterdir()) == [export, tmp_path / "there"]


def test_a_conversion_that_fails_leaves_nothing(export, tmp_path, monkeypatch, capsys):
    def fail(table, columns, **more):
        raise OSError("no space left on device")

    monkeypatch.setattr("analysis.formats.jspsych.delimited", fail)
    words = ["convert", str(export), "--to", "jspsych", "--out", str(tmp_path / "out")]
    assert main(words) == 2
    assert capsys.readouterr().err == "error: no space left on device\n"
    assert list(tmp_path.iterdir()) == [export]
