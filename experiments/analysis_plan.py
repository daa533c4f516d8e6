"""The plan of the analysis, frozen with the protocol."""

from collections.abc import Iterable
from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field

from experiments.declared import Declared, Key
from experiments.stopping import StopRule


class Contrast(Declared):
    """One arm compared with another; of `factor: condition`, one condition with another."""

    arm: Key
    against: Key


class Exclusions(Declared):
    """Who is left out of the analysis; blind to how well they did."""

    incomplete: bool = Field(default=True, description="sessions that were not completed")
    failed_catch_trials: int | None = Field(
        default=None, ge=1, description="sessions that failed at least this many"
    )


class ReactionTimes(Declared):
    """Which answers count in the analysis of reaction times: right ones, neither rash nor idle."""

    shortest_ms: int = Field(default=200, ge=0, description="faster answers are left out")
    longest_ms: int = Field(default=60_000, ge=1, description="slower answers are left out")


class InterimLooks(Declared):
    """Looks at the data before all participants are in, and what each may spend of alpha."""

    information_fractions: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = Field(
        min_length=1,
        max_length=20,
        description="shares of the planned participants, rising; the last look, at 1, is implied",
    )
    spending: Literal["obrien_fleming", "pocock"] = Field(
        default="obrien_fleming", description="spending function of Lan & DeMets (1983)"
    )


SecondaryOutcome = Literal[
    "confidence",
    "reaction_time",
    "sensitivity",
    "criterion",
    "over_reliance",
    "under_reliance",
]


class AnalysisPlan(Declared):
    """The confirmatory analysis, frozen with the protocol."""

    outcome: Literal["correct"] = Field(default="correct", description="whether an answer is right")
    phase: Literal["assessment", "assisted"] = Field(
        default="assessment", description="whose answers are compared"
    )
    model: Literal["mixed_logit", "two_way_cluster"] = Field(
        default="mixed_logit",
        description="of the confirmatory test: logistic mixed model, or cluster-robust logit",
    )
    random_effects: Literal["by_design", "intercepts"] = Field(
        default="by_design",
        description="of the mixed model: intercepts, and by design an interaction with the "
        "condition wherever people or pictures meet several",
    )
    factor: Literal["arm", "condition"] = Field(
        default="arm",
        exclude_if=lambda factor: factor == "arm",
        description="what contrasts compare: arms, or the conditions of the trials where each "
        "participant meets several",
    )
    compare: Literal["listed", "baseline", "pairwise"] = Field(
        default="listed",
        description="the contrasts listed, every arm against the baseline, or every pair of arms",
    )
    baseline: Key | None = Field(default=None, description="the arm others are compared with")
    contrasts: tuple[Contrast, ...] = Field(
        default=(), description="filled in by `compare` unless that says listed"
    )
    alpha: float = Field(
        default=0.05, gt=0, lt=0.5, description="of all planned contrasts together"
    )
    correction: Literal["holm", "none"] = Field(
        default="holm", description="of alpha for several contrasts; none holds each against alpha"
    )
    smallest_effect: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="smallest difference of accuracies that matters, 0 to 1; tests of equivalence "
        "ask whether an effect is smaller",
    )
    secondary: tuple[SecondaryOutcome, ...] = Field(
        default=("confidence", "reaction_time"),
        description="outcomes that are tested for each contrast beside the first one; the last "
        "four are of studies with advice or of `agreement`",
    )
    reaction_times: ReactionTimes = ReactionTimes()
    interim_looks: InterimLooks | None = None
    stop_rule: StopRule | None = Field(
        default=None,
        exclude_if=lambda rule: rule is None,
        description="what ends recruiting before the last place is given",
    )
    exclusions: Exclusions = Exclusions()


def expected_contrasts(
    compare: str | None, baseline: str | None, arms: Iterable[str]
) -> list[tuple[str, str]]:
    """Return the contrasts that `compare` stands for, each arm with the one it is held against."""
    if compare == "baseline" and baseline is not None:
        return [(arm, baseline) for arm in arms if arm != baseline]
    if compare == "pairwise":
        return [(second, first) for first, second in combinations(arms, 2)]
    return []
