"""One row a planned trial, with the answer that counts and the run it belongs to."""

from dataclasses import replace

import pandas as pd

from analysis.load import StudyData
from experiments.columns import RESPONSES, SESSIONS, TRIALS, Column, Table

_OF_SESSION = ("recruitment_stage", "is_bot", "state")
_KEYS = ("trial", "session", "participant")
_TIME_ELAPSED = Column(
    "time_elapsed",
    "number",
    "from consent to when the server stored the answer; empty without an answer",
    "ms",
    nullable=True,
)


def _columns_of_answer() -> tuple[Column, ...]:
    return tuple(
        replace(column, nullable=True)
        for column in RESPONSES.columns
        if column.name not in (*_KEYS, "is_conflict")
    )


LONG = Table(
    "trials",
    "one planned trial with the answer that counts, if there is one",
    TRIALS.key,
    (
        *TRIALS.columns,
        *(column for column in SESSIONS.columns if column.name in _OF_SESSION),
        *_columns_of_answer(),
        _TIME_ELAPSED,
    ),
)


def long_table(study: StudyData) -> pd.DataFrame:
    """Join trials, sessions and the answers that count.

    Returns
    -------
    DataFrame
        The columns of `LONG`, ordered by session and position in it. Without an answer the answer's
        columns are missing.
    """
    sessions = study.tables["sessions"]
    responses = study.tables["responses"]
    answers = responses.loc[~responses["is_conflict"]].drop(
        columns=["session", "participant", "is_conflict"]
    )
    trials = study.tables["trials"].merge(
        sessions[["session", "started_at", *_OF_SESSION]], on="session", validate="many_to_one"
    )
    joined = trials.merge(answers, on="trial", how="left", validate="one_to_one")
    elapsed = joined["received_at"] - joined["started_at"]
    joined["time_elapsed"] = elapsed.dt.total_seconds() * 1000
    ordered = joined.sort_values(["session", "trial_index"], kind="stable")
    return ordered[LONG.column_names()].reset_index(drop=True)
