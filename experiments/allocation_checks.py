"""Checks of the allocation: can places be given as declared, and is all known in time?"""

from collections.abc import Iterator
from math import factorial

from experiments.allocation.minimisation import Minimisation
from experiments.allocation.permuted_blocks import PermutedBlocks
from experiments.allocation.rotation import MOST_IN_COMPLETE_ROTATION, CompleteRotation
from experiments.allocation.strata import Factor, all_strata
from experiments.enumeration import enumeration
from experiments.findings import Location, Problem
from experiments.items import ChoiceItem
from experiments.schema import Protocol, Questionnaire, Trials
from experiments.screening import Screening


def allocation_problems(protocol: Protocol) -> Iterator[Problem]:
    """Yield every problem of a protocol's allocation."""
    yield from _blocks(protocol)
    yield from _places(protocol)
    yield from _rotation(protocol)
    yield from _uses(protocol)
    for number, factor in enumerate(protocol.allocation.factors):
        yield from _factor(protocol, factor, ("allocation", "factors", number))
    yield from _quotas(protocol)
    yield from _stays(protocol)


def _blocks(protocol: Protocol) -> Iterator[Problem]:
    allocation = protocol.allocation
    if not isinstance(allocation, PermutedBlocks):
        return
    share = sum(protocol.weights().values())
    for index, size in enumerate(allocation.block_sizes):
        if size < share or size % share:
            yield Problem(
                ("allocation", "block_sizes", index),
                f"a block of {size} can't hold the arms in their ratio.",
                f"Use a multiple of {share}, the sum of the arms' weights.",
                code="block-size-not-in-ratio",
            )
    if len(set(allocation.block_sizes)) == 1:
        yield Problem(
            ("allocation", "block_sizes"),
            "with one block size the last arm of a block can be guessed.",
            f"Give two sizes, such as [{share}, {2 * share}].",
            "warning",
            code="guessable-blocks",
        )


def _places(protocol: Protocol) -> Iterator[Problem]:
    for stage, count in protocol.allocation.participants.items():
        yield from _divided(protocol, count, ("allocation", "participants", stage))


def _divided(protocol: Protocol, count: int, where: Location) -> Iterator[Problem]:
    unit = protocol.allocation.unit(protocol.weights())
    rest = count % unit
    if rest:
        below = f"{count - rest} or " if count > rest else ""
        yield Problem(
            where,
            f"{count} participants can't be divided among the arms in their ratio.",
            f"Use a multiple of {unit}: {below}{count - rest + unit}.",
            code="places-not-in-ratio",
        )


def _rotation(protocol: Protocol) -> Iterator[Problem]:
    share = sum(protocol.weights().values())
    if isinstance(protocol.allocation, CompleteRotation) and share > MOST_IN_COMPLETE_ROTATION:
        yield Problem(
            ("allocation", "method"),
            f"{share} arms have {factorial(share)} orders, too many to use each.",
            "Use latin_rotation.",
            code="many-orders",
        )


def _uses(protocol: Protocol) -> Iterator[Problem]:
    allocation = protocol.allocation
    minimises = isinstance(allocation, Minimisation)
    if allocation.quotas and not allocation.factors:
        yield Problem(
            ("allocation", "quotas"),
            "there are quotas of strata, but no factors that make strata.",
            "Declare `factors`, or leave quotas out: each arm has its share of `participants`.",
            code="quotas-without-factors",
        )
    if allocation.factors and not allocation.quotas and not minimises:
        yield Problem(
            ("allocation", "factors"),
            f"{allocation.method} does nothing with factors unless each stratum has a quota.",
            "Give `quotas`, use the method minimisation, or leave the factors out.",
            code="factors-without-use",
        )
    if isinstance(allocation, Minimisation) and not allocation.factors:
        yield Problem(
            ("allocation", "method"),
            "there is nothing to minimise over.",
            "Declare `factors`, or use the method urn or permuted_blocks.",
            code="minimisation-without-factors",
        )
    if isinstance(allocation, Minimisation) and allocation.preferred_probability == 1:
        yield Problem(
            ("allocation", "preferred_probability"),
            "who knows the participants so far can tell the next arm.",
            "Use a probability below 1, such as 0.8.",
            "warning",
            code="guessable-minimisation",
        )


