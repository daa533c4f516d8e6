"""What is due to whom, by the protocol's payment rule."""

from django.db.models import F

from experiments.sequencing import CATCH
from studyapp.models import Response, StudySession
from studyapp.selectors.progress import has_completed
from studyapp.selectors.studies import protocol_of


def due_to(session: StudySession) -> dict[str, int | None]:
    """Fixed amount and bonus in hundredths of the currency.

    Nothing is due before a session is completed. None stands where the protocol has no such rule,
    and where the answers were deleted, so that nobody can tell a bonus.
    """
    payment = protocol_of(session.study).payment
    if payment is None:
        return {"payment_cents": None, "bonus_cents": None}
    if not has_completed(session):
        return {"payment_cents": 0, "bonus_cents": 0}
    bonus = payment.bonus
    if bonus is None or session.answers_deleted:
        return {"payment_cents": payment.cents, "bonus_cents": None}
    earned = bonus.cents(_right_answers(session, bonus.phase))
    return {"payment_cents": payment.cents, "bonus_cents": earned}


def _right_answers(session: StudySession, phase: str) -> int:
    """A conflicting answer never counts, nor does the first of two."""
    counting = Response.objects.filter(
        trial__session=session,
        trial__phase=phase,
        is_conflict=False,
        is_first=False,
        choice=F("trial__right_choice"),
    )
    return counting.exclude(trial__trial_type=CATCH).count()
