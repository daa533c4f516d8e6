"""Decisions about one participant: about pay and place, never about what is analysed.

Whom the analysis leaves out, the frozen plan says alone.
"""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from studyapp.enums import AuditAction, SessionState, StudyStage
from studyapp.exceptions import DecisionRefused
from studyapp.models import ExtraBonus, Rejection, Slot, StudySession
from studyapp.selectors.studies import protocol_of
from studyapp.services.allocation import release_slot
from studyapp.services.audit import record
from studyapp.services.locks import lock_session, lock_study
from studyapp.services.reasons import LONGEST, given_reason


@transaction.atomic
def reject(*, session: StudySession, reason: str, release: bool) -> None:
    """A submission is rejected once, after its run has ended; its place may be given again."""
    locked = _lock(session)
    why = given_reason(reason, DecisionRefused)
    if locked.state == SessionState.ACTIVE:
        raise DecisionRefused("This run is under way: whoever is in it may finish.")
    if Rejection.objects.filter(session=locked).exists():
        raise DecisionRefused("This submission was rejected before.")
    # Before anything is logged: whoever moves the study locks it and then the log.
    lock_study(locked.study)
    Rejection.objects.create(session=locked, reason=why, at=timezone.now())
    if release and Slot.objects.filter(holder=locked).exists():
        release_slot(session=locked, reason=f"rejected: {why}"[:LONGEST])
    details = {"session": locked.code, "reason": why}
    record(AuditAction.SUBMISSION_REJECTED, study=locked.study, details=details)


@transaction.atomic
def give_bonus(*, session: StudySession, cents: int, reason: str, key: UUID) -> None:
    """Something extra, in the currency of the protocol's payment. The same key gives it once."""
    locked = _lock(session)
    why = given_reason(reason, DecisionRefused)
    if protocol_of(locked.study).payment is None:
        raise DecisionRefused("The protocol has no rule of payment, and so no currency.")
    if cents < 1:
        raise DecisionRefused("A bonus is more than nothing.")
    if ExtraBonus.objects.filter(key=key).exists():
        return
    ExtraBonus.objects.create(session=locked, key=key, cents=cents, reason=why, at=timezone.now())
    record(
        AuditAction.BONUS_GIVEN,
        study=locked.study,
        details={"session": locked.code, "cents": cents, "reason": why},
    )


def _lock(session: StudySession) -> StudySession:
    locked = lock_session(session)
    if locked.study.stage == StudyStage.REHEARSAL:
        raise DecisionRefused("Nobody is paid for a rehearsal.")
    return locked
