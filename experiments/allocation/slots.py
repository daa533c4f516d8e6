"""The slots of a study: as many places as its protocol gives, drawn before anyone arrives."""

import random
from collections import Counter
from collections.abc import Mapping

from experiments.allocation.method import AllocationMethod, DecidedOnArrival, Held, SlotPlan
from experiments.declared import RecruitmentStage
from experiments.digest import derive_seed


def draw_slots(
    allocation: AllocationMethod, weights: Mapping[str, int], stage: RecruitmentStage, seed: int
) -> list[SlotPlan]:
    """Draw all slots of a recruitment stage, one sequence for each stratum that has a quota.

    Parameters
    ----------
    allocation
        As declared.
    weights
        Share of each arm in the ratio; their order matters.
    stage
        One of `allocation.participants`.
    seed
        Of the study; the same seed gives the same slots.

    Examples
    --------
    >>> from experiments.allocation.permuted_blocks import PermutedBlocks
    >>> pairs = PermutedBlocks(block_sizes=(2,), participants={"main": 4})
    >>> [slot.arm for slot in draw_slots(pairs, {"a": 1, "b": 1}, "main", seed=1)]
    ['a', 'b', 'a', 'b']
    """
    sizes = allocation.quotas.get(stage) or {"": allocation.participants[stage]}
    slots: list[SlotPlan] = []
    for stratum, size in sorted(sizes.items()):
        own = [stratum] if stratum else []
        generator = random.Random(derive_seed(seed, "allocation", stage, *own))
        for block, arm in allocation.draw(weights, size, generator):
            slots.append(SlotPlan(len(slots), block, arm, stratum))
    return slots


def arms_in_order(
    allocation: AllocationMethod, weights: Mapping[str, int], participants: int, seed: int
) -> list[str]:
    """Return the arms of people who come one after another and all stay.

    They are taken to be alike: of one stratum, for which there are places enough.

    Parameters
    ----------
    allocation
        As declared.
    weights
        Share of each arm in the ratio; their order matters.
    participants
        How many come.
    seed
        The same seed gives the same arms.

    Examples
    --------
    >>> from experiments.allocation.urn import Urn
    >>> arms_in_order(Urn(participants={"main": 4}), {"a": 1, "b": 1}, 4, seed=1)
    ['b', 'a', 'a', 'b']
    """
    generator = random.Random(derive_seed(seed, "allocation"))
    unit = allocation.unit(weights)
    size = -(-participants // unit) * unit
    places = [arm for _, arm in allocation.draw(weights, size, generator)]
    if not isinstance(allocation, DecidedOnArrival):
        return places[:participants]
    held: Counter[tuple[str, str]] = Counter()
    arms: list[str] = []
    for _ in range(participants):
        free = [arm for arm in weights if held[arm, ""] < places.count(arm)]
        arms.append(allocation.choose(weights, held, free, "", generator))
        held[arms[-1], ""] += 1
    return arms


def choose_arm(
    allocation: DecidedOnArrival,
    weights: Mapping[str, int],
    *,
    held: Held,
    candidates: list[str],
    stratum: str,
    seed: int,
    number: int,
) -> str:
    """Decide the arm of the person whose claim is entry `number` of the ledger."""
    generator = random.Random(derive_seed(seed, "claim", number))
    return allocation.choose(weights, held, candidates, stratum, generator)
