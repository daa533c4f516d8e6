"""An export as jsPsych writes data: one long CSV, its columns beside ours.

`rt`, `response`, `stimulus`, `trial_type`, `trial_index` and `time_elapsed` have jsPsych's names
and meanings (https://www.jspsych.org, data of any plugin). As there, a row is a trial that ended
with an answer. `trial_type` says what the trial asks, for there is no plugin.
"""

import csv
import io
from dataclasses import replace
from pathlib import Path

from analysis.formats.description import cautions, levels_of, summary
from analysis.formats.long_table import LONG, long_table
from analysis.formats.text import delimited
from analysis.load import StudyData
from experiments.columns import Column
from experiments.files import write_atomically

_FIRST = ("rt", "response", "stimulus", "trial_type", "trial_index", "time_elapsed")
# Ours to jsPsych's. Our `response` is the identifier of the answer.
_RENAMED = {"response": "response_id", "rt_ms": "rt", "choice": "response"}


def write_jspsych(study: StudyData, folder: Path) -> None:
    """Write `trials.csv`, `codebook.csv` and `README.md` into an empty folder."""
    table = long_table(study)
    answered = table[table["choice"].notna()].rename(columns=_RENAMED)
    columns = jspsych_columns()
    content = delimited(answered, columns, delimiter=",", missing="")
    write_atomically(folder / "trials.csv", content)
    write_atomically(folder / "codebook.csv", _codebook(columns, study))
    write_atomically(folder / "README.md", _readme(study).encode())


def jspsych_columns() -> list[Column]:
    """Return the columns in order: jsPsych's own first."""
    ours = [replace(column, name=_RENAMED.get(column.name, column.name)) for column in LONG.columns]
    named = {column.name: column for column in ours}
    return [*(named[name] for name in _FIRST), *(c for c in ours if c.name not in _FIRST)]


def _codebook(columns: list[Column], study: StudyData) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", "type", "meaning", "unit", "levels", "nullable"])
    for column in columns:
        levels = "|".join(levels_of(column, study.protocol))
        own = (column.name, column.type, column.meaning, column.unit, levels, column.nullable)
        writer.writerow(own)
    return text.getvalue().encode()


def _readme(study: StudyData) -> str:
    lines = [
        f"# {study.protocol.title}",
        summary(study),
        "`trials.csv` has one row an answered trial, with jsPsych's columns first: `rt` in "
        "milliseconds, `response` the species chosen, `time_elapsed` milliseconds since consent. "
        "`codebook.csv` explains each column. An empty cell is a missing value; answers that "
        "contradict an earlier one are left out, and so are unanswered trials.",
        "Participants are known by pseudonyms only.",
        *cautions(study),
    ]
    return "\n\n".join(lines) + "\n"
