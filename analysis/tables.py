"""The CSV tables of an export folder, read by the column contract of `experiments.columns`."""

import json
import math
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import ExportError
from experiments.columns import Column, ColumnType, Table

_BOOLEANS = {"true": True, "false": False}
_NAMED_AT_MOST = 5


def read_table(folder: Path, table: Table) -> pd.DataFrame:
    """Read one table and give every column the type its contract says.

    Parameters
    ----------
    folder
        The export folder; the table lies in its `tables/`.
    table
        The contract.

    Returns
    -------
    DataFrame
        The contract's columns in its order. Integers are `Int64`, times UTC, JSON is parsed, and
        an empty cell of a nullable column is missing.

    Raises
    ------
    ExportError
        When the file is absent or not CSV, lacks a column, or has a cell that breaks the contract.
    """
    name = f"tables/{table.name}.csv"
    raw = _read_cells(folder / name, name)
    missing = [column for column in table.column_names() if column not in raw.columns]
    if missing:
        raise ExportError(f"{name} lacks the columns {', '.join(missing)}. Export the study again.")
    columns = {column.name: _typed(raw[column.name], column, name) for column in table.columns}
    return _with_unique_key(pd.DataFrame(columns), table, name)


def _read_cells(path: Path, name: str) -> pd.DataFrame:
    if not path.is_file():
        raise ExportError(f"{name} is missing from {path.parent.parent}. Export the study again.")
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (ValueError, UnicodeDecodeError) as error:
        raise ExportError(f"{name} can't be read as CSV: {str(error).strip()}") from error


def _with_unique_key(frame: pd.DataFrame, table: Table, name: str) -> pd.DataFrame:
    repeated = frame.index[frame.duplicated(list(table.key))]
    if len(repeated):
        raise ExportError(
            f"{name}: {_rows(repeated)} repeat the key ({', '.join(table.key)}) of an earlier row."
        )
    return frame


def _typed(cells: "pd.Series[str]", column: Column, name: str) -> "pd.Series[Any]":
    values: list[object] = []
    wrong: list[int] = []
    for row, cell in enumerate(cells):
        try:
            values.append(_cell(cell, column))
        except ValueError:
            wrong.append(row)
    if wrong:
        example = f"for example {cells.iloc[wrong[0]]!r}"
        raise ExportError(
            f"{name}, column {column.name}: {_rows(wrong)} {_rule(column)}; {example}."
        )
    return pd.Series(values, dtype=_dtype(column))


def _cell(cell: str, column: Column) -> object:
    if cell == "" and column.nullable:
        return None
    if cell == "" and column.type != "string":
        raise ValueError(column.name)
    if column.levels and cell not in column.levels:
        raise ValueError(cell)
    return _READERS[column.type](cell)


def _finite(cell: str) -> float:
    value = float(cell)
    if not math.isfinite(value):
        raise ValueError(cell)
    return value


def _boolean(cell: str) -> bool:
    if cell not in _BOOLEANS:
        raise ValueError(cell)
    return _BOOLEANS[cell]


def _moment(cell: str) -> datetime:
    moment = datetime.fromisoformat(cell)
    if moment.tzinfo is None:
        raise ValueError(cell)
    return moment


_READERS: dict[ColumnType, Callable[[str], object]] = {
    "string": str,
    "integer": int,
    "number": _finite,
    "boolean": _boolean,
    "datetime": _moment,
    "json": json.loads,
}


def _dtype(column: Column) -> str:
    if column.type == "boolean":
        return "boolean" if column.nullable else "bool"
    return {
        "string": "str",
        "integer": "Int64",
        "number": "float64",
        "datetime": "datetime64[us, UTC]",
        "json": "object",
    }[column.type]


def _rule(column: Column) -> str:
    if column.levels:
        return f"must hold one of {', '.join(column.levels)}"
    if column.type == "datetime":
        return "must hold an ISO 8601 time with its offset"
    return f"must hold a {column.type}"


def _rows(rows: Iterable[int]) -> str:
    numbers = [str(row + 1) for row in rows]
    shown = ", ".join(numbers[:_NAMED_AT_MOST])
    more = len(numbers) - _NAMED_AT_MOST
    return f"rows {shown}" + (f" and {more} more" if more > 0 else "")
