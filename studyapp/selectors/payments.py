"""What is due to whom, by the protocol's payment rule."""

from django.db.models import F, Sum

from experiments.sequencing import CATCH
from studyapp.models import ExtraBonus, Rejection, Response, StudySession
from studyapp.selectors.progress import has_completed
from studyapp.selectors.studies import protocol_of


def due_to(session: StudySession) -> dict[str, int | None]:
    """Fixed amount and bonus in hundredths of the currency.

    Nothing is due by the rule before a session is completed, nor for a rejected submission; what
    staff gave by hand comes on top. None stands where the protocol has no rule, and where the
    answers were deleted, so that nobody can tell what they earned.
    """
    payment = protocol_of(session.study).payment
    if payment is None:
        return {"payment_cents": None, "bonus_cents": None}
    extra = ExtraBonus.objects.filter(session=session).aggregate(cents=Sum("cents"))["cents"] or 0
    if not is_paid(session):
        return {"payment_cents": 0, "bonus_cents": extra}
    bonus = payment.bonus
    if bonus is None or session.answers_deleted:
        return {"payment_cents": payment.cents, "bonus_cents": extra or None}
    earned = bonus.cents(_right_answers(session, bonus.phase))
    return {"payment_cents": payment.cents, "bonus_cents": earned + extra}


def is_paid(session: StudySession) -> bool:
    """Whoever has completed the study is, unless the submission was rejected."""
    return has_completed(session) and not Rejection.objects.filter(session=session).exists()


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
