"""Any table of one row a trial, answered as a study of Larus would be.

A table has no frozen plan, so that nothing of it is confirmatory: its rows have the role
exploratory, whatever they show.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path

import pandas as pd

from analysis.effects import effects
from analysis.errors import TableError
from analysis.estimates import Estimate
from experiments.schema import AnalysisPlan, Contrast

_MOST_CONDITIONS = 20
_TEXTS = ("choice", "advice", "first_choice")
_NAMED_AT_MOST = 5
# Nobody answers in so few milliseconds: the column holds seconds.
_SECONDS = 30.0


@dataclass(frozen=True)
class TidyColumns:
    """Which column of a table holds what.

    Attributes
    ----------
    outcome
        1 or true for a right answer, 0 or false for a wrong one; empty for none.
    confidence
        Whole numbers, larger is surer; None where it wasn't asked.
    rt_ms
        Milliseconds; None where they weren't taken.
    excluded
        1 or true in the rows of those whom the plan leaves out; None where the table holds only
        those it keeps, or nobody is left out.
    first_outcome, first_confidence, first_rt_ms
        The same of the answer before an explanation or advice was shown; None where people were
        asked once.
    judged
        1 or true where the classifier's answer was right that people accepted or rejected: their
        own answer is right when they accept it then, and reject it otherwise. None where the task
        was another.
    choice, advice, advice_correct, first_choice
        What people answered, what the classifier advised, whether that was right, and what people
        had answered before; None where there was no advice.
    """

    participant: str
    item: str
    outcome: str
    condition: str
    confidence: str | None = None
    rt_ms: str | None = None
    excluded: str | None = None
    first_outcome: str | None = None
    first_confidence: str | None = None
    first_rt_ms: str | None = None
    judged: str | None = None
    choice: str | None = None
    advice: str | None = None
    advice_correct: str | None = None
    first_choice: str | None = None

    def named(self) -> dict[str, str]:
        """Return the columns that are given, by what they hold."""
        return {what: column for what, column in vars(self).items() if column is not None}


@dataclass(frozen=True)
class TableAnalysis:
    """What a table says.

    Attributes
    ----------
    trials
        participant, stimulus, arm, correct, and where given confidence and rt_ms.
    plan
        That stands in for a frozen one: its contrasts, alpha and correction.
    notes
        What was left out.
    """

    trials: pd.DataFrame
    plan: AnalysisPlan
    estimates: list[Estimate]
    notes: tuple[str, ...]


def analyse_table(
    path: Path,
    columns: TidyColumns,
    *,
    baseline: str | None = None,
    alpha: float = 0.05,
    smallest_effect: float | None = None,
    seed: int = 0,
) -> TableAnalysis:
    """Analyse a table as the plan of a study would: `effects`, with the role exploratory.

    Parameters
    ----------
    path
        CSV or Parquet.
    baseline
        The condition that others are compared with; None compares every pair.

    Raises
    ------
    TableError
        When the table can't be read or doesn't hold what its columns are said to.
    """
    everybody, notes = read_trials(path, columns)
    trials = everybody[~everybody["is_excluded"]]
    plan = plan_of(
        sorted(trials["arm"].unique()),
        baseline=baseline,
        alpha=alpha,
        smallest_effect=smallest_effect,
    )
    rows = [
        row if row.role == "sensitivity" else replace(row, role="exploratory")
        for row in effects(trials, plan, seed=seed)
    ]
    return TableAnalysis(trials, plan, rows, notes)


def plan_of(
    conditions: list[str], *, baseline: str | None, alpha: float, smallest_effect: float | None
) -> AnalysisPlan:
    """Return the plan that stands in for a frozen one.

    Raises
    ------
    TableError
        When the baseline is none of the conditions.
    """
    if baseline is not None and baseline not in conditions:
        raise TableError(
            f"No row has the condition {baseline!r} to compare with. "
            f"The table has {', '.join(conditions)}."
        )
    pairs: Iterable[tuple[str, str]] = (
        ((second, first) for first, second in combinations(conditions, 2))
        if baseline is None
        else ((own, baseline) for own in conditions if own != baseline)
    )
    # A table's conditions have names of their own, which need not be keys of a protocol.
    contrasts = tuple(Contrast.model_construct(arm=arm, against=own) for arm, own in pairs)
    return AnalysisPlan(contrasts=contrasts, alpha=alpha, smallest_effect=smallest_effect)


def read_trials(path: Path, columns: TidyColumns) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read trials from a table.

    Returns
    -------
    DataFrame
        participant, stimulus, arm (text, as it is written), correct (0.0 or 1.0), is_excluded and,
        where given, confidence (Int64) and rt_ms, what is known of first answers, and of advice
        (`questions.evidence` names these columns).
    tuple of str
        What was left out, a sentence each.

    Raises
    ------
    TableError
        When a column is missing, is named twice, or holds something else.
    """
    names = {"participant": "participant", "item": "stimulus", "condition": "arm"}
    named = columns.named()
    texts = [what for what in (*names, *_TEXTS) if what in named]
    table = read_file(path, as_text=[named[what] for what in texts])
    _check_columns(path, table, columns)
    for what in names:
        _refuse_rows(table, table[named[what]].isna(), f"{path}: column {named[what]} is empty")
    trials = pd.DataFrame(
        {name: table[named[what]].astype(str) for what, name in names.items()}
    ).assign(correct=_answers(table, columns.outcome, path))
    trials["is_excluded"] = False
    if columns.excluded is not None:
        trials["is_excluded"] = _excluded(table, trials["participant"], columns.excluded, path)
    for name, column, read in (
        ("confidence", columns.confidence, _whole),
        ("rt_ms", columns.rt_ms, _times),
        ("first_correct", columns.first_outcome, _answers),
        ("first_confidence", columns.first_confidence, _whole),
        ("first_rt_ms", columns.first_rt_ms, _times),
        ("signal", columns.judged, _answers),
        ("choice", columns.choice, _names),
        ("advice_species", columns.advice, _names),
        ("advice_correct", columns.advice_correct, _answers),
        ("first_choice", columns.first_choice, _names),
    ):
        if column is not None:
            trials[name] = read(table, column, path)
    if columns.judged is not None:
        # Right is accepting what is right, or rejecting what is wrong.
        accepted = (trials["correct"] == trials["signal"]).astype("float64")
        trials["said_yes"] = accepted.where(trials["signal"].notna())
    answered = trials[trials["correct"].notna()].reset_index(drop=True)
    left_out = len(trials) - len(answered)
    _check_sizes(path, answered[~answered["is_excluded"]], columns)
    told = f"{left_out} of {len(trials)} rows have no {columns.outcome} and are left out."
    return answered, (told,) if left_out else ()


