"""Reads the tables of this export with the types of its codebook. Needs pandas.

    from load import load
    tables = load()                  # this folder; or load("path/to/export")
    tables["trials"].merge(tables["responses"].query("not is_conflict"), on="trial")

Columns of few fixed values are ordered categories, whole numbers `Int64`, times UTC, and columns of
JSON lists and objects. An empty cell is missing where the codebook says that it may be.
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd

_TYPES = {
    "string": "str",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "datetime": "datetime64[us, UTC]",
}


def load(folder: str | Path | None = None) -> dict[str, pd.DataFrame]:
    """Return every table of an export by its name.

    Parameters
    ----------
    folder
        The export; by default the folder that this file lies in.

    Raises
    ------
    FileNotFoundError
        When the codebook or one of its tables is missing.
    """
    export = Path(__file__).parent if folder is None else Path(folder)
    codebook = json.loads((export / "codebook.json").read_text(encoding="utf-8"))
    names = dict.fromkeys(column["table"] for column in codebook)
    return {
        name: _table(
            export / "tables" / f"{name}.csv", [row for row in codebook if row["table"] == name]
        )
        for name in names
    }


def _table(path: Path, columns: list[dict[str, Any]]) -> pd.DataFrame:
    cells = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    return pd.DataFrame(
        {column["name"]: _typed(cells[column["name"]], column) for column in columns}
    )


def _typed(cells: Any, column: dict[str, Any]) -> Any:
    if column["nullable"] or column["type"] != "string":
        cells = cells.mask(cells == "")
    if column["levels"]:
        return cells.astype(pd.CategoricalDtype(column["levels"], ordered=True))
    if column["type"] == "json":
        return cells.map(json.loads, na_action="ignore")
    if column["type"] == "boolean":
        return cells.map({"true": True, "false": False}).astype("boolean")
    if column["type"] == "datetime":
        return pd.to_datetime(cells, format="ISO8601", utc=True).astype(_TYPES["datetime"])
    return cells.astype(_TYPES[column["type"]])
