"""How a study runs. Nothing here tells an outcome by arm: who watches a study stays blind.

By arm only finished runs are counted. How many places of an arm are taken would help to guess
which arm comes next.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from statistics import median
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from experiments.schema import Consent, Protocol
from experiments.sequencing import CATCH
from studyapp.enums import RECRUITS_FOR, Group, RecruitmentStage, SessionState
from studyapp.models import Event, Response, Slot, Study, StudySession
from studyapp.selectors.allocation import closed_cells
from studyapp.selectors.counting import latest
from studyapp.selectors.studies import protocol_of

# Who is silent for so long while a page waits for an answer has probably left.
IDLE_AFTER = timedelta(minutes=30)

_TROUBLES = {
    "loading_failed": "Pictures could not be loaded",
    "offline": "The network was gone",
    "reloaded": "A trial was loaded again",
    "conflicting_answer": "A second, different answer came for a trial",
    "answered_without_lease": "An answer came from a second device or tab",
}


@dataclass(frozen=True)
class ArmCount:
    """Finished runs of an arm against its places, and whether it gives any more.

    `closed` names the strata in which it does not; an empty one stands for the whole arm.
    """

    arm: str
    completed: int
    places: int
    closed: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageCount:
    """A stage of the protocol: who came to it, who stands or ended there, how long it takes."""

    title: str
    reached: int
    active: int
    idle: int
    screened_out: int
    withdrawn: int
    median_seconds: float | None

    @property
    def left(self) -> int:
        """Everybody who got no further and is not about to."""
        return self.idle + self.screened_out + self.withdrawn


@dataclass(frozen=True)
class Trouble:
    """Something that went wrong, in how many runs and when last."""

    title: str
    sessions: int
    last_at: datetime


def group_now(study: Study) -> Group:
    """Whom one wants to see first: those whom the study takes now, in a pilot of bots these."""
    if RECRUITS_FOR.get(study.stage) != RecruitmentStage.PILOT:
        return Group.MAIN
    has_people = sessions_of(study, Group.PILOT).exists()
    return Group.BOTS if not has_people and sessions_of(study, Group.BOTS).exists() else Group.PILOT


def sessions_of(study: Study, group: Group) -> QuerySet[StudySession]:
    """Bots are never counted among people."""
    stage = RecruitmentStage.MAIN if group == Group.MAIN else RecruitmentStage.PILOT
    return StudySession.objects.filter(
        study=study, recruitment_stage=stage, participant__is_bot=group == Group.BOTS
    )


def with_last_seen(sessions: QuerySet[StudySession]) -> QuerySet[StudySession]:
    """Each with the last moment at which the server heard of it."""
    heard = (
        latest(Event, "session", "occurred_at"),
        latest(Response, "trial__session", "received_at"),
    )
    known = (Coalesce(moment, F("started_at")) for moment in heard)
    return sessions.annotate(last_seen=Greatest(F("started_at"), *known))


def heard_at(session: StudySession) -> datetime:
    """The moment that `with_last_seen` found."""
    moment: datetime = session.__dict__["last_seen"]
    return moment


def is_idle(session: StudySession) -> bool:
    """Whether somebody has probably left without a word."""
    is_active = session.state == SessionState.ACTIVE
    return is_active and timezone.now() - heard_at(session) > IDLE_AFTER


def states(study: Study, group: Group) -> dict[str, int]:
    """How many runs stand in each state, all states named."""
    counted = sessions_of(study, group).values_list("state").annotate(count=Count("pk")).order_by()
    return {state.value: 0 for state in SessionState} | dict(counted)


def arm_counts(study: Study, group: Group) -> list[ArmCount]:
    """In the order of the protocol."""
    stage = RecruitmentStage.MAIN if group == Group.MAIN else RecruitmentStage.PILOT
    slots = Slot.objects.filter(study=study, recruitment_stage=stage)
    places = dict(slots.values_list("arm").annotate(count=Count("pk")).order_by())
    done = sessions_of(study, group).filter(state=SessionState.COMPLETED)
    completed = dict(done.values_list("slot__arm").annotate(count=Count("pk")).order_by())
    closed = closed_cells(study, stage)
    return [
        ArmCount(
            arm,
            completed.get(arm, 0),
            places.get(arm, 0),
            tuple(sorted(stratum for of, stratum in closed if of == arm)),
        )
        for arm in protocol_of(study).arms
    ]


def page_counts(study: Study, group: Group) -> list[PageCount]:
    """Every stage after the consent, in order: where people are lost, and how long they take."""
    protocol = protocol_of(study)
    standing = Counter(_standings(with_last_seen(sessions_of(study, group))))
    seconds = _median_seconds(study, group, protocol)
    stages = [stage for stage in protocol.stages if not isinstance(stage, Consent)]
    here = [sum(standing[stage.key, kind] for kind in _KINDS) for stage in stages]
    reached = list(accumulate(reversed(here)))[::-1]
    return [
        PageCount(
            stage.title,
            count,
            active=standing[stage.key, "active"],
            idle=standing[stage.key, "idle"],
            screened_out=standing[stage.key, "screened_out"],
            withdrawn=standing[stage.key, "withdrawn"],
            median_seconds=seconds.get(stage.key),
        )
        for stage, count in zip(stages, reached, strict=True)
    ]


_KINDS = ("active", "idle", "completed", "screened_out", "withdrawn")


def _standings(sessions: QuerySet[StudySession]) -> Iterator[tuple[str, str]]:
    for session in sessions:
        yield session.stage_key, "idle" if is_idle(session) else session.state


def _median_seconds(study: Study, group: Group, protocol: Protocol) -> dict[str, float]:
    """By stage, from its first page to the first of the next stage."""
    first = next(s.key for s in protocol.stages if not isinstance(s, Consent))
    events = Event.objects.filter(
        session__in=sessions_of(study, group), kind__in=("consented", "stage_reached")
    ).order_by("session", "pk")
    moves: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for session_id, data, at in events.values_list("session_id", "data", "occurred_at"):
        moves[session_id].append((data.get("stage_key", first), at))
    spent: dict[str, list[float]] = defaultdict(list)
    for own in moves.values():
        for (stage_key, begun), (_, ended) in pairwise(own):
            spent[stage_key].append((ended - begun).total_seconds())
    return {stage_key: median(times) for stage_key, times in spent.items()}


def failed_checks(study: Study, group: Group) -> tuple[int, int]:
    """How many runs failed an attention check, of how many that answered one."""
    answered = Response.objects.filter(
        trial__session__in=sessions_of(study, group), trial__trial_type=CATCH, is_conflict=False
    )
    counted = answered.aggregate(
        all=Count("trial__session", distinct=True),
        failed=Count(
            "trial__session", distinct=True, filter=~Q(choice=F("trial__instructed_choice"))
        ),
    )
    return counted["failed"], counted["all"]


def troubles(study: Study, group: Group) -> list[Trouble]:
    """What went wrong in browsers and on the way, the most frequent first."""
    events = Event.objects.filter(session__in=sessions_of(study, group), kind__in=_TROUBLES)
    counted = (
        events.values_list("kind")
        .annotate(sessions=Count("session", distinct=True), last_at=Max("occurred_at"))
        .order_by("-sessions", "kind")
    )
    return [Trouble(_TROUBLES[kind], sessions, last_at) for kind, sessions, last_at in counted]


def last_seen(study: Study, group: Group) -> datetime | None:
    """When the server last heard of anybody."""
    seen: dict[str, Any] = with_last_seen(sessions_of(study, group)).aggregate(at=Max("last_seen"))
    moment: datetime | None = seen["at"]
    return moment