def _factor(protocol: Protocol, factor: Factor, where: Location) -> Iterator[Problem]:
    place = next((i for i, s in enumerate(protocol.stages) if s.key == factor.stage), None)
    stage = None if place is None else protocol.stages[place]
    if not isinstance(stage, Screening | Questionnaire):
        yield Problem(
            (*where, "stage"),
            f"there is no screening or questionnaire {factor.stage!r}.",
            "Name one by its key.",
            code="unknown-factor-stage",
        )
        return
    if any(isinstance(earlier, Trials) for earlier in protocol.stages[:place]):
        yield Problem(
            (*where, "stage"),
            f"{factor.stage!r} comes after trials, when the arm must be known already.",
            "Move it before the first stage of trials.",
            code="factor-after-trials",
        )
    offered = _offered(stage, factor.item)
    if offered is None:
        yield Problem(
            (*where, "item"),
            f"{factor.stage!r} has no required question {factor.item!r} with choices.",
            "Name a screening question, or a required item of kind choice.",
            code="unknown-factor-item",
        )
        return
    yield from _levels(factor, offered, where)


def _offered(stage: Screening | Questionnaire, key: str) -> tuple[str, ...] | None:
    """The answers of people who go on."""
    if isinstance(stage, Screening):
        return next((q.accepted for q in stage.questions if q.key == key), None)
    item = next((item for item in stage.items if item.key == key), None)
    return item.choices if isinstance(item, ChoiceItem) and item.required else None


def _levels(factor: Factor, offered: tuple[str, ...], where: Location) -> Iterator[Problem]:
    level_of: dict[str, str] = {}
    for level, choices in factor.levels.items():
        for number, choice in enumerate(choices):
            here = (*where, "levels", level, number)
            if choice not in offered:
                yield Problem(
                    here,
                    f"nobody who goes on answers {choice!r}.",
                    f"Use one of {', '.join(repr(answer) for answer in offered)}.",
                    code="level-never-answered",
                )
            if choice in level_of:
                yield Problem(
                    here,
                    f"{choice!r} belongs to the level {level_of[choice]!r} already.",
                    "Name each answer once.",
                    code="answer-in-two-levels",
                )
            level_of[choice] = level
    for answer in offered:
        if answer not in level_of:
            yield Problem(
                (*where, "levels"),
                f"the answer {answer!r} belongs to no level.",
                "Add it to one.",
                code="answer-in-no-level",
            )


def _quotas(protocol: Protocol) -> Iterator[Problem]:
    allocation = protocol.allocation
    if not (allocation.quotas and allocation.factors):
        return
    strata = all_strata(allocation.factors)
    for stage in allocation.quotas.keys() | allocation.participants.keys():
        where: Location = ("allocation", "quotas", stage)
        quotas, places = allocation.quotas.get(stage), allocation.participants.get(stage)
        if quotas is None or places is None:
            yield Problem(
                ("allocation", "quotas"),
                f"quotas and participants do not both say how many the {stage} stage takes.",
                f"Give `participants.{stage}` and `quotas.{stage}`.",
                code="quotas-and-places",
            )
            continue
        for stratum in sorted(quotas.keys() ^ set(strata)):
            what = "is not a stratum" if stratum in quotas else "has no quota"
            do = f"The strata are {', '.join(strata)}: give each a quota."
            yield Problem(
                where,
                f"{stratum!r} {what}.",
                do,
                code="strata-and-quotas",
            )
        for stratum, count in quotas.items():
            yield from _divided(protocol, count, (*where, stratum))
        if sum(quotas.values()) != places:
            yield Problem(
                where,
                f"the quotas add up to {sum(quotas.values())}, not to {places} participants.",
                f"Change a quota, or `participants.{stage}`.",
                code="quotas-do-not-add-up",
            )


def _stays(protocol: Protocol) -> Iterator[Problem]:
    """A ledger that can't be changed keeps what the answers to the factors' questions were."""
    if protocol.allocation.factors:
        asked = enumeration(factor.item for factor in protocol.allocation.factors)
        yield Problem(
            ("allocation", "factors"),
            f"which stratum a person is of (by {asked}) is kept when they withdraw and have their "
            "answers deleted.",
            "Say in the consent that the answers which make strata stay after deletion.",
            "warning",
            code="stratum-stays-after-deletion",
        )
