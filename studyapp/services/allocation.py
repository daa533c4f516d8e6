"""Giving places and taking them back. Every change is an entry of the ledger, but in rehearsals.

Whoever calls holds the lock of the study (`lock_study`), so that places are given one by one.
"""

from django.db import transaction
from django.utils import timezone

from experiments.allocation.method import DecidedOnArrival
from experiments.allocation.slots import choose_arm
from studyapp.enums import AuditAction, LedgerKind, RecruitmentStage, SessionState, StudyStage
from studyapp.exceptions import AllocationRefused, StudyFull
from studyapp.models import LedgerEntry, Slot, Study, StudySession
from studyapp.selectors.allocation import (
    cells_of,
    closed_cells,
    entry_of,
    free_slots,
    held_by_cell,
    lapsed_slots,
    left_by,
)
from studyapp.selectors.studies import protocol_of
from studyapp.services.audit import record
from studyapp.services.locks import lock_study
from studyapp.services.reasons import given_reason

_WHY_LAPSED = {
    SessionState.ACTIVE: "not finished in time",
    SessionState.SCREENED_OUT: "screened out",
    SessionState.WITHDRAWN: "withdrawn",
}
_LOGGED = {
    LedgerKind.CLOSE: AuditAction.CELL_CLOSED,
    LedgerKind.REOPEN: AuditAction.CELL_REOPENED,
}


def claim_slot(*, study: Study, session: StudySession, stratum: str) -> Slot:
    """Give a session its place, after taking back those that have lapsed."""
    stage = session.recruitment_stage
    release_lapsed(study=study, recruitment_stage=stage)
    slot = _choose(study, stage, stratum)
    if slot is None:
        raise StudyFull(_full(stage))
    taken = Slot.objects.filter(pk=slot.pk, holder__isnull=True).update(holder=session)
    if taken != 1:
        raise AllocationRefused(f"{slot} went to somebody else meanwhile: nothing was changed.")
    session.slot, session.stratum = slot, stratum
    session.save(update_fields=["slot", "stratum"])
    _enter(study, LedgerKind.CLAIM, stage, (slot.arm, stratum), slot=slot, session=session)
    return slot


def require_a_free_slot(*, study: Study, recruitment_stage: RecruitmentStage) -> None:
    """Nobody is asked questions where no answer can lead to a place."""
    release_lapsed(study=study, recruitment_stage=recruitment_stage)
    if not free_slots(study, recruitment_stage).exists():
        raise StudyFull(_full(recruitment_stage))


def _full(recruitment_stage: str) -> str:
    return f"Every place of the {recruitment_stage} stage has been given away."


def _choose(study: Study, stage: str, stratum: str) -> Slot | None:
    """A place that somebody left goes to the next who comes; else the method decides."""
    protocol = protocol_of(study)
    allocation, weights = protocol.allocation, protocol.weights()
    free = free_slots(study, stage, stratum)
    if not isinstance(allocation, DecidedOnArrival):
        return free.first()
    seed = study.allocation_seed
    assert seed is not None, "only slots drawn ahead are of before there was a seed"
    left = left_by(free, stratum)
    arms = set(free.order_by().values_list("arm", flat=True).distinct())
    if left is not None or not arms:
        return left
    arm = choose_arm(
        allocation,
        weights,
        held=held_by_cell(study, stage),
        candidates=[arm for arm in weights if arm in arms],
        stratum=stratum,
        seed=seed,
        number=_next_number(study),
    )
    return free.filter(arm=arm).first()


def release_lapsed(*, study: Study, recruitment_stage: str) -> None:
    """Take back the places of those who left, as long after consent as the protocol says."""
    for slot in lapsed_slots(study, recruitment_stage, timezone.now()):
        assert slot.holder is not None
        _release(study, slot, slot.holder, _WHY_LAPSED[SessionState(slot.holder.state)])


