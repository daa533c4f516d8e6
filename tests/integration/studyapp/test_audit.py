"""The audit log: who did what, in a chain that shows every later change."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from studyapp.enums import AuditAction, StudyStage
from studyapp.exceptions import Immutable, MoveRefused
from studyapp.models import AuditEntry, AuditHead
from studyapp.selectors.audit import audit_head, audit_problems
from studyapp.services.audit import acting_as, record
from studyapp.services.exports import export_study
from studyapp.services.studies import set_stage


@pytest.fixture
def five(db):
    for number in range(1, 6):
        record(AuditAction.STAGE_CHANGED, details={"number": number, "größe": "ä", "none": None})
    assert audit_problems() == []
    return list(AuditEntry.objects.all())


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


TAMPERING = {
    "who": "UPDATE studyapp_auditentry SET actor = 'nobody' WHERE number = 3",
    "when": "UPDATE studyapp_auditentry SET occurred_at = '2020-01-01 00:00:00+00:00'"
    " WHERE number = 3",
    "what": "UPDATE studyapp_auditentry SET details = '{}' WHERE number = 3",
    "removed": "DELETE FROM studyapp_auditentry WHERE number = 3",
    "first removed": "DELETE FROM studyapp_auditentry WHERE number = 1",
    "end cut off": "DELETE FROM studyapp_auditentry WHERE number > 3",
    "all removed": "DELETE FROM studyapp_auditentry",
    "head removed": "DELETE FROM studyapp_audithead",
    "head set back": "UPDATE studyapp_audithead SET number = 3",
}


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING)
def test_tampering_is_detected(five, statement):
    sql(statement)
    with pytest.raises(CommandError, match="tampered with"):
        call_command("verify_audit")


def test_reordered_entries_are_detected_and_named(five):
    for old, new in ((2, 99), (4, 2), (99, 4)):
        sql("UPDATE studyapp_auditentry SET number = %s WHERE number = %s", new, old)
    problems = audit_problems()
    assert "Entry 2 was changed after it was written." in problems
    assert "Entry 2 does not follow entry 1." in problems


def test_a_log_sealed_anew_is_given_away_by_a_remembered_head(five, capsys):
    number, digest = audit_head()
    AuditEntry.objects.all().delete()
    AuditHead.objects.all().delete()
    for told in range(1, 6):
        record(AuditAction.STAGE_CHANGED, details={"number": told})
    call_command("verify_audit")
    with pytest.raises(CommandError, match="Entry 5 is not the one you remember"):
        call_command("verify_audit", "--expect", f"{number}:{digest}")


def test_a_remembered_head_holds_while_the_log_grows(five, capsys):
    number, digest = audit_head()
    record(AuditAction.STAGE_CHANGED)
    call_command("verify_audit", "--expect", f"{number}:{digest}")
    assert capsys.readouterr().out.startswith("6 entries, unbroken. Head: 6:")


def test_entries_never_change_and_the_chain_never_forks(five):
    with pytest.raises(Immutable):
        five[0].save()
    with pytest.raises(Immutable):
        five[0].delete()
    fork = AuditEntry(
        number=6, occurred_at=five[0].occurred_at, actor="x", action="y", digest="f" * 64
    )
    fork.previous_digest = five[1].previous_digest
    with pytest.raises(IntegrityError), transaction.atomic():
        fork.save()


def test_services_write_what_they_did_and_who_did_it(study, tmp_path):
    with acting_as("ada"):
        set_stage(study=study, stage=StudyStage.OPEN)
    export_study(study=study, target=tmp_path / "export")
    told = [(e.action, e.study, e.actor.split(" (")[0]) for e in AuditEntry.objects.all()]
    assert told == [
        ("stimuli_imported", "", "command line"),
        ("protocol_frozen", study.slug, "command line"),
        ("stage_changed", study.slug, "command line"),
        ("stage_changed", study.slug, "ada"),
        ("study_exported", study.slug, "command line"),
    ]
    assert AuditEntry.objects.get(number=4).details == {"from": "pilot", "to": "open"}
    assert audit_problems() == []


def test_what_is_refused_leaves_no_entry(study):
    before = audit_head()
    with pytest.raises(MoveRefused):
        set_stage(study=study, stage=StudyStage.FROZEN)
    assert audit_head() == before


def test_a_look_at_the_recruiters_ids_is_logged(study, tmp_path):
    call_command("recruiter_visits", study.slug, "--out", str(tmp_path / "visits.csv"))
    assert AuditEntry.objects.last().action == "personal_data_viewed"
