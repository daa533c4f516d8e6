"""The table of a study's participants. No arm, no answer: only how each run goes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from experiments.sequencing import CATCH
from studyapp.enums import Group, SessionState
from studyapp.models import Event, Rejection, Response, Slot, Study, StudySession, Trial
from studyapp.selectors.counting import count_of
from studyapp.selectors.monitoring import heard_at, is_idle, sessions_of, with_last_seen
from studyapp.selectors.studies import protocol_of


@dataclass(frozen=True)
class ParticipantRow:
    """A run as the staff sees it."""

    participant: str
    session: str
    state: str
    stage: str
    answered: int
    expected: int
    flags: tuple[str, ...]
    started_at: datetime
    last_seen: datetime


# Who reads a timeline stays blind: what is done with an explanation tells the arm.
_IN_EVERY_ARM = (
    *("consented", "stage_reached", "screened_out", "withdrawn", "sent_back"),
    *("reloaded", "lease_taken", "answered_without_lease", "conflicting_answer"),
    *("page_hidden", "page_shown", "help_opened", "offline", "online", "loading_failed"),
)


def participant_sessions(study: Study, group: Group, state: str = "") -> QuerySet[StudySession]:
    """Newest first, with every figure of the table in one query."""
    counted = Response.objects.filter(is_conflict=False)
    failed = counted.filter(trial__trial_type=CATCH).exclude(choice=F("trial__instructed_choice"))
    sessions = with_last_seen(sessions_of(study, group)).annotate(
        trial_count=count_of(Trial.objects.all(), "session"),
        first_count=count_of(Trial.objects.filter(asks_first=True), "session"),
        answered=count_of(counted, "trial__session"),
        failed_checks=count_of(failed, "trial__session"),
        conflicts=count_of(Response.objects.filter(is_conflict=True), "trial__session"),
        failures=count_of(Event.objects.filter(kind="loading_failed"), "session"),
        rejections=count_of(Rejection.objects.all(), "session"),
    )
    wanted = Q(state=state) if state in SessionState.values else Q()
    return sessions.filter(wanted).select_related("participant").order_by("-started_at", "-pk")


def row_of(session: StudySession) -> ParticipantRow:
    """The same of one run."""
    group = Group.BOTS if session.participant.is_bot else Group(session.recruitment_stage)
    (found,) = participant_sessions(session.study, group).filter(pk=session.pk)
    return participant_rows(session.study, [found])[0]


def holds_a_place(session: StudySession) -> bool:
    """Whether a place could be given to somebody else."""
    return Slot.objects.filter(holder=session).exists()


def timeline(session: StudySession) -> list[dict[str, Any]]:
    """What happened, when, and at which page; nothing that only some arms could do."""
    titles = {stage.key: stage.title for stage in protocol_of(session.study).stages}
    events = Event.objects.filter(session=session, kind__in=_IN_EVERY_ARM).order_by("pk")
    return [
        {
            "kind": kind.replace("_", " "),
            "occurred_at": at,
            "where": titles.get(data.get("stage_key", ""), ""),
        }
        for kind, at, data in events.values_list("kind", "occurred_at", "data")
    ]


def participant_rows(study: Study, sessions: list[StudySession]) -> list[ParticipantRow]:
    """What the table says of some of `participant_sessions`."""
    titles = {stage.key: stage.title for stage in protocol_of(study).stages}
    return [_row(session, titles) for session in sessions]


def _row(session: StudySession, titles: dict[str, str]) -> ParticipantRow:
    figures = session.__dict__  # annotations are no fields of the model
    return ParticipantRow(
        participant=session.participant.code,
        session=session.code,
        state=_state(session),
        stage=titles[session.stage_key],
        answered=figures["answered"],
        expected=figures["trial_count"] + figures["first_count"],
        flags=tuple(_flags(figures)),
        started_at=session.started_at,
        last_seen=heard_at(session),
    )


def _state(session: StudySession) -> str:
    if session.answers_deleted:
        return "withdrawn, answers deleted"
    if is_idle(session):
        return "idle"
    return SessionState(session.state).label.lower()


_FLAGS = (
    ("failed_checks", "failed check"),
    ("conflicts", "conflicting answer"),
    ("failures", "picture not loaded"),
)


def _flags(figures: dict[str, int]) -> list[str]:
    flags = [f"{figures[name]} × {words}" for name, words in _FLAGS if figures[name]]
    return [*flags, "rejected"] if figures["rejections"] else flags
