"""How answers reach the server: at once, or after they had waited in a browser's outbox."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from studyapp.enums import Group
from studyapp.models import Response, Study
from studyapp.selectors.monitoring import sessions_of

# A retry or two are nothing to look into.
LATE_MS = 60_000


@dataclass(frozen=True)
class Delivery:
    """Of the answers that players sent: how many came late, of how many runs, and how late."""

    answers: int
    late: int
    late_sessions: int
    longest_ms: int | None
    last_late_at: datetime | None

    @property
    def longest_minutes(self) -> int:
        """Rounded up."""
        return -(-(self.longest_ms or 0) // 60_000)


def delivery(study: Study, group: Group) -> Delivery:
    """What browsers still keep nobody knows; what came late tells that the way was barred."""
    is_late = Q(waited_ms__gte=LATE_MS)
    sent = Response.objects.filter(
        trial__session__in=sessions_of(study, group), waited_ms__isnull=False
    )
    return Delivery(
        **sent.aggregate(
            answers=Count("pk"),
            late=Count("pk", filter=is_late),
            late_sessions=Count("trial__session", distinct=True, filter=is_late),
            longest_ms=Max("waited_ms"),
            last_late_at=Max("received_at", filter=is_late),
        )
    )
