"""Reading a protocol file: YAML 1.2, every mistake of shape at once, each with its line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from experiments.findings import Finding, Location, path_text
from experiments.schema import Protocol

_ADVICE = {
    "missing": ("is missing.", "Add it."),
    "extra_forbidden": ("is not a field of the protocol.", "Remove it, or correct its name."),
    "union_tag_invalid": ("has an unknown kind.", "Use one of the kinds listed there."),
    "union_tag_not_found": ("has no kind.", "Say which kind it is, such as `kind: consent`."),
    "string_pattern_mismatch": (
        "has characters that a name can't have.",
        "Use lower-case letters, digits and, inside, - or _.",
    ),
    "model_type": ("is not a mapping of fields.", "Write `field: value` lines."),
    "string_type": ("must be text.", "Put quotes around it."),
}

# Far above any protocol; a few nested aliases can stand for billions of values.
_MOST_VALUES = 100_000


class EndlessError(YAMLError):
    """A document nests or expands beyond measure. Says what, what to do, and the line if known."""

    def __init__(self, what: str, do: str, line: int | None = None) -> None:
        super().__init__(what)
        self.what, self.do, self.line = what, do, line


@dataclass(frozen=True)
class Document:
    """A YAML file as plain values, with the line of every field."""

    value: Any
    lines: dict[Location, int]

    def line_of(self, location: Location) -> int | None:
        """Return the line of a field, or of the nearest field around it that the file has."""
        for length in range(len(location), -1, -1):
            if location[:length] in self.lines:
                return self.lines[location[:length]]
        return None


@dataclass(frozen=True)
class Loaded:
    """A protocol as read: either the protocol, or the findings that stand against it."""

    protocol: Protocol | None
    document: Document | None
    findings: tuple[Finding, ...]


def load_protocol(path: Path) -> Loaded:
    """Read a protocol file and check its shape.

    Parameters
    ----------
    path
        A YAML 1.2 file.

    Returns
    -------
    Loaded
        With the protocol when the shape is right, else with every finding of the first pass.
    """
    try:
        document = read_document(path.read_text(encoding="utf-8"))
    except OSError as error:
        return _unreadable(f"can't be read: {error.strerror}.", "Check the path.", None)
    except UnicodeDecodeError:
        return _unreadable("is not UTF-8 text.", "Save it as UTF-8.", None)
    except YAMLError as error:
        return _unreadable(*_yaml_problem(error))
    return _validate(document)


def read_document(text: str) -> Document:
    """Parse YAML text and remember the line of every field.

    A field that came by a merge key (`<<: *name`) has no line of its own: that of the mapping
    around it stands for it.

    Raises
    ------
    YAMLError
        When the text is not YAML, or nests or expands beyond measure (`EndlessError`).
    """
    lines: dict[Location, int] = {(): 1}
    try:
        return Document(_plain(_parsed(text), (), lines), lines)
    except RecursionError as error:
        raise EndlessError("is nested too deeply.", "Write it with fewer levels.") from error


def _parsed(text: str) -> Any:
    try:
        return YAML(typ="rt").load(text)
    except AttributeError as error:
        # So ruamel.yaml ends when it merges what it has not finished reading.
        raise EndlessError(
            "has a merge (<<: *name) inside the very mapping it names.", "Write the fields out."
        ) from error


def _plain(node: Any, location: Location, lines: dict[Location, int]) -> Any:
    if isinstance(node, CommentedMap):
        own = node.lc.data or {}
        for key in node:
            line = own[key][0] + 1 if key in own else lines[location]
            _note(line, (*location, key), lines)
        return {key: _plain(value, (*location, key), lines) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        for index in range(len(node)):
            _note(node.lc.item(index)[0] + 1, (*location, index), lines)
        return [_plain(value, (*location, index), lines) for index, value in enumerate(node)]
    return _scalar(node)


def _note(line: int, location: Location, lines: dict[Location, int]) -> None:
    if len(lines) >= _MOST_VALUES:
        raise EndlessError(
            f"holds more than {_MOST_VALUES} values once its aliases (*name) are written out.",
            "Remove aliases of aliases.",
            lines.get(location[:1]),
        )
    lines[location] = line


def _scalar(node: Any) -> Any:
    for kind in (str, bool, int, float):
        if isinstance(node, kind):
            return kind(node)
    return node


def _validate(document: Document) -> Loaded:
    try:
        return Loaded(Protocol.model_validate(document.value), document, ())
    except ValidationError as error:
        findings = (_shape_finding(detail, document) for detail in error.errors())
        return Loaded(None, document, tuple(sorted(findings, key=lambda f: f.line or 0)))


def _shape_finding(detail: ErrorDetails, document: Document) -> Finding:
    location = _location_in(document, tuple(detail["loc"]))
    what, do = _ADVICE.get(detail["type"], (f"{detail['msg']}.", "Correct the value."))
    if detail["type"].startswith("union_tag"):
        do = f"{detail['msg']}."
    return Finding("error", path_text(location), document.line_of(location), what, do)


def _location_in(document: Document, location: Location) -> Location:
    """Drop the parts that pydantic adds for the kind of a tagged union."""
    kept: Location = ()
    value: Any = document.value
    for part in location[:-1]:
        if _holds(value, part):
            value = value[part]
            kept = (*kept, part)
    return (*kept, *location[-1:])


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def _yaml_problem(error: YAMLError) -> tuple[str, str, int | None]:
    if isinstance(error, EndlessError):
        return error.what, error.do, error.line
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    line = mark.line + 1 if mark else None
    if isinstance(error, DuplicateKeyError):
        return "names one field twice.", "Keep one of the two.", line
    problem = (error.problem if isinstance(error, MarkedYAMLError) else None) or str(error)
    return f"is not YAML: {problem}.", "Correct the line.", line


def _unreadable(what: str, do: str, line: int | None) -> Loaded:
    return Loaded(None, None, (Finding("error", "file", line, what, do),))
