"""What is asked of a simulation: sizes, effects, arms and people, turned into points of a curve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import get_args

from analysis.errors import PowerError
from analysis.glmm.coding import Floats
from analysis.power.assumptions import expected_accuracy, shift_to
from analysis.power.design import pictures_of, plan_design
from analysis.power.studies import Point, Run
from experiments.respondents import ResponseModel
from experiments.schema import Condition, Phase, Protocol


@dataclass(frozen=True)
class Question:
    """What to simulate.

    Attributes
    ----------
    participants, pictures, effects
        Every combination is a point; an effect is a difference of accuracies, -1 to 1. The null
        is simulated besides.
    shares_of_effect
        How much of the effect each arm has; an arm that is not named has none.
    respondents
        Name or file of the response model.
    response_model
        The people.
    accuracy
        Of attentive people in arms without the effect; None leaves what the response model gives.
    """

    protocol: Protocol
    participants: Sequence[int]
    pictures: Sequence[int]
    effects: Sequence[float]
    shares_of_effect: Mapping[str, float]
    respondents: str
    response_model: ResponseModel
    accuracy: float | None
    studies: int
    seed: int
    wanted_power: float = 0.8


def default_effects(protocol: Protocol) -> list[float]:
    """Return half, all and one and a half of the plan's smallest effect, or 5, 10 and 15 points."""
    smallest = protocol.analysis.smallest_effect
    if smallest is None:
        return [0.05, 0.1, 0.15]
    return [round(share * smallest, 6) for share in (0.5, 1.0, 1.5)]


def default_arms(protocol: Protocol) -> dict[str, float]:
    """Return the arms that contrasts hold against others and that are shown no placebo."""
    _refuse_crossed(protocol)
    compared = dict.fromkeys(contrast.arm for contrast in protocol.analysis.contrasts)
    helped = [name for name in compared if not _is_control(protocol, name)]
    return dict.fromkeys(helped or compared, 1.0)


def base_accuracy(question: Question) -> float:
    """Return the accuracy of attentive people in arms without the effect."""
    if question.accuracy is not None:
        return question.accuracy
    protocol = question.protocol
    return expected_accuracy(question.response_model, *_trials(protocol, pictures_of(protocol)))


def run_of(question: Question) -> Run:
    """Return the run that answers a question.

    Raises
    ------
    PowerError
        When it can't be simulated.
    """
    _check(question)
    effects = sorted({0.0, *question.effects})
    points = [
        _point(question, participants, pictures, effect)
        for participants, pictures, effect in product(
            question.participants, question.pictures, effects
        )
    ]
    return Run(
        protocol=question.protocol,
        response_model=question.response_model,
        points=tuple(points),
        studies=question.studies,
        seed=question.seed,
    )


def logits_of(question: Question, pictures: int, share: float, effect: float) -> float:
    """Return what an arm with a share of an effect adds to the logits of the others."""
    return _shift(question, pictures, share * effect) - _shift(question, pictures, 0.0)


def _is_control(protocol: Protocol, name: str) -> bool:
    arm = protocol.arms[name]
    phases = get_args(Phase)
    shown = [protocol.conditions.get(key) for phase in phases for key in arm.conditions_in(phase)]
    informs = [own for own in shown if own is not None and _informs(own)]
    return all(own.is_placebo for own in informs)


def _informs(condition: Condition) -> bool:
    return condition.display != "none" or condition.advice != "none"


def _refuse_crossed(protocol: Protocol) -> None:
    phase = protocol.analysis.phase
    crossed = [key for key, arm in protocol.arms.items() if len(arm.conditions_in(phase)) > 1]
    if crossed:
        raise PowerError(
            f"Participants of {', '.join(crossed)} meet several conditions in the {phase}, which "
            "can't be simulated yet. Ask about a plan whose arms meet one each: comparisons within "
            "participants have more power than that."
        )


def _check(question: Question) -> None:
    protocol = question.protocol
    _refuse_crossed(protocol)
    unknown = sorted(set(question.shares_of_effect) - set(protocol.arms))
    if unknown:
        raise PowerError(
            f"The protocol has no arm {', '.join(unknown)}. It has {', '.join(protocol.arms)}."
        )
    if min(question.participants) < 2 * len(protocol.arms):
        raise PowerError(
            f"{min(question.participants)} participants leave fewer than two to each of "
            f"{len(protocol.arms)} arms. Use {2 * len(protocol.arms)} or more."
        )


def _point(question: Question, participants: int, pictures: int, effect: float) -> Point:
    shares = question.shares_of_effect
    return Point(
        participants=participants,
        pictures=pictures,
        effect=effect,
        shifts={
            arm: _shift(question, pictures, shares.get(arm, 0.0) * effect)
            for arm in question.protocol.arms
        },
        differences=tuple(
            (shares.get(own.arm, 0.0) - shares.get(own.against, 0.0)) * effect
            for own in question.protocol.analysis.contrasts
        ),
    )


def _shift(question: Question, pictures: int, difference: float) -> float:
    """Return the logits of an arm whose accuracy is that far above the others'."""
    protocol = question.protocol
    if question.accuracy is None and difference == 0:
        return 0.0
    return shift_to(
        question.response_model,
        *_trials(protocol, pictures),
        base_accuracy(question) + difference,
    )


def _trials(protocol: Protocol, pictures: int) -> tuple[Floats, Floats]:
    """Return practice and chance of each trial of one session; other orders have the same."""
    design = plan_design(protocol, 1, pictures, orders=1)
    return design.practice[0], design.chance[0]
