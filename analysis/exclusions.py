"""Who is left out of the analysis, by the frozen plan alone and blind to how well they did."""

from collections.abc import Mapping

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
