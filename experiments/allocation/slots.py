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


def arms_of_arrivals(
    allocation: AllocationMethod, weights: Mapping[str, int], count: int, seed: int
) -> list[str]:
    """Return the arms of people who come one after the other, are of one stratum, and all stay.

    Parameters
    ----------
    allocation
        As declared; its places do not matter, there are as many as are needed.
    weights
        Share of each arm in the ratio.
    count
        How many people come.
    seed
        The same seed gives the same arms.

    Examples
    --------
    >>> from experiments.allocation.permuted_blocks import PermutedBlocks
    >>> pairs = PermutedBlocks(block_sizes=(2,), participants={"main": 4})
    >>> arms_of_arrivals(pairs, {"a": 1, "b": 1}, 3, seed=1)
    ['a', 'b', 'a']
    """
    unit = allocation.unit(weights)
    places = -(-count // unit) * unit
    enough = allocation.model_copy(update={"participants": {"main": places}, "quotas": {}})
    slots = draw_slots(enough, weights, "main", seed)
    if not isinstance(allocation, DecidedOnArrival):
        return [slot.arm for slot in slots[:count]]
    left, held, arms = Counter(slot.arm for slot in slots), Counter[tuple[str, str]](), []
    for number in range(count):
        arm = choose_arm(
            allocation,
            weights,
            held=held,
            candidates=[arm for arm in weights if left[arm]],
            stratum="",
            seed=seed,
            number=number,
        )
        left[arm] -= 1
        held[arm, ""] += 1
        arms.append(arm)
    return arms
