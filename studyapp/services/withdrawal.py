"""Withdrawal: as easy as consent."""

from django.db import transaction
from django.utils import timezone

from studyapp.enums import SessionState
from studyapp.models import Answer, Event, Response, StudySession, Trial
from studyapp.services.events import record_event
from studyapp.services.locks import lock_session
from studyapp.services.recruiters import forget_visits


@transaction.atomic
def withdraw(*, session: StudySession, delete_answers: bool) -> None:
    """Whoever withdraws is taken at their word, once, and whatever stage they are in.

    Without deletion the answers given so far stay in the data and are exported. Deleting takes
    every answer and event, the times of every trial, and the ids of a recruiter. The empty session
    stays as a tombstone with its planned trials, so that the counts add up; its slot is given again
    only where the protocol releases places.
    """
    locked = lock_session(session)
    if locked.state == SessionState.WITHDRAWN and (locked.answers_deleted or not delete_answers):
        return
    locked.state = SessionState.WITHDRAWN
    locked.withdrawn_at = timezone.now()
    locked.finished_at = None
    locked.answers_deleted = delete_answers
    locked.device = None
    locked.save()
    if delete_answers:
        Event.objects.filter(session=locked).delete()
        Response.objects.filter(trial__session=locked).delete()
        Answer.objects.filter(session=locked).delete()
        forget_visits(session=locked)
        Trial.objects.filter(session=locked).update(
            served_at=None, served_again_at=None, break_ended_at=None, feedback_seen_at=None
        )
    record_event(session=locked, kind="withdrawn", data={"answers_deleted": delete_answers})
