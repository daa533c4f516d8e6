"""Reports of studies with interim looks: refused until one ended them; then the record decides."""

import csv
import json

import pytest

from analysis.__main__ import main
from experiments.schema import Contrast, InterimLooks
from tests.unit.analysis.exports import Run, write_export

PLACES = 36
ALPHA = 0.3
HALF = InterimLooks(information_fractions=(0.5,), spending="pocock")
RIGHTS = {"none": (0, 1, 1, 2, 1, 0), "heatmap": (4, 3, 4, 4, 3, 4), "placebo": (1, 0, 1, 0, 1, 2)}
PAIR = (Contrast(arm="heatmap", against="none"),)


def people(each, **more):
    return [Run(arm, right, **more) for arm, rights in RIGHTS.items() for right in rights[:each]]


@pytest.fixture
def study(tmp_path, capsys):
    """A function that writes an export of a study with looks and runs commands on it."""

    def run(runs, *commands, name="export", looks=HALF, **plan):
        folder = tmp_path / name
        if not folder.exists():
            plan = {"interim_looks": looks, "alpha": ALPHA, **plan}
            write_export(folder, runs, places=PLACES, **plan)
        status = [main([command[0], str(folder), *command[1:]]) for command in commands]
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


REPORT = ("report", "--without-exploratory")


def results_of(tmp_path, name="export"):
    text = (tmp_path / f"{name}-report/results.json").read_text(encoding="utf-8")
    return json.loads(text)


def page_of(tmp_path, name="export"):
    return (tmp_path / f"{name}-report/report.html").read_text(encoding="utf-8")


def test_before_any_look_nothing_is_reported(study, tmp_path):
    status, words = study(people(5), REPORT)
    assert status == [2]
    assert "none made, the next at 0.5 of the planned participants" in words
    assert "python -m analysis monitor" in words
    assert "against" not in words
    assert not (tmp_path / "export-report").exists()


def test_another_plan_doesnt_lift_the_cover(study, tmp_path):
    plan = tmp_path / "other.yaml"
    plan.write_text("contrasts: [{arm: heatmap, against: placebo}]\n")
    status, words = study(people(5), (*REPORT, "--plan", str(plan)))
    assert status == [2]
    assert "none has ended the study yet" in words


def test_between_looks_nothing_is_reported(study):
    status, words = study(people(6), ("monitor",), REPORT)
    assert status == [0, 2]
    assert "(1 made, the next at 1 of the planned participants)" in words


def test_the_last_look_decides_with_its_boundary_and_its_repeated_interval(study, tmp_path):
    study(people(6), ("monitor",), name="half")
    status, _ = study(people(6) * 2, ("monitor",), REPORT)
    assert status == [0, 0]
    record = json.loads((tmp_path / "gulls-demo-main-looks.json").read_text(encoding="utf-8"))
    results = results_of(tmp_path)
    assert results["looks"] == record["looks"]
    heatmap, placebo = (row for row in results["estimates"] if row["role"] == "confirmatory")
    # Heatmap crossed at the first look, placebo was tested at both.
    of_heatmap, of_placebo = record["looks"][0]["contrasts"][0], record["looks"][1]["contrasts"][1]
    for row, recorded, analysed in ((heatmap, of_heatmap, 12), (placebo, of_placebo, 24)):
        assert row["boundary"] == recorded["level"]
        assert row["p_adjusted"] is None
        assert (row["n_participants"], row["n_trials"]) == (analysed, 4 * analysed)
        for key in ("p", "estimate", "ci_low", "ci_high"):
            assert row[key] == recorded[key]
    beside = [row for row in results["estimates"] if "at another export" in row["note"]]
    assert [(row["role"], row["arm"], row["n_participants"]) for row in beside] == [
        ("sensitivity", "heatmap", 24)
    ]
    assert beside[0]["method"] == "mixed logit, likelihood ratio, this export"
    first, second = results["headlines"]
    assert "higher accuracy at alpha 0.3" in first
    assert ", within the boundary ." in first
    assert "repeated 70 % interval" in first
    assert "no difference was shown" in second
    assert ", not within the boundary ." in second
    assert "not adjusted" not in first + second


def test_the_page_and_the_methods_tell_of_the_looks(study, tmp_path):
    study(people(6), ("monitor",), name="half")
    study(people(6) * 2, ("monitor",), REPORT)
    page = page_of(tmp_path)
    assert "Looks at the outcomes" in page
    assert "<td>36 of 36</td>" in page
    assert "crossed earlier" in page
    assert "p adj." not in page
    methods = (tmp_path / "export-report/methods.md").read_text(encoding="utf-8")
    assert "planned at 50 % of the planned participants" in methods
    assert "Looks were made with 18 and 36 of 36 participants analysed." in methods
    for source in ("Lan & DeMets", "Ye, Li", "Jennison & Turnbull"):
        assert source in methods
    assert "Holm’s correction" not in methods


