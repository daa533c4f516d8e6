"""The folder a report is kept in.

::

    report.html                 the page
    report.pdf                  the same, where a PDF was asked for
    methods.md                  methods and results as text, ready to paste
    results.json                everything the page tells, as data
    estimates.csv               one tidy row an estimate, with its schema version
    plots/NAME.svg, .png, .csv  every figure, and the numbers it was drawn from
    tables/QUESTION-NAME.csv    what the exploratory questions counted
"""

import json
from pathlib import Path

import pandas as pd

from analysis.figures import Plot
from analysis.report.from_export import ExportChoices, results_of_export
from analysis.report.from_table import TableChoices, results_of_table
from analysis.report.page import page_of
from analysis.report.progress import Progress, silent
from analysis.report.results import Results
from experiments.files import write_atomically


def write_report(
    folder: Path, out: Path, choices: ExportChoices | None = None, *, progress: Progress = silent
) -> Results:
    """Analyse an export and write its report.

    Parameters
    ----------
    folder
        The export.
    out
        Where to write; outside the export, whose every file is checksummed.
    choices
        What an analyst may choose.
    progress
        Told what is being done.

    Raises
    ------
    ExportError
        When the export is damaged or has nobody to analyse: then nothing is written.
    """
    results = results_of_export(folder, choices or ExportChoices(), progress)
    write_results(results, out)
    return results


def write_table_report(
    table: Path, out: Path, choices: TableChoices, *, progress: Progress = silent
) -> Results:
    """Analyse any table of one row a trial and write its report.

    Raises
    ------
    TableError, ExportError
        When table or plan can't be read: then nothing is written.
    """
    results = results_of_table(table, choices, progress)
    write_results(results, out)
    return results


def write_results(results: Results, out: Path) -> None:
    """Write all files but the PDF; what is left of an earlier report's plots and tables goes."""
    page = page_of(results)
    for plot in results.plots:
        _write_plot(plot, out / "plots")
    _remove_others(out / "plots", {plot.name for plot in results.plots})
    tables = {
        f"{answer.question}-{name}": table
        for answer in results.answers.answered
        for name, table in answer.tables.items()
    }
    for name, table in tables.items():
        write_atomically(out / "tables" / f"{name}.csv", _csv(table))
    _remove_others(out / "tables", set(tables))
    text = json.dumps(
        results.as_json(), indent=2, ensure_ascii=False, sort_keys=True, allow_nan=False
    )
    write_atomically(out / "results.json", f"{text}\n".encode())
    write_atomically(out / "estimates.csv", _csv(pd.DataFrame(results.rows)))
    write_atomically(out / "methods.md", results.methods.markdown().encode())
    write_atomically(out / "report.html", page.encode())


def _write_plot(plot: Plot, folder: Path) -> None:
    header = '<?xml version="1.0" encoding="utf-8"?>\n'
    write_atomically(folder / f"{plot.name}.svg", (header + plot.svg).encode())
    write_atomically(folder / f"{plot.name}.csv", _csv(plot.data))
    if plot.png is not None:
        write_atomically(folder / f"{plot.name}.png", plot.png)


def _remove_others(folder: Path, names: set[str]) -> None:
    for path in folder.glob("*"):
        if path.suffix in {".svg", ".csv", ".png"} and path.stem not in names:
            path.unlink()


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\n").encode()
