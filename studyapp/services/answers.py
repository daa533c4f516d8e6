"""Answers to quizzes and questionnaires."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from experiments.schema import Quiz
from studyapp.models import Answer, StudySession
from studyapp.selectors.progress import takes_answers
from studyapp.selectors.studies import protocol_of
from studyapp.services.locks import lock_session
from studyapp.services.sessions import advance_stage, screen_out


@dataclass(frozen=True)
class QuizOutcome:
    """What an attempt came to."""

    passed: bool
    wrong: tuple[str, ...]
    attempts_left: int


@transaction.atomic
def record_quiz(
    *, session: StudySession, stage: Quiz, attempt: int, answers: dict[str, str]
) -> QuizOutcome:
    """Every attempt is kept; the last failed one ends the session.

    `attempt` is the one the page was made for: sent twice, it counts once.
    """
    locked = lock_session(session)
    wrong = tuple(q.key for q in stage.questions if answers.get(q.key) != q.answer)
    made = quiz_attempts(locked, stage.key)
    left = stage.attempts - attempt
    if not takes_answers(locked) or locked.stage_key != stage.key or attempt <= made:
        return QuizOutcome(not wrong, wrong, stage.attempts - made)
    now = timezone.now()
    Answer.objects.bulk_create(
        Answer(
            session=locked,
            stage_key=stage.key,
            item=question.key,
            attempt=made + 1,
            value=answers.get(question.key),
            is_correct=question.key not in wrong,
            received_at=now,
        )
        for question in stage.questions
    )
    if not wrong:
        advance_stage(session=locked, from_stage=stage.key)
    elif left <= 0:
        screen_out(session=locked, reason=f"failed {stage.key}")
    return QuizOutcome(not wrong, wrong, left)


def quiz_attempts(session: StudySession, stage_key: str) -> int:
    """How many attempts a session has made."""
    latest = session.answers.filter(stage_key=stage_key).order_by("-attempt").first()
    return latest.attempt if latest else 0


@transaction.atomic
def record_questionnaire(
    *, session: StudySession, stage_key: str, answers: dict[str, str | None]
) -> None:
    """A questionnaire is answered once; sent again, the first stays."""
    locked = lock_session(session)
    if not takes_answers(locked) or locked.stage_key != stage_key:
        return
    assert protocol_of(locked.study).stage(stage_key).kind == "questionnaire"
    now = timezone.now()
    Answer.objects.bulk_create(
        Answer(session=locked, stage_key=stage_key, item=item, value=value, received_at=now)
        for item, value in answers.items()
    )
    advance_stage(session=locked, from_stage=stage_key)
