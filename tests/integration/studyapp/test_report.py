"""From bots to the report, through the export's files alone."""

import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.core.management import call_command

from analysis.__main__ import main
from studyapp.models import StudySession
from studyapp.services.sessions import start_session
from studyapp.services.withdrawal import withdraw
from tests.integration.studyapp.walking import finish

REPOSITORY = Path(__file__).parents[3]


def report(folder: Path, *more: str) -> int:
    return main(["report", str(folder), *more])


# An export is a transaction of its own.
@pytest.mark.django_db(transaction=True)
def test_a_rehearsal_ends_in_a_report_that_finds_the_planted_effect(
    same_places, whole_demo, tmp_path
):
    export = tmp_path / "export"
    call_command("run_bots", whole_demo.slug, "-n", "12", "--effect", "heatmap=4", "--seed", "2")
    call_command("export_study", whole_demo.slug, "--out", str(export))
    command = [sys.executable, "-m", "analysis", "report", str(export)]
    finished = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert "heatmap against none" in finished.stdout
    results = json.loads((export.parent / "export-report" / "results.json").read_text())
    first = results["estimates"][0]
    # Bots of a pilot: by the frozen plan, but nothing they show is confirmatory.
    assert (first["role"], first["arm"], first["against"]) == ("exploratory", "heatmap", "none")
    assert (results["plan_source"], results["is_confirmatory"]) == ("frozen", False)
    accuracy = {row["arm"]: row["mean"] for row in results["accuracy"]}
    assert accuracy["heatmap"] > accuracy["none"] + 0.15
    assert results["flow"]["analysed"] == 12
    page = (export.parent / "export-report" / "report.html").read_text()
    assert "SIMULATED PARTICIPANTS" in page
    assert "PILOT DATA" in page
    assert "http://" not in page.replace("http://www.w3.org", "").replace(
        "http://purl.org", ""
    ).replace("http://creativecommons.org", "")
    assert "<script" not in page
    assert page.count("<svg") >= 5
    # The same export gives the same results, in another process, too.
    assert report(export, "--out", str(tmp_path / "again")) == 0
    again = (tmp_path / "again" / "results.json").read_bytes()
    assert again == (export.parent / "export-report" / "results.json").read_bytes()


# An export is a transaction of its own.
@pytest.mark.django_db(transaction=True)
def test_who_had_their_answers_deleted_is_counted_in_their_arm(study, tmp_path):
    for _ in range(6):
        finish(start_session(study=study, entry_key=uuid.uuid4()))
    gone = StudySession.objects.order_by("pk").first()
    arm = gone.slot.arm
    # Six people may be in the middle of a block: how many are in an arm, chance decides.
    fellows = StudySession.objects.filter(slot__arm=arm).count()
    withdraw(session=gone, delete_answers=True)
    call_command("export_study", study.slug, "--out", str(tmp_path / "export"))
    assert report(tmp_path / "export") == 0
    flow = json.loads((tmp_path / "export-report" / "results.json").read_text())["flow"]
    (row,) = [row for row in flow["arms"] if row["arm"] == arm]
    assert (row["allocated"], row["answers_deleted"], row["analysed"]) == (fellows, 1, fellows - 1)
    assert (flow["allocated"], flow["analysed"]) == (6, 5)
