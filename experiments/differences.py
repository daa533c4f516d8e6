"""What two protocols differ in, and what each difference touches.

Stages, questions and items are told apart by their key, contrasts by the arms they compare, so that
an entry put in between changes nothing about the others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from experiments.findings import Location, path_text
from experiments.schema import Protocol

Touched = Literal["participants", "allocation", "analysis"]
TOUCHES: Mapping[Touched, str] = {
    "participants": "what participants see",
    "allocation": "the allocation",
    "analysis": "the analysis plan",
}
# Names, and the format's version, are read by researchers and programs only.
_UNSEEN = ("schema_version", "slug")
_ABSENT = object()


@dataclass(frozen=True)
class Difference:
    """One field that two protocols have otherwise.

    Attributes
    ----------
    where
        Its path, such as ``stages.assessment.stimuli.per_species``.
    kind
        Whether the new one adds it, lacks it, changes it, or has its entries in another order.
    old, new
        As JSON; None where there is none.
    touches
        What it alters.
    """

    where: str
    kind: Literal["added", "removed", "changed", "reordered"]
    old: Any
    new: Any
    touches: tuple[Touched, ...]


def differences(old: Protocol, new: Protocol) -> tuple[Difference, ...]:
    """Return every difference of two protocols, in the order of their fields.

    Defaults are written out before the two are compared: a field that says what would hold without
    it is no difference.

    Parameters
    ----------
    old, new
        The protocols.
    """
    return tuple(_between(old.model_dump(mode="json"), new.model_dump(mode="json"), ()))


def picture_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return where two frozen studies show other pictures, though their protocols may be alike.

    Parameters
    ----------
    old, new
        What was frozen beside each protocol: `manifest_digest`, `selection` and `guide`.
    """
    return tuple(_between(_shown_pictures(old), _shown_pictures(new), ("pictures",)))


def _shown_pictures(frozen: Mapping[str, Any]) -> dict[str, Any]:
    return {field: frozen.get(field) for field in ("manifest_digest", "selection", "guide")}


def _between(old: Any, new: Any, where: Location) -> Iterator[Difference]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _between_mappings(old, new, where)
        return
    if _are_pages(old, new):
        yield from _between_mappings(_numbered(old), _numbered(new), where)
        return
    named_old, named_new = _by_name(old), _by_name(new)
    if named_old is not None and named_new is not None:
        yield from _between_mappings(named_old, named_new, where)
        common = [name for name in named_old if name in named_new]
        if common != [name for name in named_new if name in named_old]:
            yield _difference("reordered", [*named_old], [*named_new], where)
        return
    yield _difference("changed", old, new, where)


def _between_mappings(
    old: Mapping[str, Any], new: Mapping[str, Any], where: Location
) -> Iterator[Difference]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name, _ABSENT), new.get(name, _ABSENT)
        if before is _ABSENT:
            yield _difference("added", None, after, (*where, name))
        elif after is _ABSENT:
            yield _difference("removed", before, None, (*where, name))
        else:
            yield from _between(before, after, (*where, name))


def _difference(
    kind: Literal["added", "removed", "changed", "reordered"], old: Any, new: Any, where: Location
) -> Difference:
    return Difference(path_text(where), kind, old, new, _touched(where))


def _are_pages(old: Any, new: Any) -> bool:
    """Whether both are lists of long texts, which are compared page by page."""
    if not isinstance(old, list) or not isinstance(new, list):
        return False
    entries = [*old, *new]
    return all(isinstance(entry, str) for entry in entries) and "\n" in "".join(entries)


def _numbered(pages: list[str]) -> dict[str, str]:
    return {str(number): page for number, page in enumerate(pages)}


def _by_name(entries: Any) -> dict[str, Any] | None:
    """A list of entries with names as a mapping; None where they have none, or share one."""
    if not isinstance(entries, list):
        return None
    names = [_name(entry) for entry in entries]
    if None in names or len(set(names)) < len(names):
        return None
    return {str(name): entry for name, entry in zip(names, entries, strict=True)}


def _name(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return None
    if "against" in entry:
        return f"{entry['arm']} against {entry['against']}"
    return entry.get("key")


def _touched(where: Location) -> tuple[Touched, ...]:
    first, last = where[0], where[-1]
    if first in _UNSEEN:
        return ()
    if first in ("allocation", "analysis"):
        return (first,)  # type: ignore[return-value]
    if first == "arms":
        if len(where) == 2:
            return ("participants", "allocation")
        return ("allocation",) if last == "weight" else ("participants",)
    return ("participants",)
