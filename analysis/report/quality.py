"""How good the data are: answers, clocks, attention, durations, and whether the records agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.load import StudyData
from experiments.timing import OnsetMethod

# Nobody has seen a picture and chosen by then.
FASTEST_MS = 200
_ONSET_WORDS: Mapping[OnsetMethod | str, str] = {
    "decoded_two_frames": "from the picture's paint (decoded, then two frames)",
    "two_frames": "from the second frame (no picture to decode)",
    "": "not known",
}


@dataclass(frozen=True)
class OnsetCount:
    """Analysed answers by how the beginning of their trial was found."""

    method: str
    words: str
    answers: int
    without_reaction_time: int


@dataclass(frozen=True)
class ArmQuality:
    """One arm's data.

    Attributes
    ----------
    minutes_low, minutes_median, minutes_high
        Quartiles of the time from consent to completion of the analysed; None where nobody
        completed.
    rt_low_s, rt_median_s, rt_high_s
        5th, 50th and 95th percentile of the analysed reaction times, in seconds.
    catch_answered, catch_failed
        Attention checks of everybody who counts, also of the excluded.
    """

    arm: str
    minutes_low: float | None
    minutes_median: float | None
    minutes_high: float | None
    rt_low_s: float | None
    rt_median_s: float | None
    rt_high_s: float | None
    catch_answered: int
    catch_failed: int


@dataclass(frozen=True)
class DataQuality:
    """All of it.

    Attributes
    ----------
    planned_answers
        Outcome trials that the analysed sessions were to answer.
    faster_than_seeing
        Analysed reaction times below `FASTEST_MS`; they count, and are told.
    page_hidden, seen_before
        Analysed answers while whose trial the page was out of sight, or that came after a reload.
    contradictions
        Where tables, allocation sequence and event log do not agree.
    """

    analysed_answers: int
    planned_answers: int
    conflicting_answers: int
    answers_without_reaction_time: int
    faster_than_seeing: int
    page_hidden: int
    seen_before: int
    onsets: tuple[OnsetCount, ...]
    arms: tuple[ArmQuality, ...]
    contradictions: tuple[str, ...]


def data_quality(
    study: StudyData,
    sessions: pd.DataFrame,
    trials: pd.DataFrame,
    outcome: pd.DataFrame,
    arms: Sequence[str],
) -> DataQuality:
    """Describe the data of one recruitment stage.

    Parameters
    ----------
    sessions
        All that count, indexed by session.
    trials
        Their trials with answers.
    outcome
        The analysed answers that the outcome is read from.
    """
    responses = study.tables["responses"]
    own = responses[responses["session"].isin(sessions["session"])]
    clocks = own[~own["is_conflict"] & own["trial"].isin(outcome["trial"])]
    planned = trials[
        trials["session"].isin(outcome["session"])
        & (trials["phase"] == study.protocol.analysis.phase)
        & (trials["trial_type"] == "classification")
    ]
    hidden = clocks["hidden_spans"].map(lambda spans: bool(spans) if spans is not None else False)
    return DataQuality(
        analysed_answers=len(outcome),
        planned_answers=len(planned),
        conflicting_answers=int(own["is_conflict"].sum()),
        answers_without_reaction_time=int(outcome["rt_ms"].isna().sum()),
        faster_than_seeing=int((outcome["rt_ms"] < FASTEST_MS).sum()),
        page_hidden=int(hidden.sum()),
        seen_before=int((clocks["reloads"] > 0).sum()),
        onsets=_onsets(clocks),
        arms=tuple(_arm(arm, sessions, trials, outcome) for arm in arms),
        contradictions=tuple(_contradictions(study, sessions)),
    )


def _onsets(clocks: pd.DataFrame) -> tuple[OnsetCount, ...]:
    methods = clocks["onset_method"].fillna("")
    missing = clocks["rt_ms"].isna()
    return tuple(
        OnsetCount(
            method, words, int((methods == method).sum()), int(missing[methods == method].sum())
        )
        for method, words in _ONSET_WORDS.items()
        if (methods == method).any()
    )


def _arm(
    arm: str, sessions: pd.DataFrame, trials: pd.DataFrame, outcome: pd.DataFrame
) -> ArmQuality:
    of_arm = outcome[outcome["arm"] == arm]
    ran = sessions[sessions["session"].isin(of_arm["session"])]
    minutes = (ran["finished_at"] - ran["started_at"]).dt.total_seconds().dropna() / 60
    catch = trials[
        (trials["arm"] == arm) & (trials["trial_type"] == "catch") & trials["is_answered"]
    ]
    return ArmQuality(
        arm,
        *_quantiles(minutes, (0.25, 0.5, 0.75)),
        *_quantiles(of_arm["rt_ms"].dropna() / 1000, (0.05, 0.5, 0.95)),
        catch_answered=len(catch),
        catch_failed=int((catch["correct"] == 0).sum()),
    )


def _quantiles(
    values: "pd.Series[Any]", shares: tuple[float, float, float]
) -> tuple[float | None, float | None, float | None]:
    if values.empty:
        return None, None, None
    low, middle, high = (float(values.quantile(share)) for share in shares)
    return low, middle, high


def _contradictions(study: StudyData, sessions: pd.DataFrame) -> list[str]:
    told = []
    slots = study.tables["allocation"]
    claimed = slots[slots["session"].isin(sessions["session"])].set_index("session")["arm"]
    both = sessions["arm"].reindex(claimed.index)
    if moved := int((both != claimed).sum()):
        told.append(f"{moved} sessions are in another arm than the slot they claimed")
    events = study.tables["events"]
    if events.empty:
        return [*told, "the export holds no events, so that nothing could be held against them"]
    for kind, state, words in (
        ("withdrawn", "withdrawn", "withdrew"),
        ("screened_out", "screened_out", "were screened out"),
    ):
        logged = set(events.loc[events["kind"] == kind, "session"]) & set(sessions["session"])
        stated = set(sessions.loc[sessions["state"] == state, "session"])
        if logged ^ stated:
            told.append(f"sessions and event log disagree on who {words}: {len(logged ^ stated)}")
    without = set(sessions["session"]) - set(events.loc[events["kind"] == "consented", "session"])
    if without:
        told.append(f"{len(without)} sessions have no consent in the event log")
    return told
