"""Many people at once: every one gets a slot of their own."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from csv import DictReader
from threading import Event, Thread

import pytest
from django.db import connection
from django.utils import timezone

from studyapp.exceptions import StudyFull
from studyapp.models import Response, Slot, StudySession, Trial
from studyapp.selectors.progress import Asking
from studyapp.selectors.replay import replay_differences
from studyapp.services import exports, responses, withdrawal
from studyapp.services.events import BrowserEvent, record_browser_events
from studyapp.services.exports import export_study
from studyapp.services.leases import open_block
from studyapp.services.responses import (
    dismiss_feedback,
    end_break,
    record_response,
    serve_trial,
)
from studyapp.services.sessions import advance_stage, start_session
from studyapp.services.withdrawal import withdraw
from tests.factories import open_demo
from tests.integration.studyapp.allocating import (
    FACTORS,
    abandon,
    allocating,
    answer_screening,
    arrive,
)


@pytest.fixture
def study(transactional_db, tmp_path):
    return open_demo(tmp_path / "stimuli")


def in_threads(function, arguments):
    def call(argument):
        try:
            return function(argument)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(call, arguments))


def test_fifty_people_at_once_get_fifty_slots_in_order(study):
    keys = [uuid.uuid4() for _ in range(50)]
    in_threads(lambda key: start_session(study=study, entry_key=key), keys)
    indices = StudySession.objects.values_list("slot__index", flat=True)
    assert sorted(indices) == list(range(50))


def test_the_places_of_who_drops_out_are_given_again_at_once_and_to_one_each(
    transactional_db, tmp_path
):
    study = allocating(
        tmp_path,
        "{method: permuted_blocks, block_sizes: [3, 6], participants: {pilot: 51}, "
        "release_after_hours: 24}",
    )
    sessions = in_threads(lambda _: arrive(study), range(50))
    gone = sessions[::3][:15]
    abandon(*gone)
    newcomers = in_threads(lambda _: arrive(study), range(15))
    assert sorted(s.slot_id for s in newcomers) == sorted(s.slot_id for s in gone)
    assert Slot.objects.filter(holder__isnull=False).count() == 50
    assert in_threads(lambda _: full_or_not(study), range(4)).count("full") == 3
    assert replay_differences(study) == []


def full_or_not(study):
    try:
        arrive(study)
    except StudyFull:
        return "full"
    return "place"


def test_answers_that_decide_a_place_at_the_same_moment_get_one_each(transactional_db, tmp_path):
    study = allocating(
        tmp_path, f"{{method: minimisation, {FACTORS}, participants: {{pilot: 12}}}}", asks=True
    )
    sessions = [arrive(study) for _ in range(14)]
    in_threads(lambda session: answer_screening(session, "Yes"), sessions)
    assert Slot.objects.filter(holder__isnull=False).count() == 12
    assert StudySession.objects.filter(state="screened_out", slot__isnull=True).count() == 2
    assert replay_differences(study) == []


def test_one_person_clicking_many_times_gets_one_session(study):
    key = uuid.uuid4()
    sessions = in_threads(lambda _: start_session(study=study, entry_key=key).pk, range(12))
    assert len(set(sessions)) == 1


def test_one_answer_sent_many_times_at_once_counts_once(study):
    session = start_session(study=study, entry_key=uuid.uuid4())
    session.stage_key = "practice"
    session.save()
    trial = session.trials.get(index=0)
    key = uuid.uuid4()
    outcomes = in_threads(
        lambda _: (
            record_response(
                session=StudySession.objects.get(pk=session.pk),
                trial=trial,
                key=key,
                choice=trial.choice_order[0],
                confidence=1,
            ).outcome
        ),
        range(12),
    )
    assert sorted(outcomes) == ["new"] + ["same"] * 11
    assert Response.objects.count() == 1


def test_leaving_a_stage_many_times_at_once_moves_on_once(study):
    session = start_session(study=study, entry_key=uuid.uuid4())
    in_threads(lambda _: advance_stage(session=session, from_stage="instructions"), range(8))
    session.refresh_from_db()
    assert session.stage_key == "quiz"
    assert session.events.filter(kind="stage_reached").count() == 1


def in_practice(study):
    """A session and its first trial, which is the one to answer."""
    session = start_session(study=study, entry_key=uuid.uuid4())
    session.stage_key = "practice"
    session.save()
    return session, session.trials.get(index=0)


def test_one_of_many_devices_that_ask_at_once_holds_the_session(study):
    session, _ = in_practice(study)
    asked = in_threads(
        lambda device: open_block(session=session, device=device, take_over=False),
        [uuid.uuid4() for _ in range(12)],
    )
    assert sorted(lease for lease, _ in asked) == ["elsewhere"] * 11 + ["held"]
    assert [len(trials) for lease, trials in asked if lease == "held"] == [1]
    assert session.events.filter(kind="lease_taken").count() == 1


def test_events_told_many_times_at_once_are_stored_once(study):
    session, _ = in_practice(study)
    told = [BrowserEvent(key=uuid.uuid4(), kind="help_opened") for _ in range(5)]
    stored = in_threads(lambda _: record_browser_events(session=session, events=told), range(8))
    assert stored == [5] * 8
    assert session.events.filter(kind="help_opened").count() == 5


def begun(function, *arguments, **named):
    """Call it in a thread, with a database connection of its own."""

    def call():
        try:
            function(*arguments, **named)
        finally:
            connection.close()

    thread = Thread(target=call)
    thread.start()
    return thread


def test_no_answer_survives_a_withdrawal_that_deletes(study, monkeypatch):
    session, trial = in_practice(study)
    store, withdrawals = responses._store, []

    def store_slowly(*arguments, **columns):
        withdrawals.append(begun(withdraw, session=session, delete_answers=True))
        withdrawals[0].join(1)
        return store(*arguments, **columns)

    monkeypatch.setattr(responses, "_store", store_slowly)
    choice = trial.choice_order[0]
    record_response(session=session, trial=trial, key=uuid.uuid4(), choice=choice, confidence=1)
    withdrawals[0].join()
    session.refresh_from_db()
    assert session.answers_deleted
    assert Response.objects.count() == 0


def serve(*, trial):
    serve_trial(asking=Asking(trial))


@pytest.mark.parametrize("late", [serve, end_break, dismiss_feedback])
def test_no_time_is_noted_behind_a_withdrawal_that_deletes(study, monkeypatch, late):
    session, trial = in_practice(study)
    if late is dismiss_feedback:
        Response.objects.create(
            key=uuid.uuid4(), trial=trial, choice="a", received_at=timezone.now()
        )
    record_event, deleted = withdrawal.record_event, Event()

    def record_slowly(**named):
        deleted.set()
        Event().wait(1)
        return record_event(**named)

    monkeypatch.setattr(withdrawal, "record_event", record_slowly)
    leaving = begun(withdraw, session=session, delete_answers=True)
    assert deleted.wait(10)
    late(trial=trial)
    leaving.join()
    row = Trial.objects.get(pk=trial.pk)
    assert (row.served_at, row.break_ended_at, row.feedback_seen_at) == (None, None, None)
    assert [event.kind for event in session.events.all()] == ["withdrawn"]


def test_the_tables_of_an_export_agree_while_people_come(study, monkeypatch, tmp_path):
    start_session(study=study, entry_key=uuid.uuid4())
    rows_of, arrivals = exports.rows_of, []

    def rows_and_a_consent(table, of_study):
        rows = list(rows_of(table, of_study))
        if table == "participants":
            arrivals.append(begun(start_session, study=study, entry_key=uuid.uuid4()))
            # PostgreSQL lets the newcomer in at once, SQLite when the tables have been read.
            arrivals[0].join(1)
        return rows

    monkeypatch.setattr(exports, "rows_of", rows_and_a_consent)
    counts = export_study(study=study, target=tmp_path / "export")
    arrivals[0].join()
    assert StudySession.objects.count() == 2
    assert (counts["participants"], counts["sessions"], counts["events"]) == (1, 1, 1)
    with (tmp_path / "export" / "tables" / "allocation.csv").open(newline="") as stream:
        assert sum(bool(row["session"]) for row in DictReader(stream)) == 1


def test_people_are_let_in_while_an_export_writes_its_files(study, monkeypatch, tmp_path):
    write_table, came = exports._write_table, []

    def write_and_let_in(*arguments):
        if not came:
            arrival = begun(start_session, study=study, entry_key=uuid.uuid4())
            arrival.join(10)
            came.append(StudySession.objects.count())
        return write_table(*arguments)

    monkeypatch.setattr(exports, "_write_table", write_and_let_in)
    counts = export_study(study=study, target=tmp_path / "export")
    assert came == [1]
    assert counts["sessions"] == 0
