"""What is wrong with a protocol: where, what, and what to do about it."""

from dataclasses import dataclass, field
from typing import Literal

Location = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """One problem of a protocol.

    Attributes
    ----------
    severity
        An error stops the freeze; a warning asks for a second look.
    where
        Path of the field, such as ``stages.3.stimuli.per_species``.
    line
        Line of the file, from 1; None when the field is not in it.
    what
        What is wrong.
    do
        What to do about it.
    code
        Names this kind of problem, for programs; the words may change, the code stays.
    """

    severity: Literal["error", "warning"]
    where: str
    line: int | None
    what: str
    do: str
    code: str

    def sentence(self, file: str) -> str:
        """Return the finding as one line that names file and line."""
        place = f"{file}:{self.line}" if self.line else file
        return f"{place}: {self.severity}: {self.where}: {self.what} {self.do}"


@dataclass(frozen=True)
class Problem:
    """A finding before its line is known."""

    where: Location
    what: str
    do: str
    severity: Literal["error", "warning"] = "error"
    code: str = field(kw_only=True)


def path_text(location: Location) -> str:
    """Return a location as text, such as ``arms.heatmap.weight``."""
    return ".".join(str(part) for part in location) or "protocol"
