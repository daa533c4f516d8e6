"""Whether seed and ledger give the allocation that the database holds."""

from collections.abc import Iterator

from experiments.allocation.ledger import Entry, broken_link
from experiments.allocation.method import SlotPlan
from experiments.allocation.replay import Replay, replay
from studyapp.enums import LedgerKind
from studyapp.models import Study
from studyapp.selectors.allocation import entry_of
from studyapp.selectors.studies import protocol_of


def replay_differences(study: Study) -> list[str]:
    """Every difference as a sentence; none means equal."""
    rows = list(study.ledger.select_related("slot", "session").order_by("number"))
    entries = [entry_of(row) for row in rows]
    digests = [row.digest for row in rows]
    protocol = protocol_of(study)
    replayed = replay(
        protocol.allocation, protocol.weights(), study.allocation_seed, entries, _stored(study)
    )
    broken = broken_link(study.digest, zip(entries, digests, strict=True))
    return [
        *(
            [f"entry {broken} of the ledger was changed, or one before it is missing"]
            if broken
            else []
        ),
        *replayed.differences,
        *_slots(study, replayed),
        *_sessions(study, entries),
    ]


def _stored(study: Study) -> dict[str, list[SlotPlan]]:
    slots: dict[str, list[SlotPlan]] = {}
    for slot in study.slots.order_by("recruitment_stage", "index"):
        plan = SlotPlan(slot.index, slot.block, slot.arm, slot.stratum)
        slots.setdefault(slot.recruitment_stage, []).append(plan)
    return slots


def _slots(study: Study, replayed: Replay) -> Iterator[str]:
    drawn = {(stage, slot.index): slot for stage, own in replayed.slots.items() for slot in own}
    for slot in study.slots.select_related("holder").order_by("recruitment_stage", "index"):
        place = (slot.recruitment_stage, slot.index)
        plan = drawn.pop(place, None)
        as_drawn = plan and (plan.block, plan.arm, plan.stratum)
        if as_drawn != (slot.block, slot.arm, slot.stratum):
            yield f"{slot} is not as the seed draws it"
        holder = slot.holder.code if slot.holder else None
        due = replayed.holders.get(place)
        if holder != due:
            yield f"{slot} is held by {holder or 'nobody'}, by the ledger by {due or 'nobody'}"
    yield from (f"{stage} slot {index} is missing" for stage, index in drawn)


def _sessions(study: Study, entries: list[Entry]) -> Iterator[str]:
    claims = {entry.session: entry for entry in entries if entry.kind == LedgerKind.CLAIM}
    for session in study.sessions.select_related("slot").order_by("pk"):
        claim = claims.pop(session.code, None)
        due = claim and (claim.recruitment_stage, claim.slot, claim.stratum)
        slot = session.slot
        found = slot and (slot.recruitment_stage, slot.index, session.stratum)
        if found != due:
            yield f"session {session.code} has {slot or 'no slot'}, by the ledger another"
    yield from (f"session {code} of the ledger is missing" for code in claims)
