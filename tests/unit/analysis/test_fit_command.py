"""`python -m analysis fit`: what it prints, and what it says of mistakes."""

import json
import shlex
from pathlib import Path

import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from analysis.__main__ import main
from analysis.commands import fit
from tests.unit.analysis.exports import Run, write_export
from tests.unit.analysis.glmm.tables import random_table

REFERENCE = Path(__file__).parents[2] / "reference"
GULLS = str(REFERENCE / "gull_between.csv")
CROSSED = "correct ~ condition + (1|participant) + (1|item)"


def run(capsys, *words):
    status = main(["fit", *words])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_linear_algebra_is_done_by_one_thread(monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(fit, "run", lambda args: seen.extend(threadpool_info()) or 0)
    with threadpool_limits(2):
        main(["fit", "--table", GULLS, "--formula", CROSSED])
        assert {pool["num_threads"] for pool in threadpool_info()} == {2}
    assert {pool["num_threads"] for pool in seen} == {1}


def test_json_is_one_object_of_the_promised_shape(capsys):
    status, out, _ = run(capsys, "--table", GULLS, "--formula", CROSSED, "--json")
    found = json.loads(out)
    assert status == 0
    assert list(found) == [
        "fixed",
        "random",
        "deviance",
        "n",
        "groups",
        "singular",
        "warnings",
        "seconds",
    ]
    assert [list(row) for row in found["fixed"]] == [
        ["term", "estimate", "se", "statistic", "df", "p"]
    ] * 3
    assert [list(row) for row in found["random"]] == [["group", "term", "sd"]] * 2
    assert (found["n"], found["groups"]) == (2400, {"participant": 60, "item": 40})
    assert found["deviance"] == pytest.approx(2608.2772, abs=1e-3)
    assert (found["singular"], found["warnings"]) == (False, [])
    assert found["fixed"][0]["df"] is None


def test_gaussian_json_has_degrees_of_freedom_and_a_residual(capsys):
    words = ("--formula", "log(rt) ~ condition + (1|participant)", "--family", "gaussian")
    _, out, _ = run(capsys, "--table", GULLS, *words, "--json")
    found = json.loads(out)
    assert found["fixed"][1]["df"] == pytest.approx(57, abs=0.5)
    assert found["random"][-1]["group"] == "Residual"


def test_the_readable_table_tells_means_contrasts_and_tests(capsys):
    more = ("--means", "condition", "--against", "control", "--drop", "condition")
    status, out, _ = run(
        capsys, "--table", GULLS, "--formula", CROSSED, *more, "--bootstrap", "3", "--seed", "1"
    )
    assert status == 0
    assert "conditionprototype" in out
    assert "2400 rows, 60 participant, 40 item" in out
    assert "prototype - control" in out
    assert "saliency - prototype" not in out
    assert "2.253" in out
    assert "60.4" in out
    assert "Likelihood-ratio test of condition: chi2(2) = 9.156, p = .010" in out
    assert "(3 simulated studies)" in out


def test_a_reml_fit_is_tested_by_maximum_likelihood(capsys):
    words = ("--formula", "log(rt) ~ condition + (1 + condition|item) + (1|participant)")
    status, out, _ = run(
        capsys, "--table", GULLS, *words, "--family", "gaussian", "--drop", "condition"
    )
    assert status == 0
    assert "REML criterion" in out
    assert "correlation by item of (Intercept), conditionprototype" in out
    assert "F(2, " in out
    assert "Likelihood-ratio test of condition: chi2(2)" in out


def test_options_say_how_columns_are_read(capsys, tmp_path):
    path = tmp_path / "table.parquet"
    random_table().assign(day=lambda own: own["site"].astype(int)).to_parquet(path)
    words = ("--formula", "rating ~ c + day + (1|person)", "--family", "ordinal", "--factor", "day")
    coding = ("--reference", "c=b", "--sum", "day", "--order", "3,2,1,0")
    _, out, _ = run(capsys, "--table", str(path), *words, *coding, "--json")
    terms = [row["term"] for row in json.loads(out)["fixed"]]
    assert terms == ["ca", "cc", "day1", "day2", "day3", "3|2", "2|1", "1|0"]


def test_a_condition_may_be_named_none(capsys, tmp_path):
    path = tmp_path / "table.csv"
    table = random_table()
    table.assign(c=table["c"].replace({"a": "None", "b": "null"})).to_csv(path, index=False)
    words = ("--formula", "right ~ c + (1|person)", "--reference", "c=None", "--json")
    _, out, _ = run(capsys, "--table", str(path), *words)
    found = json.loads(out)
    assert [row["term"] for row in found["fixed"]] == ["(Intercept)", "cc", "cnull"]
    assert (found["n"], found["warnings"]) == (300, [])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--formula", "correct ~ arm + (1|item)"], "The table has no column arm. It has partici"),
        (["--formula", "rt ~ condition + (1|item)"], "Column rt holds 1.0303, "),
        (["--formula", "correct ~ condition"], "has no random part"),
        (["--formula", "correct ~ (1|"], "at its end: a grouping column is missing"),
        (["--formula", CROSSED, "--reference", "condition"], "write COLUMN=LEVEL"),
        (["--formula", CROSSED, "--reference", "condition=x"], "condition has no level 'x'"),
        (["--formula", CROSSED, "--means", "item"], "item is no factor of the fixed terms"),
        (["--formula", CROSSED, "--drop", "item"], "has no term item"),
        (["--formula", CROSSED, "--json", "--drop", "condition"], "--json prints the fit alone"),
        (["--formula", CROSSED, "--bootstrap", "9"], "needs --drop TERM"),
        (["--formula", CROSSED, "--against", "x"], "needs --means"),
    ],
)
def test_mistakes_are_told_in_one_line(capsys, words, message):
    status, _, err = run(capsys, "--table", GULLS, *words)
    assert status == 2
    assert err.startswith("error: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("participant,item,condition,correct\n", "The table has no rows."),
        ("", "can't be read: No columns to parse from file."),
        (
            "participant,item,condition,correct\na,b,c,1\nd,e,c,0\n",
            "condition has one level only (c)",
        ),
    ],
)
def test_tables_that_hold_nothing_are_told(capsys, tmp_path, content, message):
    path = tmp_path / "table.csv"
    path.write_text(content, encoding="utf-8")
    status, _, err = run(capsys, "--table", str(path), "--formula", CROSSED)
    assert status == 2
    assert message in err


