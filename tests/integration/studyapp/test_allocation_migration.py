"""A database of before the ledger gets one, and loses no place."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from studyapp.models import LedgerEntry, Slot, Study, StudySession
from studyapp.selectors.replay import replay_differences
from studyapp.services.withdrawal import withdraw
from tests.factories import open_demo
from tests.integration.studyapp.allocating import arrive, complete

BEFORE = [("studyapp", "0007_session_language")]


def migrate_back_and_on():
    executor = MigrationExecutor(connection)
    latest = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "studyapp"]
    try:
        executor.migrate(BEFORE)
        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)
        assert "studyapp_ledgerentry" not in tables
    finally:
        MigrationExecutor(connection).migrate(latest)


@pytest.mark.django_db(transaction=True)
def test_sessions_of_before_hold_their_slots_and_have_a_ledger(tmp_path):
    study = open_demo(tmp_path / "stimuli")
    sessions = [arrive(study) for _ in range(5)]
    complete(sessions[0])
    withdraw(session=sessions[1], delete_answers=True)
    slots = {session.code: session.slot_id for session in sessions}
    migrate_back_and_on()
    study = Study.objects.get()
    assert study.allocation_seed is None
    assert dict(StudySession.objects.values_list("code", "slot_id")) == slots
    held = Slot.objects.filter(holder__isnull=False)
    assert dict(held.values_list("holder__code", "pk")) == slots
    assert list(study.ledger.values_list("kind", "session__code")) == [
        ("claim", session.code) for session in sessions
    ]
    assert replay_differences(study) == []
    sixth = arrive(study)
    assert sixth.slot_id not in slots.values()
    assert replay_differences(study) == []
    Slot.objects.filter(holder=sixth).update(holder=None)
    assert len(replay_differences(study)) == 1


@pytest.mark.django_db(transaction=True)
def test_tables_made_anew_keep_their_triggers(tmp_path):
    study = open_demo(tmp_path / "stimuli")
    arrive(study)
    migrate_back_and_on()
    for change in (
        lambda: LedgerEntry.objects.update(arm="other"),
        lambda: LedgerEntry.objects.all().delete(),
        lambda: Slot.objects.update(arm="other"),
    ):
        with (
            pytest.raises(IntegrityError, match=r"append-only|nothing changes"),
            transaction.atomic(),
        ):
            change()
