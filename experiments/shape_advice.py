"""A mistake of shape in the words of a protocol: what is there, what is wrong, what to do."""

import json
from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher, get_close_matches
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from experiments.findings import Location
from experiments.schema import Protocol

Advice = tuple[str, str]
_LONGEST_SHOWN = 60
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


def advise(detail: ErrorDetails) -> Advice:
    """Return what is wrong, without a full stop, and a sentence that says what to do about it."""
    kind = detail["type"]
    if kind in _BOUNDS:
        return _bound(detail)
    if kind in _SENTENCES:
        return _SENTENCES[kind](detail)
    there = "" if isinstance(detail["input"], (dict, list)) else f"is {shown(detail['input'])}: "
    return f"{there}{detail['msg']}", "Correct the value."


def of_the_likeliest_kinds(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out what is wrong with kinds that were hardly meant.

    Pydantic tries each kind of a union and reports what each one lacks; the one whose fields are
    likest to those written is the one to mend.
    """
    likeness: dict[Location, dict[str, float]] = {}
    tried = [_tried(detail) for detail in details]
    for place, kind, fit in filter(None, tried):
        kinds = likeness.setdefault(place, {})
        kinds[kind] = max(fit, kinds.get(kind, 0.0))
    return [
        detail
        for detail, trial in zip(details, tried, strict=True)
        if trial is None or likeness[trial[0]][trial[1]] == max(likeness[trial[0]].values())
    ]


def shown(value: Any) -> str:
    """Return a value as a protocol would write it, cut when it is long."""
    if isinstance(value, dict):
        return "a mapping of fields"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def _missing(detail: ErrorDetails) -> Advice:
    return "is missing", "Add it."


def _extra(detail: ErrorDetails) -> Advice:
    known = [name for declared in _models(detail["loc"][:-1]) for name in declared.model_fields]
    what = "is not a field that is known here"
    near = _did_you_mean(str(detail["loc"][-1]), known)
    if near or not known:
        return what, near or "Remove it, or correct its name."
    return what, f"Remove it, or use one of these: {', '.join(sorted(set(known)))}."


def _unknown_kind(detail: ErrorDetails) -> Advice:
    context = detail["ctx"]
    field = context["discriminator"].strip("'")
    return _one_of(f'has the unknown {field} "{context["tag"]}"', context["tag"], context)


def _no_kind(detail: ErrorDetails) -> Advice:
    kinds = [next(_kinds_of(declared), "") for declared in _models(detail["loc"])]
    told = f" One of: {', '.join(filter(None, kinds))}." if any(kinds) else ""
    field = detail["ctx"]["discriminator"].strip("'")
    return f"has no {field}", f"Say what it is by a line `{field}: …`.{told}"


def _literal(detail: ErrorDetails) -> Advice:
    value, context = detail["input"], detail["ctx"]
    if not isinstance(value, str) and str(value) in _quoted(context):
        return f"is {shown(value)}, which must be text", f'Put quotes around it: "{value}".'
    return _one_of(f"is {shown(value)}, which is not known here", str(value), context)


def _one_of(what: str, given: str, context: Mapping[str, Any]) -> Advice:
    allowed = _quoted(context)
    near = _did_you_mean(given, allowed)
    return what, f"{near} Allowed: {', '.join(allowed)}.".strip()


def _quoted(context: Mapping[str, Any]) -> list[str]:
    """The words that pydantic lists as `'a', 'b' or 'c'`."""
    return str(context.get("expected_tags") or context.get("expected")).split("'")[1::2]


def _did_you_mean(given: str, known: list[str]) -> str:
    near = get_close_matches(given, known, n=1)
    return f"Did you mean `{near[0]}`?" if near else ""


def _name(detail: ErrorDetails) -> Advice:
    inside = "and _ : . - inside" if "_" in detail["ctx"]["pattern"] else "with - between words"
    return (
        f"is {shown(detail['input'])}, which has characters that a name can't have",
        f"Use lower-case letters and digits, {inside}.",
    )


def _text(detail: ErrorDetails) -> Advice:
    value = detail["input"]
    if value is None:
        return "is empty", "Write a text after the colon."
    if isinstance(value, (dict, list)):
        return f"is {shown(value)}, not text", "Write one text."
    return f"is {shown(value)}, not text", f"Put quotes around it: {json.dumps(shown(value))}."


def _short_text(detail: ErrorDetails) -> Advice:
    least = detail["ctx"]["min_length"]
    if not detail["input"]:
        return "is empty", "Write a text."
    return f"is {shown(detail['input'])}", f"Write at least {least} characters."


def _long_text(detail: ErrorDetails) -> Advice:
    most, length = detail["ctx"]["max_length"], len(detail["input"])
    return f"has {length} characters; {most} are allowed", f"Shorten it by {length - most}."


def _short_list(detail: ErrorDetails) -> Advice:
    least, length = detail["ctx"]["min_length"], detail["ctx"]["actual_length"]
    entries = "1 entry" if length == 1 else f"{length or 'no'} entries"
    return f"has {entries}; at least {least} must be there", f"Add {least - length} or more."


def _long_list(detail: ErrorDetails) -> Advice:
    most, length = detail["ctx"]["max_length"], len(detail["input"])
    return f"has {length} entries; at most {most} are allowed", f"Remove {length - most} or more."


def _bound(detail: ErrorDetails) -> Advice:
    name, words = _BOUNDS[detail["type"]]
    needed = f"{words} {detail['ctx'][name]}"
    return f"is {shown(detail['input'])}; it must be {needed}", f"Write a number of {needed}."


def _is_not(wanted: str, remedy: str) -> Callable[[ErrorDetails], Advice]:
    def sentence(detail: ErrorDetails) -> Advice:
        value = detail["input"]
        if value is None:
            return f"is empty; {wanted} is needed", remedy
        return f"is {shown(value)}, not {wanted}", remedy

    return sentence


_WHOLE = _is_not("a whole number", "Write digits without quotes, such as 2.")
_NUMBER = _is_not("a number", "Write a number without quotes, such as 0.05.")
_SWITCH = _is_not("true or false", "Write true or false, without quotes.")
_FIELDS = _is_not("a mapping of fields", "Write `field: value` lines.")
_LIST = _is_not("a list", "Write [one, two], or lines that begin with a dash.")
_SENTENCES: dict[str, Callable[[ErrorDetails], Advice]] = {
    "missing": _missing,
    "extra_forbidden": _extra,
    "union_tag_invalid": _unknown_kind,
    "union_tag_not_found": _no_kind,
    "literal_error": _literal,
    "string_pattern_mismatch": _name,
    "string_type": _text,
    "string_too_short": _short_text,
    "string_too_long": _long_text,
    "too_short": _short_list,
    "too_long": _long_list,
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing"), _NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), _SWITCH),
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), _FIELDS),
    **dict.fromkeys(("tuple_type", "list_type"), _LIST),
}


def _tried(detail: ErrorDetails) -> tuple[Location, str, float] | None:
    """Where a union was tried, which kind of it, and how well that fits what is written."""
    for length, part in enumerate(detail["loc"]):
        kinds = {declared.__name__: declared for declared in _models(detail["loc"][:length])}
        if len(kinds) > 1 and part in kinds:
            fit = _likeness(kinds[str(part)], detail, length)
            return detail["loc"][:length], str(part), fit
    return None


def _likeness(declared: type[BaseModel], detail: ErrorDetails, length: int) -> float:
    # Only an error right inside the union has the written fields or one of their names at hand.
    given = detail["input"] if detail["type"] == "missing" else {detail["loc"][-1]: None}
    if len(detail["loc"]) != length + 2 or not isinstance(given, dict):
        return 1.0
    return max((_nearest(str(key), declared) for key in given), default=1.0)


def _nearest(key: str, declared: type[BaseModel]) -> float:
    return max(SequenceMatcher(None, key, name).ratio() for name in declared.model_fields)


def _models(location: Location) -> list[type[BaseModel]]:
    """The types that may stand at a location of pydantic's."""
    found: list[Any] = [Protocol]
    for part in location:
        found = [deeper for declared in found for deeper in _inside(declared, part)]
    return [m for declared in found for m in _plain(declared) if _is_model(m)]


def _inside(declared: Any, part: str | int) -> Iterator[Any]:
    for member in _plain(declared):
        if _is_model(member):
            if part in (member.__name__, *_kinds_of(member)):
                yield member
            elif part in member.model_fields:
                yield member.model_fields[str(part)].annotation
        elif get_origin(member) is dict:
            yield get_args(member)[1]
        elif get_origin(member) is tuple:
            yield get_args(member)[0]


def _plain(declared: Any) -> Iterator[Any]:
    """The members of a union, without annotations."""
    if get_origin(declared) is Annotated:
        yield from _plain(get_args(declared)[0])
    elif get_origin(declared) is Union or type(declared).__name__ == "UnionType":
        for member in get_args(declared):
            yield from _plain(member)
    else:
        yield declared


def _is_model(declared: Any) -> bool:
    return isinstance(declared, type) and issubclass(declared, BaseModel)


def _kinds_of(declared: type[BaseModel]) -> Iterator[str]:
    for name in ("kind", "source", "method"):
        field = declared.model_fields.get(name)
        if field and get_origin(field.annotation) is Literal:
            yield from get_args(field.annotation)
