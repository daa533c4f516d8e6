"""Every page that a participant can meet, each in the state in which it is met."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.urls import reverse
from django.utils import timezone

from experiments.schema import Quiz
from studyapp.enums import StudyStage
from studyapp.models import Response, Study, StudySession
from studyapp.selectors.studies import protocol_of
from studyapp.services.answers import record_quiz
from studyapp.services.sessions import screen_out, start_session
from studyapp.services.studies import set_stage
from studyapp.services.withdrawal import withdraw
from tests.factories import DEMO, open_demo
from tests.integration.studyapp.recruiting import MTURK, PROLIFIC, link, recruited
from tests.unit.experiments.test_recruitment import SCREENING

PREVIEW = {"assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE", "hitId": MTURK["hitId"]}


def screened_study(folder: Path, language: str) -> Study:
    """The demo study with a screening, in a language."""
    path = folder / "screened.yaml"
    text = DEMO.read_text(encoding="utf-8").replace("\n  - kind: instructions", SCREENING, 1)
    path.write_text(f"language: {language}\n{text}", encoding="utf-8")
    return open_demo(folder / "stimuli", protocol=path)


def pages(folder: Path, language: str = "en") -> Iterator[tuple[str, str]]:
    """Name and address of each page."""
    study = screened_study(folder, language)
    yield from _entry_pages(folder, study, language)
    for stage in ("screening", "instructions", "quiz", "training", "questionnaire"):
        yield stage, _run(_at(study, stage))
    yield from _between_trials(study)
    yield from _endings(study)
    yield "wrong address", "/nowhere/"


def _entry_pages(folder: Path, study: Study, language: str) -> Iterator[tuple[str, str]]:
    more = f"language: {language}\n"
    picky = more + "requirements: {languages: [fi]}\n"
    prolific = recruited(folder, "prolific", more=more, slug="from-prolific")
    mturk = recruited(folder, "mturk", more=more, slug="from-mturk")
    finnish = recruited(folder, "link", more=picky, slug="in-finnish")
    yield "studies", reverse("study-list")
    yield "consent", link(study, {})
    yield "consent at Prolific", link(prolific, PROLIFIC)
    yield "preview at MTurk", link(mturk, PREVIEW)
    yield "incomplete link", link(prolific, {})
    yield "declined", reverse("declined", args=[prolific.slug])
    yield "unsuitable", link(finnish, {})
    set_stage(study=finnish, stage=StudyStage.CLOSED)
    yield "not open", link(finnish, {})


def _between_trials(study: Study) -> Iterator[tuple[str, str]]:
    failed = _at(study, "quiz")
    quiz = protocol_of(study).stage("quiz")
    assert isinstance(quiz, Quiz)
    record_quiz(session=failed, stage=quiz, attempt=1, answers={})
    yield "quiz again", _run(failed)
    learning = _at(study, "training")
    _answer(learning, "training", 1)
    yield "feedback", _run(learning)
    resting = _at(study, "assessment")
    _answer(resting, "assessment", 9)
    yield "break", _run(resting)
    done = _at(study, "assessment")
    _answer(done, "assessment", 100)
    yield "stage done", _run(done)


def _endings(study: Study) -> Iterator[tuple[str, str]]:
    completed = _at(study, "debrief", state="completed", finished_at=timezone.now())
    yield "completed", _run(completed)
    yield "consent copy", reverse("consent-copy", args=[completed.token])
    yield "withdraw", reverse("withdraw", args=[completed.token])
    for answers in ("keep", "delete"):
        gone = _at(study, "quiz")
        withdraw(session=gone, delete_answers=answers == "delete")
        yield f"withdrawn, {answers}", _run(gone)
    for stage in ("quiz", "screening"):
        out = _at(study, stage)
        screen_out(session=out, reason="test")
        yield f"screened out, {stage}", _run(out)
    yield "expired", _run(_at(study, "quiz", started_at=timezone.now() - timedelta(days=20)))


def _at(study: Study, stage: str, **fields: object) -> StudySession:
    session = start_session(study=study, entry_key=uuid.uuid4())
    StudySession.objects.filter(pk=session.pk).update(stage_key=stage, **fields)
    session.refresh_from_db()
    return session


def _run(session: StudySession) -> str:
    return reverse("run", args=[session.token])


def _answer(session: StudySession, stage: str, count: int) -> None:
    for trial in session.trials.filter(stage_key=stage)[:count]:
        Response.objects.create(
            key=uuid.uuid4(),
            trial=trial,
            choice=trial.choice_order[0],
            received_at=timezone.now(),
        )
