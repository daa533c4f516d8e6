"""What became of everybody who was allocated: the numbers of a CONSORT flow diagram.

States come from the sessions, reasons and whereabouts from the event log: `screened_out` says at
which check, the last `stage_reached` says how far somebody came. Nothing is stored before consent,
so that nobody who left before it is counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.exclusions import ANALYSED, REASONS
from analysis.population import classification_trials
from experiments.schema import Protocol

_ENDED_EARLY = ("screened_out", "withdrawn", "active")


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
    began
        Sessions that answered at least one trial.
    dropped_out
        Sessions that were screened out, withdrew or stand unfinished, by how and where, in words.
    excluded
        Sessions left out by reason, in the order of `REASONS`; the first that applies counts.
    analysed_trials
        Answers of the analysed sessions that the outcome is read from.
    """

    arm: str
    allocated: int
    simulated_left_out: int
    completed: int
    screened_out: int
    withdrawn: int
    active: int
    answers_deleted: int
    began: int
    dropped_out: Mapping[str, int]
    excluded: Mapping[str, int]
    analysed: int
    analysed_trials: int


@dataclass(frozen=True)
class ParticipantFlow:
    """From consent to analysis.

    Attributes
    ----------
    not_allocated
        Who ended, or stands, before what their arm depends on was known.
    """

    arms: tuple[ArmFlow, ...]
    allocated: int
    simulated_left_out: int
    analysed: int
    not_allocated: int


def participant_flow(
    sessions: pd.DataFrame,
    trials: pd.DataFrame,
    events: pd.DataFrame,
    reasons: "pd.Series[str]",
    *,
    arms: tuple[str, ...],
    protocol: Protocol,
    deleted: Mapping[str, int],
    simulated: Mapping[str, int],
    not_allocated: int = 0,
) -> ParticipantFlow:
    """Count sessions from consent to analysis.

    Parameters
    ----------
    sessions
        Of one recruitment stage, indexed by session; without the bots left out.
    trials
        Their trials with answers, from `population.trials_with_answers`.
    events
        The event log.
    reasons
        From `exclusion_reasons`.
    arms
        In the order they are told in.
    protocol
        Names the stages, and the phase that the outcome is read from.
    deleted
        Deleted participants of that stage by arm.
    simulated
        Bots left out by arm.
    not_allocated
        How many of the deleted and simulated had no arm.
    """
    told = _ways_out(sessions, events, protocol)
    answered = trials[trials["is_answered"]]
    kept = answered["session"].isin(reasons.index[reasons == ANALYSED])
    outcome = classification_trials(answered[kept], protocol.analysis.phase)
    began = set(answered["session"])
    flows = []
    for arm in arms:
        of_arm = sessions[sessions["arm"] == arm]
        states = of_arm["state"].value_counts()
        why = reasons.reindex(of_arm.index).value_counts()
        left, bots = deleted.get(arm, 0), simulated.get(arm, 0)
        flows.append(
            ArmFlow(
                arm=arm,
                allocated=len(of_arm) + left + bots,
                simulated_left_out=bots,
                completed=int(states.get("completed", 0)),
                screened_out=int(states.get("screened_out", 0)),
                withdrawn=int(states.get("withdrawn", 0)),
                active=int(states.get("active", 0)),
                answers_deleted=left,
                began=int(of_arm.index.isin(began).sum()),
                dropped_out=_counted(told.reindex(of_arm.index).dropna(), left),
                excluded={reason: int(why[reason]) for reason in REASONS if reason in why},
                analysed=int(why.get(ANALYSED, 0)),
                analysed_trials=int((outcome["arm"] == arm).sum()),
            )
        )
    return ParticipantFlow(
        tuple(flows),
        allocated=sum(flow.allocated for flow in flows),
        simulated_left_out=sum(flow.simulated_left_out for flow in flows),
        analysed=sum(flow.analysed for flow in flows),
        not_allocated=int(sessions["arm"].isna().sum()) + not_allocated,
    )


def _counted(told: "pd.Series[str]", deleted: int) -> dict[str, int]:
    counts = {str(way): int(count) for way, count in told.value_counts(sort=False).items()}
    counts = dict(sorted(counts.items()))
    return {**counts, "withdrew, answers deleted": deleted} if deleted else counts


def _ways_out(sessions: pd.DataFrame, events: pd.DataFrame, protocol: Protocol) -> "pd.Series[str]":
    """Say of every session that did not complete how it ended, and where (index: session)."""
    ended = sessions[sessions["state"].isin(_ENDED_EARLY)]
    last = _last_stage(events)
    words = {"screened_out": "screened out at", "withdrawn": "withdrew at", "active": "stopped at"}
    titles = {stage.key: stage.title for stage in protocol.stages}
    told = {}
    for session, row in ended.iterrows():
        key = last.get(str(session), row["stage_key"])
        told[session] = f"{words[row['state']]} “{titles.get(key, key)}”"
    return pd.Series(told, dtype="str")


def _last_stage(events: pd.DataFrame) -> dict[str, str]:
    """Return the stage that each session reached last, by the event log."""
    reached = events[events["kind"] == "stage_reached"].sort_values("event")
    last = reached.groupby("session")["data"].last()
    return {str(session): data["stage_key"] for session, data in last.items()}
