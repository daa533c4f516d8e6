"""Many people at once: every one gets a slot of their own."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from studyapp.models import Response, StudySession
from studyapp.services.responses import record_response
from studyapp.services.sessions import advance_stage, start_session
from tests.factories import open_demo


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
