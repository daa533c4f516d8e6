"""Progress of long work with the time left: a bar on a terminal, else a line now and then."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from experiments.progress import PlainProgress
from explainers.training import Progress as Report


@contextmanager
def progress_bar(todo: str = "") -> Iterator[Report]:
    """Give a function `(what, done, total)` that tells standard error how far the work is.

    Parameters
    ----------
    todo
        How much there is to do, said before it begins.
    """
    console = Console(stderr=True)
    if todo:
        _say(todo)
    with _bar(console) if console.is_terminal else _lines() as report:
        yield report


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@contextmanager
def _lines() -> Iterator[Report]:
    report = PlainProgress(_say)
    try:
        yield report
    finally:
        report.finish()


@contextmanager
def _bar(console: Console) -> Iterator[Report]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        tasks: dict[str, object] = {}

        def report(what: str, done: int, total: int) -> None:
            kind = what.split(",", maxsplit=1)[0]
            if kind not in tasks:
                tasks[kind] = bar.add_task(what, total=total)
            bar.update(tasks[kind], description=what, completed=done, total=total)  # type: ignore[arg-type]

        yield report
