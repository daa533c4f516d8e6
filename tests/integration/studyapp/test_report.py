"""From bots to the report, through the export's files alone."""

import json
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

from analysis.__main__ import main
from studyapp.models import StudySession
from studyapp.services.sessions import start_session
from studyapp.services.withdrawal import withdraw
from tests.factories import DEMO, open_demo
from tests.integration.studyapp.walking import finish

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def rehearsal(django_db_setup, django_db_blocker, tmp_path_factory) -> Path:
    """The export of twelve bots, made once; its database is emptied again."""
    folder = tmp_path_factory.mktemp("rehearsal")
    with django_db_blocker.unblock(), override_settings(DATA_DIR=folder / "data"):
        study = open_demo(folder / "stimuli", protocol=DEMO)
        call_command("run_bots", study.slug, "-n", "12", "--effect", "heatmap=4", "--seed", "2")
        call_command("export_study", study.slug, "--out", str(folder / "export"))
        call_command("flush", interactive=False, verbosity=0)
    return folder / "export"


@pytest.fixture
def export(rehearsal, tmp_path) -> Path:
    return shutil.copytree(rehearsal, tmp_path / "export")


def report(folder: Path, *more: str) -> int:
    return main(["report", str(folder), *more])


def test_a_rehearsal_ends_in_a_report_that_finds_the_planted_effect(export):
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


def test_the_same_export_gives_the_same_results(export, tmp_path):
    for name in ("one", "two"):
        assert report(export, "--out", str(tmp_path / name)) == 0
    assert (tmp_path / "one/results.json").read_bytes() == (
        tmp_path / "two/results.json"
    ).read_bytes()


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda f: (f / "tables/trials.csv").unlink(), "trials.csv is missing"),
        (lambda f: (f / "tables/responses.csv").write_text("x"), "responses.csv has changed"),
        (lambda f: (f / "SHA256SUMS").unlink(), "SHA256SUMS is missing"),
        (lambda f: (f / "extra.csv").write_text("x"), "extra.csv is not listed"),
    ],
)
def test_a_broken_export_gets_one_clear_sentence(export, capsys, spoil, word):
    spoil(export)
    assert report(export) == 2
    assert word in capsys.readouterr().err
    assert not (export.parent / "export-report").exists()


def test_a_stage_nobody_was_in_is_named(export, capsys):
    assert report(export, "--stage", "main") == 2
    assert "no session of stage main" in capsys.readouterr().err


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
