"""Checks of arms whose participants meet several conditions: is everything met equally often?"""

from collections.abc import Iterator
from typing import get_args

from experiments.counterbalancing import lists_of
from experiments.findings import Problem
from experiments.schema import Arm, Phase, Protocol
from experiments.stimulus_checks import numbered_trials, picture_count


def counterbalancing_problems(protocol: Protocol) -> Iterator[Problem]:
    """Yield every problem of lists of conditions, and of a plan that compares conditions."""
    for key, arm in protocol.arms.items():
        yield from _repeated(key, arm)
        yield from _uneven_places(key, arm, protocol)
    yield from _uneven_pictures(protocol)
    yield from _idle_blocks(protocol)
    yield from _factor(protocol)


def _repeated(key: str, arm: Arm) -> Iterator[Problem]:
    for phase in get_args(Phase):
        met = arm.conditions_in(phase)
        if len(set(met)) < len(met):
            yield Problem(
                ("arms", key, phase),
                "a condition is listed twice.",
                "List each condition once.",
                code="condition-twice-in-arm",
            )


def _uneven_places(key: str, arm: Arm, protocol: Protocol) -> Iterator[Problem]:
    lists = _lists(arm, protocol)
    share = sum(own.weight for own in protocol.arms.values())
    for stage, count in protocol.allocation.participants.items():
        places = count * arm.weight // share
        if places % lists:
            yield Problem(
                ("allocation", "participants", stage),
                f"arm {key} has {places} places for {lists} counterbalanced lists, so that some "
                "lists are given oftener than others.",
                f"Give the arm a multiple of {lists}.",
                "warning",
                code="places-not-in-lists",
            )


def _lists(arm: Arm, protocol: Protocol) -> int:
    counts = (
        lists_of(arm.conditions_in(stage.phase), in_blocks=stage.condition_order == "blocks")
        for stage in protocol.trials_stages()
    )
    return max(counts, default=1)


def _uneven_pictures(protocol: Protocol) -> Iterator[Problem]:
    for index, stage in numbered_trials(protocol):
        count = picture_count(stage, protocol)
        for key, arm in protocol.arms.items():
            conditions = len(arm.conditions_in(stage.phase))
            if count < conditions:
                yield Problem(
                    ("stages", index, "stimuli"),
                    f"{count} pictures can't show arm {key} {conditions} conditions.",
                    "Show more pictures, or list fewer conditions.",
                    code="fewer-pictures-than-conditions",
                )
            elif conditions > 1 and count % (conditions * len(protocol.species)):
                yield Problem(
                    ("stages", index, "stimuli"),
                    f"{count} pictures of {len(protocol.species)} species can't be divided evenly "
                    f"among the {conditions} conditions of arm {key}, so that a participant sees "
                    "some species oftener under one condition than under another.",
                    f"Show a multiple of {conditions} pictures a species.",
                    "warning",
                    code="pictures-not-in-conditions",
                )


def _idle_blocks(protocol: Protocol) -> Iterator[Problem]:
    for index, stage in numbered_trials(protocol):
        met = (arm.conditions_in(stage.phase) for arm in protocol.arms.values())
        if stage.condition_order == "blocks" and all(len(own) < 2 for own in met):
            yield Problem(
                ("stages", index, "condition_order"),
                f"no arm meets several conditions in {stage.phase}, so that there are no blocks.",
                "Give an arm a list of conditions in this phase, or remove it.",
                code="idle-condition-order",
            )


def _factor(protocol: Protocol) -> Iterator[Problem]:
    plan = protocol.analysis
    if plan.factor == "condition" and all(
        len(arm.conditions_in(plan.phase)) < 2 for arm in protocol.arms.values()
    ):
        yield Problem(
            ("analysis", "factor"),
            f"nobody meets several conditions in the {plan.phase}, so that conditions can't be "
            "compared within participants.",
            "Write `factor: arm`, or give an arm a list of conditions.",
            code="nothing-within-participants",
        )
