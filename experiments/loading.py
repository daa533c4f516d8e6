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
from ruamel.yaml.nodes import CollectionNode, MappingNode

from experiments.findings import Finding, Location, path_text
from experiments.schema import Protocol
from experiments.shape_advice import advise, of_the_likeliest_kinds
from experiments.yaml_text import EndlessError, read_yaml

# Far above any protocol, as is the other limit: longer texts take minutes to be read.
LONGEST_TEXT = 500_000
# A few nested aliases can stand for billions of values.
_MOST_VALUES = 100_000


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
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        return _unreadable(f"can't be read: {error.strerror}.", "Check the path.", None)
    except UnicodeDecodeError:
        return _unreadable("is not UTF-8 text.", "Save it as UTF-8.", None)
    return load_text(text)


def load_text(text: str) -> Loaded:
    """Check the shape of a protocol that is at hand as text.

    Parameters
    ----------
    text
        YAML 1.2.

    Returns
    -------
    Loaded
        As `load_protocol` gives it.
    """
    if len(text) > LONGEST_TEXT:
        return _unreadable(
            f"has {len(text):,} characters; a protocol has at most {LONGEST_TEXT:,}.",
            "Leave out what is not of the protocol.",
            None,
        )
    try:
        document = read_document(text)
    except DuplicateKeyError as error:
        return _unreadable(*_doubled_field(text, error))
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
        return Document(_plain(read_yaml(text), (), lines), lines)
    except RecursionError as error:
        raise EndlessError("is nested too deeply.", "Write it with fewer levels.") from error


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
        details = of_the_likeliest_kinds(error.errors())
        findings = (_shape_finding(detail, document) for detail in details)
        once = dict.fromkeys(findings)
        return Loaded(None, document, tuple(sorted(once, key=lambda f: f.line or 0)))


def _shape_finding(detail: ErrorDetails, document: Document) -> Finding:
    location = _location_in(document, tuple(detail["loc"]))
    if detail["type"] == "missing":
        location = (*location, detail["loc"][-1])
    what, do = advise(detail)
    what = f"{what}{_stage_of(location, document.value)}."
    line = document.line_of(location)
    return Finding("error", path_text(location), line, what, do, f"shape.{detail['type']}")


def _stage_of(location: Location, value: Any) -> str:
    """Paths number stages from 0; a person finds a stage by its title."""
    if len(location) < 2 or location[0] != "stages" or not _holds(value["stages"], location[1]):
        return ""
    stage = value["stages"][location[1]]
    told = [stage.get("kind"), stage.get("title")] if isinstance(stage, dict) else []
    words = [text for text in told if isinstance(text, str)]
    return f" (stage: {', '.join(words)})" if words else ""


def _location_in(document: Document, location: Location) -> Location:
    """Drop the parts that pydantic adds, such as the kind of a tagged union."""
    kept: Location = ()
    value: Any = document.value
    for part in location:
        if _holds(value, part):
            value = value[part]
            kept = (*kept, part)
    return kept


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def _doubled_field(text: str, error: DuplicateKeyError) -> tuple[str, str, int | None]:
    mark = error.problem_mark
    if mark is None:
        return "names one field twice.", "Keep one of the two.", None
    key, first = _first_of(YAML(typ="rt").compose(text), mark.index)
    lines = f" in lines {first + 1} and {mark.line + 1}" if key else ""
    return f"names the field `{key}` twice{lines}.", "Keep one of the two.", mark.line + 1


def _first_of(root: Any, index: int) -> tuple[str, int]:
    """Return a doubled field's name, and the line where its mapping names it first."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen or not isinstance(node, CollectionNode):
            continue
        seen.add(id(node))
        if not isinstance(node, MappingNode):
            waiting += node.value
            continue
        keys = [key for key, _ in node.value]
        for second in keys:
            if second.start_mark.index == index:
                first = next(key for key in keys if key.value == second.value)
                return str(second.value), first.start_mark.line
        waiting += [value for _, value in node.value]
    return "", 0


def _yaml_problem(error: YAMLError) -> tuple[str, str, int | None]:
    if isinstance(error, EndlessError):
        return error.what, error.do, error.line
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    line = mark.line + 1 if mark else None
    problem = (error.problem if isinstance(error, MarkedYAMLError) else None) or str(error)
    return f"is not YAML: {problem}.", "Correct the line.", line


def _unreadable(what: str, do: str, line: int | None) -> Loaded:
    return Loaded(None, None, (Finding("error", "file", line, what, do, "unreadable"),))