@transaction.atomic
def release_slot(*, session: StudySession, reason: str) -> None:
    """Staff take a place back, as after a rejection. The session keeps its data and goes on."""
    study = lock_study(session.study)
    slot = Slot.objects.filter(holder=session).first()
    if slot is None:
        raise AllocationRefused(f"The session {session.code} holds no place.")
    why = given_reason(reason, AllocationRefused)
    _release(study, slot, session, why)
    record(AuditAction.SLOT_RELEASED, study=study, details={"session": session.code, "reason": why})


def _release(study: Study, slot: Slot, session: StudySession, reason: str) -> None:
    freed = Slot.objects.filter(pk=slot.pk, holder=session).update(holder=None)
    if freed != 1:
        raise AllocationRefused(f"{slot} is not held by {session.code}: nothing was changed.")
    cell = (slot.arm, session.stratum)
    stage = slot.recruitment_stage
    _enter(study, LedgerKind.RELEASE, stage, cell, slot=slot, session=session, reason=reason)


@transaction.atomic
def close_cell(
    *, study: Study, recruitment_stage: RecruitmentStage, arm: str, stratum: str, reason: str
) -> None:
    """From now on nobody gets a place of a cell; who has one goes on."""
    locked = lock_study(study)
    _check_cell(locked, recruitment_stage, arm, stratum)
    if (arm, stratum) in closed_cells(locked, recruitment_stage):
        raise AllocationRefused(f"{_cell_name(arm, stratum)} is closed already.")
    _change_cell(LedgerKind.CLOSE, locked, recruitment_stage, (arm, stratum), reason)


@transaction.atomic
def reopen_cell(
    *, study: Study, recruitment_stage: RecruitmentStage, arm: str, stratum: str, reason: str
) -> None:
    """A closed cell gives places again."""
    locked = lock_study(study)
    _check_cell(locked, recruitment_stage, arm, stratum)
    if (arm, stratum) not in closed_cells(locked, recruitment_stage):
        raise AllocationRefused(f"{_cell_name(arm, stratum)} is not closed.")
    _change_cell(LedgerKind.REOPEN, locked, recruitment_stage, (arm, stratum), reason)


def _check_cell(study: Study, stage: str, arm: str, stratum: str) -> None:
    cells = cells_of(study, stage)
    if (arm, stratum) not in cells:
        known = "; ".join(_cell_name(*cell) for cell in cells) or "none"
        raise AllocationRefused(
            f"The {stage} stage has no {_cell_name(arm, stratum)}. It has: {known}."
        )


def _change_cell(
    kind: LedgerKind, study: Study, stage: str, cell: tuple[str, str], reason: str
) -> None:
    why = given_reason(reason, AllocationRefused)
    _enter(study, kind, stage, cell, reason=why)
    arm, stratum = cell
    told = {"recruitment_stage": str(stage), "arm": arm, "stratum": stratum, "reason": why}
    record(_LOGGED[kind], study=study, details=told)


def _cell_name(arm: str, stratum: str) -> str:
    return f"arm {arm}" + (f" in stratum {stratum}" if stratum else "")


def _next_number(study: Study) -> int:
    """What a draw at this moment is seeded with. A rehearsal has no ledger to count by."""
    if study.stage == StudyStage.REHEARSAL:
        return study.sessions.filter(is_preview=False).count()
    return _last_entry(study)[0] + 1


def _last_entry(study: Study) -> tuple[int, str]:
    """Number and digest that the next entry follows."""
    last = study.ledger.order_by("-number").first()
    return (last.number, last.digest) if last else (0, study.digest)


def _enter(
    study: Study,
    kind: LedgerKind,
    recruitment_stage: str,
    cell: tuple[str, str],
    *,
    slot: Slot | None = None,
    session: StudySession | None = None,
    reason: str = "",
) -> None:
    # It could never be deleted with the plan that was tried out.
    if study.stage == StudyStage.REHEARSAL:
        return
    number, digest = _last_entry(study)
    arm, stratum = cell
    row = LedgerEntry(
        study=study,
        number=number + 1,
        kind=kind.value,
        recruitment_stage=recruitment_stage,
        arm=arm,
        stratum=stratum,
        slot=slot,
        session=session,
        reason=reason,
        at=timezone.now(),
    )
    row.digest = entry_of(row).digest(digest)
    row.save()
