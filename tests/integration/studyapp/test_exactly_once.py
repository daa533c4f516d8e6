"""Whatever the network does to a player's requests: acknowledged = stored = distinct."""

import random
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studyapp.models import Response, StudySession
from studyapp.selectors.receipts import receipt
from studyapp.services.responses import end_break
from studyapp.services.sessions import start_session
from tests.integration.studyapp.speaking import Speaker

ACKNOWLEDGED = {200, 201, 409}


@pytest.fixture
def study(whole_demo):
    return whole_demo


@pytest.mark.slow
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    repeats=st.lists(st.integers(1, 3), min_size=17, max_size=17),
    lost=st.lists(st.booleans(), min_size=17, max_size=17),
    changed_minds=st.sets(st.integers(0, 16), max_size=4),
    takes_over=st.booleans(),
    shuffle=st.randoms(use_true_random=False),
)
def test_acknowledged_is_stored_is_distinct(
    study, repeats, lost, changed_minds, takes_over, shuffle: random.Random
):
    session = start_session(study=study, entry_key=uuid.uuid4())
    StudySession.objects.filter(pk=session.pk).update(stage_key="assessment")
    session.refresh_from_db()
    devices = [Speaker(session)]
    receipts: dict[str, set[str]] = {}
    served: set[str] = set()
    for block in range(2):
        trials = devices[-1].trials()
        served |= {trial["uid"] for trial in trials}
        if takes_over:
            devices.append(Speaker(session))
            devices[-1].block(take_over=True)
        # What is under way: duplicates, answers of a stale tab, from whichever device, mixed up.
        under_way = []
        for trial in trials:
            number = trial["number"] - 1
            under_way += [(trial, 0)] * repeats[number]
            under_way += [(trial, 1)] * (number in changed_minds)
        shuffle.shuffle(under_way)
        for trial, pick in under_way:
            key = str(uuid.uuid5(uuid.UUID(trial["key"]), str(pick)))
            response = shuffle.choice(devices).answer(trial, pick, key=key)
            assert response.status_code in ACKNOWLEDGED
            if not lost[trial["number"] - 1]:
                receipts.setdefault(trial["uid"], set()).add(response.json()["receipt"])
        # A reply that was lost is asked for again.
        for trial in trials:
            if lost[trial["number"] - 1]:
                key = str(uuid.uuid5(uuid.UUID(trial["key"]), "0"))
                again = devices[-1].answer(trial, 0, key=key)
                assert again.status_code in {200, 409}
                receipts.setdefault(trial["uid"], set()).add(again.json()["receipt"])
        if block == 0:
            end_break(trial=session.trials.get(stage_key="assessment", offers_break=True))
    stored = Response.objects.filter(trial__session=session).select_related("trial")
    counted = [str(row.trial.uid) for row in stored if not row.is_conflict]
    assert sorted(counted) == sorted(served) == sorted(receipts)
    assert len(counted) == len(set(counted)) == 17
    made_again = {receipt(row) for row in stored}
    assert set().union(*receipts.values()) <= made_again
    assert len(made_again) == len(stored)
