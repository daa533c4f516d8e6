"""The recruiter's ids go in time, and people get a copy of what is stored of them."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from studyapp.enums import StudyStage
from studyapp.models import AuditEntry, RecruitedPerson, RecruiterVisit, Study, StudySession
from studyapp.services.studies import set_stage
from studyapp.services.withdrawal import withdraw
from tests.integration.studyapp.recruiting import PID, PROLIFIC, agree, link, recruited


@pytest.fixture
def study(db, tmp_path) -> Study:
    study = recruited(tmp_path, "prolific")
    assert agree(Client(), link(study, PROLIFIC), **PROLIFIC).status_code == 302
    assert RecruiterVisit.objects.count() == 1
    return study


def close(study: Study, days_ago: float) -> None:
    set_stage(study=study, stage=StudyStage.CLOSED)
    Study.objects.filter(pk=study.pk).update(closed_at=timezone.now() - timedelta(days=days_ago))


def test_ids_are_erased_when_their_time_has_come_and_not_before(study, capsys):
    call_command("erase_personal_data")
    close(study, 89.9)
    call_command("erase_personal_data")
    assert RecruiterVisit.objects.count() == 1
    assert capsys.readouterr().out == "Nothing is due.\n" * 2
    Study.objects.update(closed_at=timezone.now() - timedelta(days=90))
    with pytest.raises(CommandError):
        call_command("doctor")
    assert "FAULT   retention" in capsys.readouterr().out

    call_command("erase_personal_data")
    assert capsys.readouterr().out == "gulls-demo: 1 people's ids erased.\n"
    assert not RecruiterVisit.objects.exists() and not RecruitedPerson.objects.exists()
    assert StudySession.objects.count() == 1  # answers stay
    call_command("erase_personal_data")
    assert AuditEntry.objects.filter(action="personal_data_erased").count() == 1


def test_a_study_that_is_not_closed_keeps_recognising_people(study):
    with pytest.raises(CommandError, match="Close it first"):
        call_command("erase_personal_data", "--study", study.slug)
    assert RecruitedPerson.objects.count() == 1


def test_a_closed_study_can_be_erased_before_its_time(study, capsys):
    close(study, 0)
    call_command("erase_personal_data", "--study", study.slug)
    call_command("erase_personal_data", "--study", study.slug)
    assert "0 people's" in capsys.readouterr().out
    assert not RecruitedPerson.objects.exists()


def copy(tmp_path, name: str = "copy.json"):
    path = tmp_path / name
    session = StudySession.objects.get()
    call_command("personal_copy", session.participant.code, "--out", str(path))
    assert path.stat().st_mode & 0o077 == 0
    return json.loads(path.read_text())


def test_a_copy_holds_what_is_stored_and_tells_nothing_too_early(study, tmp_path):
    session = StudySession.objects.get()
    early = copy(tmp_path)
    assert early["recruiter"]["visits"][0]["external_id"] == PID
    assert len(early["tables"]["trials"]) == session.trials.count() > 0
    assert early["tables"]["events"][0]["kind"] == "consented"
    told = (tmp_path / "copy.json").read_text()
    assert f'"arm": "{session.slot.arm}"' not in told and '"true_species":' not in told
    assert session.token not in told
    assert "arm" in early["left_out_until_the_study_is_closed"]

    close(study, 0)
    late = copy(tmp_path, "late.json")
    assert late["tables"]["participants"][0]["arm"] == session.slot.arm
    assert late["left_out_until_the_study_is_closed"] == []
    entry = AuditEntry.objects.filter(action="personal_data_copied").last()
    assert entry.details == {"participant": session.participant.code}


def test_who_had_everything_deleted_gets_a_copy_of_what_is_left(study, tmp_path):
    withdraw(session=StudySession.objects.get(), delete_answers=True)
    left = copy(tmp_path)
    assert left["sessions"][0]["answers_deleted"] is True
    assert left["recruiter"]["visits"] == [] and left["recruiter"]["fingerprint"]
    assert left["tables"]["trials"] == []


def test_an_unknown_code_is_told_where_codes_are(study, tmp_path):
    with pytest.raises(CommandError, match="recruiter_visits"):
        call_command("personal_copy", "pnobody", "--out", str(tmp_path / "x"))
