"""What Psych-DS asks of a CSV or TSV file."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_ROW_IDS = ("row_id", "rowid")


def read_rows(path: Path) -> tuple[list[str], list[list[str]], str]:
    """Return header, rows and, where the file can't be read, what is wrong with it."""
    delimiter = "\t" if path.suffix == ".tsv" else ","
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream, delimiter=delimiter, strict=True))
    except UnicodeDecodeError:
        return [], [], "is not UTF-8."
    except csv.Error as error:
        return [], [], f"{error}."
    return (rows[0], rows[1:], "") if rows else ([], [], "")


def header_issues(header: list[str], rows: list[list[str]]) -> Iterator[tuple[str, str]]:
    """Return code and words of every rule that header and rows break."""
    if not header or not all(name.strip() for name in header):
        yield "CSV_HEADER_MISSING", "every column needs a name in the first line."
    if repeated := sorted(name for name, count in Counter(header).items() if count > 1):
        yield "CSV_HEADER_REPEATED", f"the columns {', '.join(repeated)} are there twice."
    if uneven := [number for number, row in enumerate(rows, start=2) if len(row) != len(header)]:
        yield (
            "CSV_HEADER_LENGTH_MISMATCH",
            f"line {uneven[0]} has not as many cells as the header ({len(uneven)} such lines).",
        )
        return
    for name in _ROW_IDS:
        if name in header:
            values = [row[header.index(name)] for row in rows]
            if len(set(values)) < len(values):
                yield "ROWID_VALUES_NOT_UNIQUE", f"{name} repeats a value."
