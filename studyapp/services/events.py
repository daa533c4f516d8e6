"""Events: what happened, in order, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from studyapp.exceptions import AnswerRefused, SessionOver
from studyapp.models import Event, StudySession, Trial
from studyapp.selectors.progress import why_nothing_is_stored
from studyapp.services.locks import lock_session

# A long session with much interaction has some thousands.
MOST_EVENTS = 50_000


@dataclass(frozen=True)
class BrowserEvent:
    """What a browser tells; `trial` is the uid of one of the session's trials."""

    key: UUID
    kind: str
    trial: UUID | None = None
    since_onset_ms: float | None = None
    data: dict[str, Any] = field(default_factory=dict)


def record_event(
    *,
    session: StudySession,
    kind: str,
    data: dict[str, Any] | None = None,
    trial: Trial | None = None,
) -> Event:
    """Every event carries the server's time."""
    return Event.objects.create(
        session=session, trial=trial, kind=kind, data=data or {}, occurred_at=timezone.now()
    )


@transaction.atomic
def record_browser_events(*, session: StudySession, events: Sequence[BrowserEvent]) -> int:
    """Store what is not stored yet, all or nothing, and return how many of them are here."""
    locked = lock_session(session)
    reason = why_nothing_is_stored(locked)
    if reason is not None:
        raise SessionOver(reason, "events")
    if locked.events.count() + len(events) > MOST_EVENTS:
        raise AnswerRefused(f"A session stores at most {MOST_EVENTS} events.", "events")
    served = locked.trials.filter(served_at__isnull=False, uid__in={e.trial for e in events})
    trials = dict(served.values_list("uid", "pk"))
    for number, event in enumerate(events):
        if event.trial is not None and event.trial not in trials:
            raise AnswerRefused("This trial was never sent.", f"events.{number}.trial")
    now = timezone.now()
    Event.objects.bulk_create(
        (
            Event(
                key=event.key,
                session=locked,
                trial_id=trials[event.trial] if event.trial else None,
                kind=event.kind,
                data=event.data,
                since_onset_ms=event.since_onset_ms if event.trial else None,
                occurred_at=now,
            )
            for event in events
        ),
        ignore_conflicts=True,
    )
    return locked.events.filter(key__in=[event.key for event in events]).count()
