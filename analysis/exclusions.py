"""Who is left out of the analysis, by the frozen plan alone and blind to how well they did."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from experiments.schema import AnalysisPlan, Exclusions
from experiments.sequencing import CATCH

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
        Sessions given to the arm, the deleted and the simulated ones among them.
    simulated_left_out
        Sessions of bots that are not analysed, because people took part as well.
    answers_deleted
        Participants who withdrew and asked for deletion; counted, never analysed.
    excluded
        Sessions left out by reason, in the order of `REASONS`; the first that applies counts.
    """

    arm: str
    allocated: int
    simulated_left_out: int
    completed: int
    screened_out: int
    withdrawn: int
    active: int
    answers_deleted: int
    excluded: Mapping[str, int]
    analysed: int


@dataclass(frozen=True)
class ParticipantFlow:
    """From consent, which allocates, to analysis."""

    arms: tuple[ArmFlow, ...]

    @property
    def allocated(self) -> int:
        """Sessions given to an arm."""
        return sum(arm.allocated for arm in self.arms)

    @property
    def simulated_left_out(self) -> int:
        """Sessions of bots that are not analysed."""
        return sum(arm.simulated_left_out for arm in self.arms)

    @property
    def analysed(self) -> int:
        """Sessions in the analysis."""
        return sum(arm.analysed for arm in self.arms)


def exclusion_reasons(
    sessions: pd.DataFrame, trials: pd.DataFrame, plan: AnalysisPlan
) -> "pd.Series[str]":
    """Say of every session whether it is analysed, or why not.

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
    reasons = pd.Series(ANALYSED, index=sessions.index, dtype="str")
    # Written from the last rule to the first, so that the first that applies stays.
    reasons[~sessions.index.isin(_with_outcome(trials, plan.phase))] = "no_answers"
    reasons[sessions.index.isin(_inattentive(trials, plan.exclusions))] = "failed_catch_trials"
    if plan.exclusions.incomplete:
        reasons[sessions["state"] != "completed"] = "incomplete"
    reasons[sessions["state"] == "withdrawn"] = "withdrawn"
    return reasons


def failed_catch_trials(trials: pd.DataFrame) -> "pd.Series[int]":
    """Count the answered catch trials that each session failed (index: session)."""
    catch = trials[(trials["trial_type"] == CATCH) & trials["is_answered"]]
    return (catch["correct"] == 0).astype(int).groupby(catch["session"]).sum()


def _inattentive(trials: pd.DataFrame, rule: Exclusions) -> "pd.Index[str]":
    failed = failed_catch_trials(trials)
    if rule.failed_catch_trials is None:
        return failed.index[:0]
    return failed.index[failed >= rule.failed_catch_trials]


def _with_outcome(trials: pd.DataFrame, phase: str) -> "pd.Series[str]":
    wanted = (trials["trial_type"] != CATCH) & (trials["phase"] == phase)
    return trials.loc[wanted & trials["is_answered"], "session"]


def participant_flow(
    sessions: pd.DataFrame,
    reasons: "pd.Series[str]",
    arms: tuple[str, ...],
    *,
    deleted: Mapping[str, int],
    simulated: Mapping[str, int],
) -> ParticipantFlow:
    """Count sessions from consent to analysis.

    Parameters
    ----------
    sessions
        Of one recruitment stage, indexed by session; without the bots left out.
    reasons
        From `exclusion_reasons`.
    arms
        In the order they are told in.
    deleted
        Deleted participants of that stage by arm.
    simulated
        Bots left out by arm.
    """
    return ParticipantFlow(
        tuple(
            _arm_flow(arm, sessions, reasons, deleted.get(arm, 0), simulated.get(arm, 0))
            for arm in arms
        )
    )


def _arm_flow(
    arm: str, sessions: pd.DataFrame, reasons: "pd.Series[str]", deleted: int, simulated: int
) -> ArmFlow:
    of_arm = sessions[sessions["arm"] == arm]
    states = of_arm["state"].value_counts()
    why = reasons.reindex(of_arm.index).value_counts()
    return ArmFlow(
        arm=arm,
        allocated=len(of_arm) + deleted + simulated,
        simulated_left_out=simulated,
        completed=int(states.get("completed", 0)),
        screened_out=int(states.get("screened_out", 0)),
        withdrawn=int(states.get("withdrawn", 0)),
        active=int(states.get("active", 0)),
        answers_deleted=deleted,
        excluded={reason: int(why[reason]) for reason in REASONS if reason in why},
        analysed=int(why.get(ANALYSED, 0)),
    )
