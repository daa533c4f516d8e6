"""A design within participants: from the template over bots to the report."""

import csv
import json
from collections import Counter

import pytest
from django.core.management import call_command

from analysis.__main__ import main
from experiments.templates import protocol_from_template
from studyapp.enums import StudyStage
from studyapp.models import Slot
from studyapp.selectors.studies import place_in_arm
from studyapp.services.stimuli import import_stimuli
from studyapp.services.studies import freeze_protocol, set_stage
from tests.factories import write_stimuli


@pytest.fixture
def within(same_places, db, tmp_path):
    write_stimuli(tmp_path / "stimuli")
    import_stimuli(folder=tmp_path / "stimuli", name="gulls-demo")
    path = tmp_path / "within.yaml"
    path.write_text(protocol_from_template("within", seed=3, slug="within"), encoding="utf-8")
    study, _ = freeze_protocol(path=path)
    set_stage(study=study, stage=StudyStage.PILOT)
    study.refresh_from_db()
    return study


def test_a_slots_place_is_its_number_among_those_of_its_arm(study):
    numbers: Counter[str] = Counter()
    for slot in Slot.objects.filter(study=study, recruitment_stage="main").order_by("index")[:30]:
        assert place_in_arm(slot) == numbers[slot.arm]
        numbers[slot.arm] += 1


def test_over_participants_each_picture_has_each_condition_and_the_report_compares_them(
    within, tmp_path
):
    call_command("run_bots", within.slug, "-n", "6", "--effect", "heatmap=4", "--seed", "1")
    call_command("export_study", within.slug, "--out", str(tmp_path / "export"))
    with (tmp_path / "export" / "tables" / "trials.csv").open(newline="") as stream:
        trials = [
            row
            for row in csv.DictReader(stream)
            if row["phase"] == "assessment" and row["stimulus"]
        ]
    met = Counter((row["stimulus"], row["condition"]) for row in trials)
    assert set(met.values()) == {2}
    assert len(met) == 12 * 3
    assert {bool(row["explanation_key"]) for row in trials if row["condition"] == "none"} == {False}
    assert main(["report", str(tmp_path / "export")]) == 0
    results = json.loads((tmp_path / "export-report" / "results.json").read_text())
    pairs = {(row["arm"], row["against"]) for row in results["estimates"]}
    assert {("heatmap", "none"), ("heatmap", "placebo")} <= pairs
    accuracy = {row["arm"]: row["mean"] for row in results["accuracy"]}
    assert accuracy["heatmap"] > accuracy["none"]
    page = (tmp_path / "export-report" / "report.html").read_text()
    assert "counterbalanced lists" in page
    assert "each pair of conditions" in page