def test_a_study_that_crossed_early_is_reported_without_more_people(study, tmp_path):
    status, _ = study(people(6), ("monitor",), REPORT, contrasts=PAIR)
    assert status == [0, 0]
    results = results_of(tmp_path)
    assert results["marks"] == []
    (first,) = (row for row in results["estimates"] if row["role"] == "confirmatory")
    assert first["p"] <= first["boundary"]
    with (tmp_path / "export-report/estimates.csv").open(encoding="utf-8") as stream:
        row = next(csv.DictReader(stream))
    assert float(row["boundary"]) == first["boundary"]


def test_recruitment_that_ends_at_a_look_makes_it_the_last_one(study, tmp_path):
    study(people(6), ("monitor",))
    status, words = study(people(6), ("monitor", "--final"), ("monitor", "--final"), REPORT)
    assert status == [0, 0, 0]
    assert "Nobody more is analysed than at look 1: it was the last one" in words
    assert "made before, as recorded in" in words
    (look,) = results_of(tmp_path)["looks"]
    assert look["is_last"]
    # No alpha is spent on the same people twice.
    assert look["spending_fraction"] == 0.5


def test_methods_that_decide_otherwise_at_the_boundary_are_flagged(study, tmp_path):
    study(people(6), ("monitor",), REPORT, contrasts=PAIR)
    results = results_of(tmp_path)
    first = results["estimates"][0]
    otherwise = {
        row["method"]
        for row in results["estimates"]
        if row["question"] == "accuracy"
        and row["against"]
        and row["p"] is not None
        and (row["p"] < first["boundary"]) != (first["p"] < first["boundary"])
    }
    for method in otherwise:
        assert any(method in told and "boundary" in told for told in results["disagreements"])
    assert len(results["disagreements"]) == len(otherwise)


def edited(tmp_path, change):
    path = tmp_path / "gulls-demo-main-looks.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    change(record)
    path.write_text(json.dumps(record), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda look: look["contrasts"][1].update(crossed=True), "not one that the frozen plan"),
        (lambda look: look["contrasts"][1].update(level=0.9), "not one that the frozen plan"),
        (lambda look: look["contrasts"][1].update(level=None), "not one that the frozen plan"),
        (lambda look: look["contrasts"].pop(), "not one that the frozen plan"),
        (lambda look: look["contrasts"].clear(), "not a record of looks"),
        (lambda look: look.update(number=3), "not one that the frozen plan"),
        (lambda look: look.update(spending_fraction=2), "not a record of looks"),
        (lambda look: look["contrasts"][1].update(p=0.9), "other figures"),
        (lambda look: look["contrasts"][0].update(estimate=0.9), "other figures"),
    ],
)
def test_a_record_changed_by_hand_is_refused(study, tmp_path, change, word):
    study(people(6) * 2, ("monitor",))
    edited(tmp_path, lambda record: change(record["looks"][-1]))
    status, words = study(people(6) * 2, REPORT)
    assert status == [2]
    assert word in words
    if word != "other figures":
        assert study(people(6) * 2, ("monitor",))[0] == [2]


def test_who_came_after_the_look_is_told_apart(study, tmp_path):
    study(people(6), ("monitor",), name="half", contrasts=PAIR)
    status, _ = study([*people(6), *people(4)], REPORT, contrasts=PAIR)
    assert status == [0]
    results = results_of(tmp_path)
    first, later = results["estimates"][:2]
    assert (first["n_participants"], later["n_participants"]) == (12, 20)
    assert later["note"].startswith("look 1 decided, at another export")
    base = first["boundary"]
    otherwise = [
        row["method"]
        for row in results["estimates"][2:]
        if row["question"] == "accuracy"
        and row["against"]
        and row["p"] is not None
        and (row["p"] < base) != (later["p"] < base)
    ]
    assert len(results["disagreements"]) == len(otherwise)
    methods = (tmp_path / "export-report/methods.md").read_text(encoding="utf-8")
    # Shares of the later people would stand beside a difference of the earlier ones.
    assert "heatmap against none: a difference of " in methods


def test_after_a_look_at_other_people_a_logit_has_no_difference(study, tmp_path):
    plan = {"contrasts": PAIR, "model": "two_way_cluster"}
    study(people(6), ("monitor",), name="half", **plan)
    study([*people(6), *people(4)], REPORT, **plan)
    (headline,) = results_of(tmp_path)["headlines"]
    assert "The difference is" not in headline
    methods = (tmp_path / "export-report/methods.md").read_text(encoding="utf-8")
    assert "repeated ones" not in methods