def read_file(path: Path, *, as_text: Sequence[str] = ()) -> pd.DataFrame:
    """Read a CSV or Parquet file.

    Parameters
    ----------
    as_text
        Columns of names, which are kept as they are written: participant 01 isn't participant 1.

    Raises
    ------
    TableError
        When there is no such file, or it can't be read.
    """
    if not path.is_file():
        raise TableError(f"{path} is not a file.")
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        # Only empty cells and NA are missing: "None" and "null" are names of conditions.
        return pd.read_csv(
            path,
            keep_default_na=False,
            na_values=["", "NA", "NaN", "nan"],
            dtype=dict.fromkeys(as_text, "str"),
        )
    except (ValueError, OSError) as error:
        raise TableError(f"{path} can't be read: {str(error).strip()}.") from error


def _check_columns(path: Path, table: pd.DataFrame, columns: TidyColumns) -> None:
    known = [str(own) for own in table.columns]
    first: dict[str, str] = {}
    for what, column in columns.named().items():
        if column not in known:
            near = get_close_matches(column, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"It has {', '.join(known)}."
            raise TableError(f"{path} has no column {column} for --{what}. {hint}")
        if column in first:
            raise TableError(
                f"Column {column} is named for --{first[column]} and for --{what}: each needs its "
                "own."
            )
        first[column] = what


def _answers(table: pd.DataFrame, column: str, path: Path) -> "pd.Series[float]":
    meaning = {"0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0, "false": 0.0, "true": 1.0}
    cells = table[column].astype("object").map(str).str.lower().where(table[column].notna())
    found = cells.map(meaning)
    _refuse_rows(
        table,
        found.isna() & table[column].notna(),
        f"{path}: column {column} must hold 0 and 1, or true and false",
    )
    return found.astype("float64")


def _excluded(
    table: pd.DataFrame, participant: "pd.Series[str]", column: str, path: Path
) -> "pd.Series[bool]":
    """Read who is left out: whole participants, so that no answer is chosen by its outcome."""
    told = _answers(table, column, path)
    _refuse_rows(table, told.isna(), f"{path}: column {column} must say of every row 0 or 1")
    mixed = told.groupby(participant).transform("nunique") > 1
    _refuse_rows(table, mixed, f"{path}: column {column} leaves out some answers of a participant")
    if told.all():
        raise TableError(f"{path}: column {column} leaves out everybody.")
    return told.eq(1.0)


def _numbers(table: pd.DataFrame, column: str, path: Path) -> "pd.Series[float]":
    found = pd.to_numeric(table[column], errors="coerce").astype("float64")
    _refuse_rows(
        table, found.isna() & table[column].notna(), f"{path}: column {column} must hold numbers"
    )
    return found


def _names(table: pd.DataFrame, column: str, path: Path) -> "pd.Series[str]":
    return table[column].astype("object").map(str).where(table[column].notna())


def _whole(table: pd.DataFrame, column: str, path: Path) -> "pd.Series[int]":
    found = _numbers(table, column, path)
    _refuse_rows(table, found % 1 > 0, f"{path}: column {column} must hold whole numbers")
    return found.astype("Int64")


def _times(table: pd.DataFrame, column: str, path: Path) -> "pd.Series[float]":
    found = _numbers(table, column, path)
    _refuse_rows(table, found < 0, f"{path}: column {column} holds times below zero")
    if found.median() < _SECONDS:
        raise TableError(
            f"{path}: half of column {column} is below {_SECONDS:g}: it must hold milliseconds, "
            "not seconds."
        )
    return found


def _refuse_rows(table: pd.DataFrame, wrong: "pd.Series[bool]", what: str) -> None:
    places = [str(place + 1) for place in range(len(table)) if wrong.iloc[place]]
    if places:
        shown = ", ".join(places[:_NAMED_AT_MOST])
        more = len(places) - _NAMED_AT_MOST
        raise TableError(
            f"{what} (data rows {shown}" + (f" and {more} more)." if more > 0 else ").")
        )


def _check_sizes(path: Path, trials: pd.DataFrame, columns: TidyColumns) -> None:
    conditions = sorted(trials["arm"].unique())
    if len(conditions) < 2:
        found = conditions[0] if conditions else "no answered row"
        raise TableError(
            f"{path}: column {columns.condition} holds one condition only ({found}): there is "
            "nothing to compare."
        )
    if len(conditions) > _MOST_CONDITIONS:
        raise TableError(
            f"{path}: column {columns.condition} holds {len(conditions)} different values, more "
            f"than the {_MOST_CONDITIONS} conditions that can be compared. Is it the right column?"
        )
    for name, column in (("participant", columns.participant), ("stimulus", columns.item)):
        if trials[name].nunique() < 2:
            raise TableError(
                f"{path}: column {column} names one {name} only: nothing tells how far others "
                "would differ."
            )
