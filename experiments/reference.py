"""`docs/protocol.md`, written from the types, so that it says what the program reads."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from experiments.schema import Protocol
from experiments.templates import DEMO_SET, templates

_Schema = Mapping[str, Any]

_PROSE = Path(__file__).parent / "protocols" / "README.md"
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_TEMPLATES = """## Templates

| template | asks | design | the stimulus set needs |
|---|---|---|---|"""


def reference_text() -> str:
    """Return the reference of the protocol language as Markdown."""
    schema = Protocol.model_json_schema()
    definitions: dict[str, Any] = schema["$defs"]
    pages = ["Protocol", *_reached(schema, definitions)]
    parts = [
        _PROSE.read_text(encoding="utf-8"),
        _TEMPLATES,
        *(_row(*cells) for cells in _template_cells()),
        "\n## Types\n",
        ", ".join(f"[{name}](#{name.lower()})" for name in pages) + ".\n",
        *(_page(name, {"Protocol": schema, **definitions}[name], definitions) for name in pages),
    ]
    return "\n".join(parts).rstrip("\n") + "\n"


def _template_cells() -> Iterator[tuple[str, str, str, str]]:
    for template in templates():
        whose = " (the demo's does)" if template.stimulus_set == DEMO_SET else ""
        yield f"`{template.name}`", template.asks, template.design, template.needs + whose


def _row(*cells: str) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _reached(schema: _Schema, definitions: Mapping[str, _Schema]) -> list[str]:
    """The types in the order in which somebody who reads from the top meets them."""
    found: list[str] = []
    waiting = [*_references(schema["properties"])]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting = [*_references(definitions[name].get("properties", {})), *waiting]
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].rpartition("/")[2]
        for key, inner in value.items():
            if key != "discriminator":
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _page(name: str, schema: _Schema, definitions: Mapping[str, _Schema]) -> str:
    fields = schema.get("properties", {})
    required = set(schema.get("required", ()))
    lines = [f"### {name}", "", _told(schema.get("description", "")), ""]
    if fields:
        lines += ["| field | value | default | meaning |", "|---|---|---|---|"]
        lines += [
            _field(key, field, definitions, is_required=key in required)
            for key, field in fields.items()
        ]
        lines.append("")
    return "\n".join(lines)


def _told(docstring: str) -> str:
    """The prose of a docstring, without the sections of numpydoc."""
    prose: list[str] = []
    for line in docstring.splitlines():
        if prose and line and set(line) == {"-"}:
            prose.pop()
            break
        prose.append(line)
    return "\n".join(prose).strip()


def _field(
    key: str, field: _Schema, definitions: Mapping[str, _Schema], *, is_required: bool
) -> str:
    default = "required" if is_required else _default(field.get("default"))
    return _row(f"`{key}`", _value(field), default, _meaning(field, definitions))


def _meaning(field: _Schema, definitions: Mapping[str, _Schema]) -> str:
    """Its own words, or the first sentence of the type it holds."""
    if "description" in field:
        return str(field["description"])
    if "const" in field:
        return "says which kind this is"
    named = next(_references(field), None)
    return "" if named is None else _told(definitions[named].get("description", "")).split("\n")[0]


def _default(value: Any) -> str:
    if isinstance(value, dict):
        value = {key: own for key, own in value.items() if own not in _NOTHING}
    return "" if value in _NOTHING else f"`{json.dumps(value, ensure_ascii=False)}`"


def _value(schema: _Schema) -> str:
    """What may stand after the colon, in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    kinds = schema.get("anyOf") or schema.get("oneOf")
    if kinds:
        told = [_value(kind) for kind in kinds if kind.get("type") != "null"]
        return " or ".join(dict.fromkeys(told))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    return _PLAIN[schema["type"]](schema)


def _list(schema: _Schema) -> str:
    return f"list of {_value(schema['items'])}{_range(schema, 'minItems', 'maxItems')}"


def _mapping(schema: _Schema) -> str:
    held = schema.get("additionalProperties") or next(iter(schema["patternProperties"].values()))
    return f"{_value(held)} by name"


def _text(schema: _Schema) -> str:
    if schema.get("format") == "date":
        return "date"
    return f"text like `{schema['pattern']}`" if "pattern" in schema else "text"


def _number(noun: str, schema: _Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    bounds = [
        *([f"{low} to {high}"] if low is not None and high is not None else []),
        *([f"from {low}"] if low is not None and high is None else []),
        *([f"to {high}"] if high is not None and low is None else []),
        *([f"above {above}"] if above is not None else []),
        *([f"below {below}"] if below is not None else []),
    ]
    return f"{noun}, {', '.join(bounds)}" if bounds else noun


def _range(schema: _Schema, least: str, most: str) -> str:
    low, high = schema.get(least), schema.get(most)
    if low is None and high is None:
        return ""
    return f", {low or 0} to {high}" if high is not None else f", at least {low}"


_PLAIN: Mapping[str, Callable[[_Schema], str]] = {
    "array": _list,
    "object": _mapping,
    "string": _text,
    "integer": lambda schema: _number("whole number", schema),
    "number": lambda schema: _number("number", schema),
    "boolean": lambda schema: "`true`, `false`",
}


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
