"""Typed tables and descriptions as the bytes of a file."""

import csv
import io
import json
from collections.abc import Iterable

import pandas as pd

from experiments.columns import Column
from experiments.digest import canonical_json


def delimited(
    table: pd.DataFrame, columns: Iterable[Column], *, delimiter: str, missing: str
) -> bytes:
    """Return some columns of a table as UTF-8 text with a header.

    Parameters
    ----------
    table
        As `analysis.tables.read_table` types it.
    columns
        Which columns, in which order.
    delimiter
        A comma or a tab.
    missing
        What stands for no value: an empty text, or BIDS' `n/a`.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    chosen = list(columns)
    writer.writerow(column.name for column in chosen)
    cells = [
        [
            missing if _is_missing(value) else _text(value, column) or missing
            for value in table[column.name]
        ]
        for column in chosen
    ]
    writer.writerows(zip(*cells, strict=True))
    return text.getvalue().encode()


def json_text(value: object) -> bytes:
    """Return a value as indented JSON, its keys in the order given."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _is_missing(value: object) -> bool:
    return not isinstance(value, list | dict) and bool(pd.isna(value))  # type: ignore[call-overload]


def _text(value: object, column: Column) -> str:
    if column.type == "json":
        return canonical_json(value).decode()
    if column.type == "boolean":
        return "true" if value else "false"
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return repr(float(value)) if isinstance(value, float) else str(value)
