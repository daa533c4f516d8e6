"""Withdrawal: as easy as consent."""

from django.db import transaction
from django.utils import timezone

from studyapp.enums import SessionState
from studyapp.models import Answer, Event, Response, StudySession
from studyapp.services.events import record_event


@transaction.atomic
def withdraw(*, session: StudySession, delete_answers: bool) -> None:
    """Whoever withdraws is taken at their word, once, and whatever stage they are in.

    Deleting takes every answer and event. The empty session stays as a tombstone, so that its
    slot is not given away again and the counts add up.
    """
    locked = StudySession.objects.select_for_update().get(pk=session.pk)
    if locked.state == SessionState.WITHDRAWN and (locked.answers_deleted or not delete_answers):
        return
    locked.state = SessionState.WITHDRAWN
    locked.withdrawn_at = timezone.now()
    locked.finished_at = None
    locked.answers_deleted = delete_answers
    locked.save()
    if delete_answers:
        Event.objects.filter(session=locked).delete()
        Response.objects.filter(trial__session=locked).delete()
        Answer.objects.filter(session=locked).delete()
    record_event(session=locked, kind="withdrawn", data={"answers_deleted": delete_answers})
