"""The verdict of a screening stage."""

from django.db import transaction
from django.utils import timezone

from experiments.screening import Screening
from studyapp.models import Answer, StudySession
from studyapp.selectors.progress import takes_answers
from studyapp.services.locks import lock_session
from studyapp.services.sessions import advance_stage, screen_out


@transaction.atomic
def record_screening(*, session: StudySession, stage: Screening, answers: dict[str, str]) -> None:
    """Answered once: a reload does not change the verdict. Every reason goes into the event."""
    locked = lock_session(session)
    if not takes_answers(locked) or locked.stage_key != stage.key:
        return
    now = timezone.now()
    Answer.objects.bulk_create(
        Answer(
            session=locked,
            stage_key=stage.key,
            item=question.key,
            value=answers[question.key],
            received_at=now,
        )
        for question in stage.questions
    )
    against = [key for key, _ in stage.reasons(answers)]
    if against:
        screen_out(session=locked, reason=f"{stage.key}: {', '.join(against)}")
    else:
        advance_stage(session=locked, from_stage=stage.key)
