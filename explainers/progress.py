"""A progress bar for long work, with the time left."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from explainers.training import Progress as Report


@contextmanager
def progress_bar() -> Iterator[Report]:
    """Give a function `(what, done, total)` that draws a bar for each kind of work."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, object] = {}

        def report(what: str, done: int, total: int) -> None:
            kind = what.split(",", maxsplit=1)[0]
            if kind not in tasks:
                tasks[kind] = bar.add_task(what, total=total)
            bar.update(tasks[kind], description=what, completed=done, total=total)  # type: ignore[arg-type]

        yield report