def test_a_missing_file_is_told(capsys, tmp_path):
    status, _, err = run(capsys, "--table", str(tmp_path / "no.csv"), "--formula", CROSSED)
    assert (status, err) == (2, f"error: {tmp_path / 'no.csv'} is not a file.\n")


def test_help_teaches_with_examples_that_work(capsys, tmp_path, monkeypatch):
    with pytest.raises(SystemExit):
        main(["fit", "--help"])
    text = capsys.readouterr().out
    assert "(1 + x || a)" in text
    monkeypatch.chdir(tmp_path)
    table = pd.read_csv(GULLS).replace({"condition": {"control": "none"}})
    words = ["low", "low", "middle", "middle", "high"]
    table["confidence"] = [words[value - 1] for value in table["confidence"]]
    table.to_csv("trials.csv", index=False)
    runs = [Run(arm, right) for arm in ("none", "heatmap", "placebo") for right in (1, 2, 3)]
    write_export(tmp_path / "var" / "exports" / "gulls-demo", runs)
    for example in text.replace("\\\n", " ").splitlines():
        if example.strip().startswith("python -m analysis fit"):
            arguments = shlex.split(example)[3:]
            if "--bootstrap" in arguments:
                arguments[arguments.index("--bootstrap") + 1] = "2"
            assert main(arguments) == 0


def test_people_01_and_1_are_two_where_the_column_only_groups(capsys, tmp_path):
    table = random_table()
    names = [*(f"{own:02d}" for own in range(6)), *(str(own) for own in range(6))]
    path = tmp_path / "table.csv"
    table.assign(person=[names[int(own)] for own in table["person"]]).to_csv(path, index=False)
    _, out, _ = run(capsys, "--table", str(path), "--formula", "right ~ x + (1|person)", "--json")
    assert json.loads(out)["groups"]["person"] == 12
