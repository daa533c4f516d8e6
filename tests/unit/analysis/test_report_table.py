"""Reports of any tidy table, and of plans that were registered or not."""

import hashlib
import json
from dataclasses import replace

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
