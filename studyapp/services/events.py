"""Events: what happened, in order, never changed."""

from typing import Any

from django.utils import timezone

from studyapp.models import Event, StudySession, Trial


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
