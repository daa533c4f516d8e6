"""Replaying an allocation from its seed and ledger: a slow, independent second reckoning."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from experiments.allocation.ledger import Entry
from experiments.allocation.method import AllocationMethod, DecidedOnArrival, SlotPlan
from experiments.allocation.slots import choose_arm, draw_slots

Place = tuple[str, int]
Slots = Mapping[str, Sequence[SlotPlan]]


@dataclass
class Replay:
    """What a ledger comes to.

    Attributes
    ----------
    slots
        As drawn from the seed.
    holders
        Code of the session that holds a slot at the end.
    differences
        Sentences that name each entry which the seed and the entries before it do not give.
    """

    slots: dict[str, list[SlotPlan]]
    holders: dict[Place, str] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    _strata: dict[str, str] = field(default_factory=dict)
    _released_by: dict[Place, str] = field(default_factory=dict)
    _closed: set[tuple[str, str, str]] = field(default_factory=set)


def replay(
    allocation: AllocationMethod,
    weights: Mapping[str, int],
    seed: int | None,
    entries: Iterable[Entry],
    stored: Slots | None = None,
) -> Replay:
    """Walk through a ledger and decide every claim anew.

    Parameters
    ----------
    allocation, weights
        As declared in the frozen protocol.
    seed
        Of the study's allocation; None where slots were drawn by an earlier version of Larus.
    entries
        In order.
    stored
        The slots of each recruitment stage in order, to be taken as they stand without a seed.
    """
    state = Replay(
        {
            stage: list((stored or {}).get(stage, ()))
            if seed is None
            else draw_slots(allocation, weights, stage, seed)
            for stage in allocation.participants
        }
    )
    for entry in entries:
        cell = (entry.recruitment_stage, entry.arm, entry.stratum)
        if entry.kind == "close":
            state._closed.add(cell)
        elif entry.kind == "reopen":
            state._closed.discard(cell)
        elif entry.kind == "release":
            _release(state, entry)
        else:
            _claim(state, entry, _next_slot(state, allocation, weights, seed, entry))
    return state


def _release(state: Replay, entry: Entry) -> None:
    place = (entry.recruitment_stage, entry.slot or 0)
    holder = state.holders.pop(place, None)
    if holder != entry.session:
        state.differences.append(
            f"entry {entry.number} takes slot {entry.slot} from {entry.session}, "
            f"but {holder or 'nobody'} held it"
        )
    state._released_by[place] = entry.stratum


def _claim(state: Replay, entry: Entry, expected: SlotPlan | None) -> None:
    if expected is None or (expected.index, expected.arm) != (entry.slot, entry.arm):
        due = f"slot {expected.index} ({expected.arm})" if expected else "no slot"
        state.differences.append(
            f"entry {entry.number} gives {entry.session} slot {entry.slot} ({entry.arm}), "
            f"but {due} was due"
        )
    state.holders[entry.recruitment_stage, entry.slot or 0] = entry.session or ""
    state._strata[entry.session or ""] = entry.stratum


def _next_slot(
    state: Replay,
    allocation: AllocationMethod,
    weights: Mapping[str, int],
    seed: int | None,
    entry: Entry,
) -> SlotPlan | None:
    stage = entry.recruitment_stage
    free = [
        slot
        for slot in state.slots[stage]
        if (stage, slot.index) not in state.holders
        and slot.stratum in ("", entry.stratum)
        and (stage, slot.arm, slot.stratum) not in state._closed
    ]
    if not isinstance(allocation, DecidedOnArrival):
        return next(iter(free), None)
    left = [slot for slot in free if state._released_by.get((stage, slot.index)) == entry.stratum]
    if left or not free:
        return next(iter(left), None)
    if seed is None:
        raise ValueError(f"{allocation.method} can't be replayed without the seed.")
    arms = {slot.index: slot.arm for slot in state.slots[stage]}
    held = Counter(
        (arms[index], state._strata[session])
        for (of, index), session in state.holders.items()
        if of == stage
    )
    arm = choose_arm(
        allocation,
        weights,
        held=held,
        candidates=[arm for arm in weights if any(slot.arm == arm for slot in free)],
        stratum=entry.stratum,
        seed=seed,
        number=entry.number,
    )
    return next(slot for slot in free if slot.arm == arm)
