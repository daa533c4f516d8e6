"""Answers to trials: stored once, whatever the browser or the network does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from experiments.schema import Trials
from experiments.timing import Timing
from studyapp.exceptions import AnswerRefused, SessionOver
from studyapp.models import Response, StudySession, Trial
from studyapp.selectors.progress import (
    Asking,
    answered,
    questions_due,
    takes_answers,
    why_nothing_is_stored,
)
from studyapp.selectors.schedule import Schedule, schedule_of
from studyapp.selectors.studies import protocol_of
from studyapp.services.events import record_event
from studyapp.services.locks import lock_session

# What the column holds: a little less than 25 days.
_LONGEST_SERVER_MS = 2**31 - 1


@dataclass(frozen=True)
class Receipt:
    """What became of a submission, and where the session stands with it."""

    outcome: Literal["new", "same", "conflict"]
    response: Response
    session: StudySession
    schedule: Schedule

    @property
    def is_last_of_stage(self) -> bool:
        """Whether its stage wants no answer any more."""
        return self.schedule.of_stage(self.response.trial.stage_key).next_open() is None


@transaction.atomic
def serve_trial(*, asking: Asking) -> None:
    """The first time a page is sent is the one that counts; a reload is an event."""
    if takes_answers(lock_session(asking.trial.session)) and not note_served([asking]):
        record_event(session=asking.trial.session, kind="reloaded", trial=asking.trial)


def note_served(askings: Sequence[Asking]) -> int:
    """Note when questions are sent for the first time; say how many were."""
    now, noted = timezone.now(), 0
    for column in ("served_at", "served_again_at"):
        sent = [asking.trial.pk for asking in askings if _served_column(asking) == column]
        fresh = Trial.objects.filter(pk__in=sent, **{f"{column}__isnull": True})
        noted += fresh.update(**{column: now}) if sent else 0
    return noted


def _served_column(asking: Asking) -> str:
    is_again = asking.trial.asks_first and not asking.is_first
    return "served_again_at" if is_again else "served_at"


@transaction.atomic
def record_response(
    *,
    session: StudySession,
    trial: Trial,
    key: UUID,
    choice: str,
    is_first: bool = False,
    confidence: int | None = None,
    rt_ms: float | None = None,
    timing: Timing | None = None,
    waited_ms: int | None = None,
    device: UUID | None = None,
) -> Receipt:
    """One answer to a question counts: the one that came first.

    A trial that asks twice, before the explanation is shown and with it, has two questions.
    The same submission again, or the same answer again, changes nothing. A different one is kept
    and flagged, even when it comes after the session was completed: a stale tab tells something
    about the answer that counts. Nothing is stored for who has withdrawn or was screened out, in a
    closed study or too late. Trials can't be answered ahead of their block. A device that no longer
    holds the session may deliver what it had: an event says so.
    """
    locked = lock_session(session)
    trial.session = locked
    asking = Asking(trial, is_first)
    schedule = schedule_of(locked)
    known = list(Response.objects.filter(Q(trial=trial, is_first=is_first) | Q(key=key)))
    given = [row for row in known if row.trial_id == trial.pk and row.is_first == is_first]
    counted = next((row for row in given if not row.is_conflict), None)
    resent = next((row for row in given if row.key == key), None)
    for earlier in (resent, counted):
        if earlier and (earlier.choice, earlier.confidence) == (choice, confidence):
            return Receipt("same", earlier, locked, schedule)
    _check_not_over(locked)
    if counted is None and (trial.pk, is_first) not in questions_due(locked, schedule):
        raise AnswerRefused("This picture is not one to answer now.")
    if len(given) < len(known):
        raise AnswerRefused("This key belongs to an answer to another question.", "key")
    _check_answer(trial, choice, confidence)
    said = {
        "choice": choice,
        "confidence": confidence,
        "rt_ms": rt_ms,
        "waited_ms": waited_ms,
    }
    if counted is not None:
        kept = _store_conflict(asking, timing, key=uuid4() if resent else key, **said)
        return Receipt("conflict", kept, locked, schedule)
    if device and locked.device and device != locked.device:
        record_event(session=locked, kind="answered_without_lease", trial=trial)
    stored = _store(asking, timing, _server_ms(asking, timing), key=key, **said)
    return Receipt("new", stored, locked, schedule.with_answer(trial.pk, is_first=is_first))


def _check_not_over(session: StudySession) -> None:
    reason = why_nothing_is_stored(session)
    if reason is not None:
        raise SessionOver(reason)


def _check_answer(trial: Trial, choice: str, confidence: int | None) -> None:
    stage = protocol_of(trial.session.study).stage(trial.stage_key)
    if choice not in trial.choice_order:
        raise AnswerRefused("Please choose one of the answers.", "choice")
    levels = len(stage.confidence.levels) if isinstance(stage, Trials) and stage.confidence else 0
    if levels and (confidence is None or not 1 <= confidence <= levels):
        raise AnswerRefused("Please say how sure you are.", "confidence")
    if not levels and confidence is not None:
        raise AnswerRefused("Nobody asked how sure you are.", "confidence")


def _store(
    asking: Asking, timing: Timing | None, server_ms: int | None = None, **columns: Any
) -> Response:
    measured = timing.columns() if timing else {}
    return Response.objects.create(
        trial=asking.trial,
        is_first=asking.is_first,
        server_ms=server_ms,
        received_at=timezone.now(),
        **columns,
        **measured,
    )


def _store_conflict(asking: Asking, timing: Timing | None, **columns: Any) -> Response:
    """What the browser measured belongs to its answer, whether or not that answer counts."""
    response = _store(asking, timing, is_conflict=True, **columns)
    record_event(session=asking.trial.session, kind="conflicting_answer", trial=asking.trial)
    return response


def _server_ms(asking: Asking, timing: Timing | None) -> int | None:
    """A player is sent several trials at once: that moment says nothing about one of them."""
    served_at = getattr(asking.trial, _served_column(asking))
    return None if timing else _elapsed_ms(served_at, timezone.now())


def _elapsed_ms(start: datetime | None, end: datetime) -> int | None:
    """A time that can't be right, or is no time of answering, is missing."""
    if start is None:
        return None
    elapsed = round((end - start).total_seconds() * 1000)
    return elapsed if 0 <= elapsed <= _LONGEST_SERVER_MS else None


@transaction.atomic
def end_break(*, trial: Trial) -> None:
    """A break is over once."""
    if not takes_answers(lock_session(trial.session)):
        return
    Trial.objects.filter(pk=trial.pk, break_ended_at__isnull=True).update(
        break_ended_at=timezone.now()
    )


@transaction.atomic
def dismiss_feedback(*, trial: Trial) -> None:
    """Feedback has been read once the participant moves on; only an answered trial has any."""
    if not takes_answers(lock_session(trial.session)):
        return
    unread = answered(Trial.objects.filter(pk=trial.pk, feedback_seen_at__isnull=True))
    Trial.objects.filter(pk__in=unread.values("pk")).update(feedback_seen_at=timezone.now())
