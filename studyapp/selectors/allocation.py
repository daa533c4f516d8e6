"""Which places are free, who holds the others, and what the ledger says.

No reader of this module may show a participant, or staff while the study runs, the arm of a place
that nobody has. One exception: the ledger in an export tells the arm of a place that came free, so
that an export of a running study is for analysts who are not blinded.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from experiments.allocation.ledger import Entry
from experiments.allocation.strata import stratum_of
from experiments.schema import Protocol
from studyapp.enums import LedgerKind, SessionState
from studyapp.models import LedgerEntry, Slot, Study, StudySession
from studyapp.selectors.studies import protocol_of

Cell = tuple[str, str]


def free_slots(study: Study, stage: str, stratum: str | None = None) -> QuerySet[Slot]:
    """Slots that can be given now, in order, to anybody or to people of a stratum."""
    slots = Slot.objects.filter(study=study, recruitment_stage=stage, holder__isnull=True)
    if stratum is not None:
        slots = slots.filter(stratum__in=("", stratum))
    for arm, of in closed_cells(study, stage):
        slots = slots.exclude(arm=arm, stratum=of)
    return slots.order_by("index")


def closed_cells(study: Study, stage: str) -> set[Cell]:
    """Arm and stratum of every closed cell."""
    closed: set[Cell] = set()
    entries = study.ledger.filter(recruitment_stage=stage, slot__isnull=True).order_by("number")
    for kind, arm, stratum in entries.values_list("kind", "arm", "stratum"):
        if kind == LedgerKind.CLOSE:
            closed.add((arm, stratum))
        else:
            closed.discard((arm, stratum))
    return closed


def cells_of(study: Study, stage: str) -> list[Cell]:
    """Arm and stratum of all that have places of their own, in order."""
    slots = Slot.objects.filter(study=study, recruitment_stage=stage).order_by()
    return sorted(slots.values_list("arm", "stratum").distinct())


def left_by(free: QuerySet[Slot], stratum: str) -> Slot | None:
    """The first free slot whose last holder was of a stratum."""
    releases = LedgerEntry.objects.filter(slot=OuterRef("pk"), kind=LedgerKind.RELEASE)
    last = Subquery(releases.order_by("-number").values("stratum")[:1])
    return free.annotate(left_by=last).filter(left_by=stratum).first()


def held_by_cell(study: Study, stage: str) -> Counter[Cell]:
    """How many hold a place now, by arm and by their own stratum. Who previews balances nothing."""
    held = Slot.objects.filter(
        study=study, recruitment_stage=stage, holder__isnull=False, holder__is_preview=False
    )
    counted = held.values_list("arm", "holder__stratum").annotate(count=Count("pk"))
    return Counter({(arm, stratum): count for arm, stratum, count in counted.order_by()})


def lapsed_slots(study: Study, stage: str, now: datetime) -> QuerySet[Slot]:
    """Slots whose holder has ended without finishing, or has not finished in time."""
    hours = protocol_of(study).allocation.release_after_hours
    held = Slot.objects.filter(study=study, recruitment_stage=stage, holder__isnull=False)
    if hours is None:
        return held.none()
    ended = Q(holder__state__in=(SessionState.SCREENED_OUT, SessionState.WITHDRAWN))
    begun = now - timedelta(hours=hours)
    late = Q(holder__state=SessionState.ACTIVE, holder__started_at__lt=begun)
    return held.filter(ended | late).select_related("holder").order_by("index")


def is_allocated_after(protocol: Protocol, stage_key: str) -> bool:
    """Whether all that a place depends on is known when a stage has been left."""
    asking = {factor.stage for factor in protocol.allocation.factors}
    return [stage.key for stage in protocol.stages if stage.key in asking][-1:] == [stage_key]


def stratum_of_session(session: StudySession) -> str:
    """The stratum a session's answers put it into."""
    factors = protocol_of(session.study).allocation.factors
    given = session.answers.filter(stage_key__in={factor.stage for factor in factors})
    answers = {(answer.stage_key, answer.item): answer.value for answer in given}
    return stratum_of(factors, answers)


def entry_of(row: LedgerEntry) -> Entry:
    """A row as it is digested and replayed."""
    return Entry(
        number=row.number,
        kind=row.kind,
        recruitment_stage=row.recruitment_stage,
        arm=row.arm,
        stratum=row.stratum,
        slot=row.slot.index if row.slot else None,
        session=row.session.code if row.session else None,
        reason=row.reason,
        at=row.at.astimezone(UTC).isoformat(),
    )


def ledger_of(study: Study) -> list[LedgerEntry]:
    """All entries, in order."""
    return list(study.ledger.select_related("slot", "session").order_by("number"))
