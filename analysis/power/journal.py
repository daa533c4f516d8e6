"""What a run has finished, kept beside its record until that is written."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analysis.errors import PowerError
from analysis.power.studies import Counts
from experiments.files import write_atomically

# A point of the curve, and the first study of a piece of it.
Piece = tuple[int, int]


class Journal:
    """A file of finished pieces, one a line, that belongs to one run.

    Parameters
    ----------
    path
        Of the file.
    fingerprint
        Of the run; the first line holds it.
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        self.path = path
        self._fingerprint = fingerprint

    def read(self) -> dict[Piece, Counts]:
        """Return what was finished before.

        Raises
        ------
        PowerError
            When the journal is of another run.
        """
        if not self.path.is_file():
            return {}
        lines = self.path.read_text(encoding="utf-8").splitlines()
        entries = [entry for entry in map(_entry, lines) if entry is not None]
        if not entries or entries[0].get("fingerprint") != self._fingerprint:
            raise PowerError(
                f"{self.path} keeps the studies of another run (another protocol, option or "
                "seed). Give the same options to go on with it, or remove the file to begin anew."
            )
        return {tuple(entry["at"]): _counts(entry["counts"]) for entry in entries[1:]}

    @contextmanager
    def adding(self) -> Iterator[Callable[[Piece, Counts], None]]:
        """Give a function that adds a finished piece, in the file as soon as it returns."""
        done = self.read()
        lines = [_line({"fingerprint": self._fingerprint})]
        lines += [_piece_line(piece, counts) for piece, counts in done.items()]
        # Written anew, so that what was cut off in the last line is gone.
        write_atomically(self.path, "".join(lines).encode())
        with self.path.open("a", encoding="utf-8") as stream:

            def add(piece: Piece, counts: Counts) -> None:
                stream.write(_piece_line(piece, counts))
                stream.flush()

            yield add

    def remove(self) -> None:
        """Remove the file, once the record is written."""
        self.path.unlink(missing_ok=True)


def _piece_line(piece: Piece, counts: Counts) -> str:
    return _line({"at": list(piece), "counts": asdict(counts)})


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value) + "\n"


def _entry(line: str) -> dict[str, Any] | None:
    """Return what a line holds, or None where the process was stopped while it wrote."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _counts(value: dict[str, Any]) -> Counts:
    return Counts(
        studies=value["studies"],
        significant=tuple(value["significant"]),
        wrong_direction=tuple(value["wrong_direction"]),
        unanswered=tuple(value["unanswered"]),
        any_false=value["any_false"],
        analysed=value["analysed"],
    )