def test_bots_beside_people_make_no_look(study, tmp_path):
    runs = [*people(5), *people(3, is_bot=True)]
    status, words = study(runs, ("monitor", "--with-bots"))
    assert status == [0]
    assert "No test: simulated participants are counted among people" in words
    assert not (tmp_path / "gulls-demo-main-looks.json").exists()


def test_a_fit_of_an_export_doesnt_lift_the_cover(study, tmp_path, capsys):
    study(people(5), ("monitor",))
    formula = "correct ~ arm + (1|participant) + (1|stimulus)"
    assert main(["fit", "--table", str(tmp_path / "export"), "--formula", formula]) == 2
    assert "none has ended the study yet" in capsys.readouterr().err


def test_looks_have_intervals_of_their_own(study):
    status, words = study(people(6), ("monitor",), (*REPORT, "--bootstrap", "100"), contrasts=PAIR)
    assert status == [0, 2]
    assert "--bootstrap: the looks of the plan have intervals of their own" in words


def test_an_unplanned_look_stands_on_every_page(study, tmp_path):
    command = ("monitor", "--unblind", "a reviewer asked.")
    status, _ = study(people(6), command, REPORT, looks=None)
    assert status == [0, 0]
    marks = results_of(tmp_path)["marks"]
    assert marks[0].startswith("UNPLANNED LOOK: outcomes were seen on ")
    assert "18 participants analysed, outside the plan, because: a reviewer asked. No" in marks[0]
    assert "UNPLANNED LOOK" in page_of(tmp_path)


UNFINISHED = [*people(6), *people(6)[1:], Run("none", state="active")]


@pytest.mark.parametrize(
    ("runs", "more", "told"),
    [
        (people(6), {}, "18 of 36 planned participants have begun (unfinished: 0)"),
        (people(6), {"study_stage": "closed"}, None),
        (people(6) * 2, {}, None),
        (UNFINISHED, {}, "36 of 36 planned participants have begun (unfinished: 1)"),
        # By then the protocol lets nobody take a session up again.
        (UNFINISHED, {"exported_at": "2026-01-16T12:00:00+00:00"}, None),
    ],
)
def test_a_study_that_can_still_grow_is_marked(study, tmp_path, runs, more, told):
    study(runs, REPORT, looks=None, **more)
    marks = [mark for mark in results_of(tmp_path)["marks"] if mark.startswith("NOT COMPLETE")]
    assert len(marks) == (told is not None)
    assert results_of(tmp_path)["is_confirmatory"] is (told is None)
    if told:
        assert told in marks[0]


def test_bots_beside_people_dont_lift_the_cover(study):
    runs = [*people(5), *people(1, is_bot=True)]
    status, words = study(runs, (*REPORT, "--with-bots"))
    assert status == [2]
    assert "none has ended the study yet" in words


def test_a_rehearsals_looks_are_not_the_studys(study, tmp_path):
    study(people(6, is_bot=True), ("monitor",), name="rehearsal")
    assert (tmp_path / "gulls-demo-main-rehearsed-looks.json").is_file()
    status, words = study(people(5), ("monitor",), REPORT, name="real")
    assert status == [0, 2]
    assert "(none made" in words


@pytest.mark.parametrize("runs", [people(6, stage="pilot"), people(6, is_bot=True)])
def test_pilot_data_and_bots_confirm_nothing(study, tmp_path, runs):
    status, _ = study(runs, REPORT)
    assert status == [0]
    results = results_of(tmp_path)
    assert not results["is_confirmatory"]
    assert results["plan_source"] == "frozen"
    assert {row["role"] for row in results["estimates"]} == {"exploratory", "sensitivity"}
    assert "exploratory, mixed logit" in results["headlines"][0]
    page = page_of(tmp_path)
    assert "Confirmatory results" not in page
    assert "The frozen plan is followed, but " in page
    assert "nothing here is confirmatory" in page
    assert "EXPLORATORY:" not in page


def test_a_record_is_named_where_it_lies_elsewhere(study, tmp_path):
    record = str(tmp_path / "elsewhere.json")
    study(people(6), ("monitor", "--record", record), contrasts=PAIR)
    status, _ = study(people(6), REPORT, (*REPORT, "--record", record))
    assert status == [2, 0]
    assert "--record elsewhere.json" in results_of(tmp_path)["reproducibility"]["command"]
    status, words = study(people(6), (*REPORT, "--record", str(tmp_path / "none.json")))
    assert status == [2]
    assert "there is no such file" in words
