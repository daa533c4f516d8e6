"""Scores of explanations, as `python -m explainers score` writes them: `scores.json`."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import ExportError

_CURVES = ("deletion", "insertion", "both")


def read_scores(path: Path) -> pd.DataFrame:
    """Return `explanation_key` and a column for each score that is one number.

    Raises
    ------
    ExportError
        When the file is missing, or is not what `score` writes.
    """
    if not path.is_file():
        raise ExportError(f"{path} is not a file. Name the scores.json of the stimulus folder.")
    try:
        rows = [_row(own) for own in json.loads(path.read_text(encoding="utf-8"))]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ExportError(
            f"{path} is not a scores.json as `python -m explainers score` writes it."
        ) from error
    return pd.DataFrame(rows).drop_duplicates("explanation_key", ignore_index=True)


def _row(own: dict[str, Any]) -> dict[str, Any]:
    truth = own.get("truth") or {}
    numbers = {
        name: float(value)
        for name, value in truth.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return {
        "explanation_key": own["key"],
        **{name: float(own[name]) for name in _CURVES},
        **{f"truth_{name}": value for name, value in numbers.items()},
    }
