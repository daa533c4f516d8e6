"""What is stored, and what is not, once a session or its study has ended."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from studyapp.enums import StudyStage
from studyapp.exceptions import AnswerRefused, MoveRefused
from studyapp.models import Event, Response, StudySession, Trial
from studyapp.selectors.progress import Asking, current_page
from studyapp.services.answers import record_questionnaire, record_quiz
from studyapp.services.responses import (
    dismiss_feedback,
    end_break,
    record_response,
    serve_trial,
)
from studyapp.services.sessions import advance_stage, screen_out
from studyapp.services.studies import freeze_protocol, set_stage
from studyapp.services.withdrawal import withdraw
from tests.factories import BRIEF
from tests.integration.studyapp.walking import default_answers, form_of, walk, walk_to


def end(session, how):
    if how == "withdrawn":
        withdraw(session=session, delete_answers=False)
    elif how == "screened_out":
        screen_out(session=session, reason="test")
    elif how == "closed":
        set_stage(study=session.study, stage=StudyStage.CLOSED)
    else:
        StudySession.objects.filter(pk=session.pk).update(
            state="completed", finished_at=timezone.now()
        )


@pytest.fixture
def answered(client, session):
    """A session that has answered one trial and stands at its feedback."""
    page = walk_to(client, session, "trial")
    form = form_of(client.get(reverse("run", args=[session.token])))
    client.post(form.action, default_answers(page, form))
    session.refresh_from_db()
    return session, page.trial


def other_answer(session, trial, choice=1):
    return record_response(
        session=session,
        trial=trial,
        key=uuid.uuid4(),
        choice=trial.choice_order[choice],
        confidence=2,
    )


@pytest.mark.parametrize("how", ["withdrawn", "screened_out", "closed"])
def test_a_different_answer_after_the_end_is_not_stored(answered, how):
    session, trial = answered
    end(session, how)
    events = Event.objects.count()
    with pytest.raises(AnswerRefused):
        other_answer(session, trial)
    assert Response.objects.count() == 1
    assert Event.objects.count() == events


def test_a_different_answer_after_completion_is_kept_and_flagged(answered):
    session, trial = answered
    end(session, "completed")
    assert other_answer(session, trial).outcome == "conflict"
    assert Response.objects.filter(is_conflict=True).count() == 1


@pytest.mark.parametrize("how", ["withdrawn", "screened_out", "closed", "completed"])
def test_nothing_is_begun_or_noted_after_the_end(answered, how):
    session, trial = answered
    following = session.trials.get(index=trial.index + 1)
    stage = session.stage_key
    end(session, how)
    events = Event.objects.count()
    serve_trial(asking=Asking(following))
    serve_trial(asking=Asking(trial))
    end_break(trial=following)
    dismiss_feedback(trial=trial)
    advance_stage(session=session, from_stage=stage)
    with pytest.raises(AnswerRefused):
        other_answer(session, following)
    assert Event.objects.count() == events
    for row in Trial.objects.filter(pk__in=[trial.pk, following.pk]):
        assert row.break_ended_at is None
        assert row.feedback_seen_at is None
        assert (row.served_at is None) == (row == following)


@pytest.mark.parametrize("stage_key", ["quiz", "questionnaire"])
def test_a_closed_study_takes_no_answers_of_stages(session, stage_key):
    StudySession.objects.filter(pk=session.pk).update(stage_key=stage_key)
    set_stage(study=session.study, stage=StudyStage.CLOSED)
    session.refresh_from_db()
    assert current_page(session).kind == "closed"
    if stage_key == "quiz":
        record_quiz(session=session, stage=current_page(session).stage, attempt=1, answers={})
    else:
        record_questionnaire(session=session, stage_key=stage_key, answers={"remarks": "late"})
    assert session.answers.count() == 0


def test_who_is_amid_a_study_that_closes_is_told_and_can_withdraw(client, session):
    page = walk_to(client, session, "trial")
    address = reverse("run", args=[session.token])
    form = form_of(client.get(address))
    set_stage(study=session.study, stage=StudyStage.CLOSED)
    assert client.post(form.action, default_answers(page, form)).headers["Location"] == address
    assert not Response.objects.exists()
    html = client.get(address).content.decode()
    assert "This study has been closed" in html
    assert "LARUS-DEMO" not in html
    leave = reverse("withdraw", args=[session.token])
    assert leave in html
    client.post(leave, {"answers": "delete"})
    session.refresh_from_db()
    assert session.answers_deleted


def test_who_has_begun_may_finish_a_paused_study_that_takes_nobody_new(client, session):
    set_stage(study=session.study, stage=StudyStage.OPEN)
    set_stage(study=session.study, stage=StudyStage.PAUSED)
    assert client.get(reverse("consent", args=[session.study.slug])).status_code == 403
    assert [page.kind for page, _ in walk(client, session)][-1] == "completed"


@pytest.mark.parametrize("how", ["screened_out", "completed"])
def test_who_has_ended_can_still_withdraw_from_the_page(client, session, how):
    end(session, how)
    address = reverse("withdraw", args=[session.token])
    assert address in client.get(reverse("run", args=[session.token])).content.decode()
    client.post(address, {"answers": "delete"})
    session.refresh_from_db()
    assert (session.state, session.answers_deleted) == ("withdrawn", True)


def test_who_kept_their_answers_can_delete_them_later_and_then_nothing_is_offered(client, session):
    address = reverse("withdraw", args=[session.token])
    run = reverse("run", args=[session.token])
    client.post(address, {"answers": "keep"})
    assert address in client.get(run).content.decode()
    client.post(address, {"answers": "delete"})
    assert address not in client.get(run).content.decode()
    assert client.get(address).headers["Location"] == run


@pytest.mark.parametrize("away", [timedelta(days=-1), timedelta(days=30)])
def test_a_server_time_that_can_not_be_stored_is_missing(client, session, away):
    page = walk_to(client, session, "trial")
    form = form_of(client.get(reverse("run", args=[session.token])))
    Trial.objects.filter(pk=page.trial.pk).update(served_at=timezone.now() - away)
    assert client.post(form.action, default_answers(page, form)).status_code == 302
    assert Response.objects.get().server_ms is None


@pytest.mark.parametrize(
    ("given", "stage", "lacking"),
    [("{pilot: 300}", StudyStage.OPEN, "main"), ("{main: 300}", StudyStage.PILOT, "pilot")],
)
def test_a_study_without_places_is_not_opened_for_them(study, tmp_path, given, stage, lacking):
    path = tmp_path / "few.yaml"
    text = BRIEF.replace("slug: gulls-demo", "slug: few-places")
    path.write_text(text.replace("{pilot: 300, main: 300}", given))
    few, _ = freeze_protocol(path=path)
    with pytest.raises(MoveRefused, match=f"gives no {lacking} places"):
        set_stage(study=few, stage=stage)
