"""Who is left out of the analysis, by the frozen plan alone and blind to how well they did."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.load import LeftOut
from experiments.schema import AnalysisPlan, Exclusions

ANALYSED = "analysed"
REASONS: Mapping[str, str] = {
    "withdrawn": "withdrew",
    "incomplete": "did not complete the study",
    "failed_catch_trials": "failed too many attention checks",
    "no_answers": "answered no assessment trial",
}


@dataclass(frozen=True)
class ArmFlow:
    """What became of the participants allocated to one arm.

    Attributes
    ----------
    allocated
        Sessions given to the arm, those whose answers were deleted among them.
    answers_deleted
        Participants who withdrew and asked for deletion; counted, never analysed.
    excluded
        Sessions left out by reason, in the order of `REASONS`; the first that applies counts.
    """

    arm: str
    allocated: int
    completed: int
    screened_out: int
    withdrawn: int
    active: int
    answers_deleted: int
    excluded: Mapping[str, int]
    analysed: int


@dataclass(frozen=True)
class ParticipantFlow:
    """From consent to analysis.

    Attributes
    ----------
    not_allocated
        Sessions that ended before they were given to an arm, by state.
    deleted_of_any_stage
        Deleted participants that can't be placed, because the export holds both stages and counts
        deletions over both.
    """

    consented: int
    not_allocated: Mapping[str, int]
    arms: tuple[ArmFlow, ...]
    deleted_of_any_stage: int

    @property
    def allocated(self) -> int:
        """Sessions given to an arm."""
        return sum(arm.allocated for arm in self.arms)

    @property
    def analysed(self) -> int:
        """Sessions in the analysis."""
        return sum(arm.analysed for arm in self.arms)


def exclusion_reasons(
    sessions: pd.DataFrame, trials: pd.DataFrame, plan: AnalysisPlan
) -> "pd.Series[str]":
    """Say of every allocated session whether it is analysed, or why not.

    Parameters
    ----------
    sessions
        Indexed by session.
    trials
        Their trials with answers, catch trials included.
    plan
        The frozen plan. A withdrawn session never counts, whatever the plan says.

    Returns
    -------
    Series
        By session: a key of `REASONS`, or `ANALYSED`.
    """
    allocated = sessions[sessions["arm"].notna()]
    reasons = pd.Series(ANALYSED, index=allocated.index, dtype="str")
    # Written from the last rule to the first, so that the first that applies stays.
    reasons[~allocated.index.isin(_with_outcome(trials, plan.phase))] = "no_answers"
    reasons[allocated.index.isin(_inattentive(trials, plan.exclusions))] = "failed_catch_trials"
    if plan.exclusions.incomplete:
        reasons[allocated["state"] != "completed"] = "incomplete"
    reasons[allocated["state"] == "withdrawn"] = "withdrawn"
    return reasons


def failed_catch_trials(trials: pd.DataFrame) -> "pd.Series[int]":
    """Count the answered catch trials that each session failed (index: session)."""
    catch = trials[(trials["trial_type"] == "catch") & trials["is_answered"]]
    return (catch["correct"] == 0).astype(int).groupby(catch["session"]).sum()


def _inattentive(trials: pd.DataFrame, rule: Exclusions) -> "pd.Index[str]":
    failed = failed_catch_trials(trials)
    if rule.failed_catch_trials is None:
        return failed.index[:0]
    return failed.index[failed >= rule.failed_catch_trials]


def _with_outcome(trials: pd.DataFrame, phase: str) -> "pd.Series[str]":
    wanted = (trials["trial_type"] == "classification") & (trials["phase"] == phase)
    return trials.loc[wanted & trials["is_answered"], "session"]


def participant_flow(
    sessions: pd.DataFrame,
    reasons: "pd.Series[str]",
    arms: tuple[str, ...],
    left_out: LeftOut,
    *,
    deletions_are_of_this_stage: bool,
) -> ParticipantFlow:
    """Count sessions from consent to analysis.

    Parameters
    ----------
    sessions
        Of one recruitment stage, indexed by session.
    reasons
        From `exclusion_reasons`.
    arms
        In the protocol's order.
    left_out
        Deleted participants, as `export.json` counts them over all stages.
    deletions_are_of_this_stage
        Whether the export has only this stage, so that they can be placed.
    """
    deleted = left_out.withdrawn_by_arm if deletions_are_of_this_stage else {}
    unallocated = sessions[sessions["arm"].isna()]["state"].value_counts().to_dict()
    placed = sum(deleted.get(arm, 0) for arm in arms)
    total = left_out.withdrawn_participants
    before_arm = total - placed if deletions_are_of_this_stage else 0
    if before_arm:
        unallocated["answers_deleted"] = before_arm
    return ParticipantFlow(
        consented=len(sessions) + (total if deletions_are_of_this_stage else 0),
        not_allocated={str(state): int(count) for state, count in unallocated.items()},
        arms=tuple(_arm_flow(arm, sessions, reasons, deleted.get(arm, 0)) for arm in arms),
        deleted_of_any_stage=0 if deletions_are_of_this_stage else total,
    )


def _arm_flow(arm: str, sessions: pd.DataFrame, reasons: "pd.Series[str]", deleted: int) -> ArmFlow:
    of_arm = sessions[sessions["arm"] == arm]
    states = of_arm["state"].value_counts()
    why = reasons.reindex(of_arm.index).value_counts()
    return ArmFlow(
        arm=arm,
        allocated=len(of_arm) + deleted,
        completed=int(states.get("completed", 0)),
        screened_out=int(states.get("screened_out", 0)),
        withdrawn=int(states.get("withdrawn", 0)),
        active=int(states.get("active", 0)),
        answers_deleted=deleted,
        excluded={reason: int(why[reason]) for reason in REASONS if reason in why},
        analysed=int(why.get(ANALYSED, 0)),
    )
