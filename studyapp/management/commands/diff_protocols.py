"""`manage.py diff_protocols A B`."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from experiments.differences import (
    TOUCHES,
    Difference,
    differences,
    picture_differences,
)
from experiments.loading import load_protocol
from experiments.schema import Protocol
from studyapp.management.teaching import TeachingCommand, study_named
from studyapp.selectors.studies import protocol_of

_LONGEST_SHOWN = 200


@dataclass(frozen=True)
class _Plan:
    """A protocol, and what was frozen with it if it was."""

    name: str
    protocol: Protocol
    frozen: dict[str, Any] | None = None


class Command(TeachingCommand):
    """Compares two plans and changes nothing."""

    help = (
        "Tell what two protocols differ in, and whether each difference alters what participants "
        "see, the allocation or the analysis plan. A and B are files or slugs of frozen studies."
    )
    examples = (
        "  manage.py diff_protocols my-study.yaml my-study-2.yaml\n"
        "  manage.py diff_protocols gulls-demo my-study.yaml\n"
        "  manage.py diff_protocols pilot-1 pilot-2 --json"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("old", metavar="A", help="a protocol file, or the slug of a study")
        parser.add_argument("new", metavar="B", help="another")
        parser.add_argument("--json", action="store_true", help="print the differences as JSON")

    def needs_tables(self, options: dict[str, Any]) -> bool:
        return not (Path(options["old"]).is_file() and Path(options["new"]).is_file())

    def handle(self, *args: Any, **options: Any) -> None:
        old, new = _plan(options["old"]), _plan(options["new"])
        found = differences(old.protocol, new.protocol)
        if old.frozen is not None and new.frozen is not None:
            found = (*found, *picture_differences(old.frozen, new.frozen))
        if options["json"]:
            self.stdout.write(_as_json(old, new, found))
            return
        for difference in found:
            self.stdout.write("\n".join(_told(difference)))
        self.stdout.write(_summary(old, new, found))


def _plan(name: str) -> _Plan:
    path = Path(name)
    if not path.is_file() and (path.suffix or len(path.parts) > 1):
        raise CommandError(f"There is no file {name}.")
    if not path.is_file():
        study = study_named(name)
        return _Plan(name, protocol_of(study), study.frozen)
    loaded = load_protocol(path)
    if loaded.protocol is None:
        told = "\n  ".join(finding.sentence(name) for finding in loaded.findings)
        raise CommandError(f"{name} is no protocol yet, so that it can't be compared.\n  {told}")
    return _Plan(name, loaded.protocol)


def _as_json(old: _Plan, new: _Plan, found: tuple[Difference, ...]) -> str:
    touched = {name: any(name in one.touches for one in found) for name in TOUCHES}
    told = {
        "old": old.name,
        "new": new.name,
        "alters": touched,
        "differences": [asdict(difference) for difference in found],
    }
    return json.dumps(told, indent=2, ensure_ascii=False)


def _told(difference: Difference) -> Iterator[str]:
    alters = " and ".join(TOUCHES[name] for name in difference.touches) or "nothing of the study"
    yield f"{difference.where} {difference.kind}: alters {alters}"
    old, new = difference.old, difference.new
    if isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        lines = unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
        yield from (f"  {line}" for line in lines if not line.startswith(("---", "+++", "@@")))
        return
    if difference.kind != "added":
        yield f"  - {_shown(old)}"
    if difference.kind != "removed":
        yield f"  + {_shown(new)}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) or len(text) <= _LONGEST_SHOWN:
        return text
    return text[:_LONGEST_SHOWN] + "…"


def _summary(old: _Plan, new: _Plan, found: tuple[Difference, ...]) -> str:
    if not found:
        return f"{old.name} and {new.name} declare the same."
    counts = {name: sum(name in one.touches for one in found) for name in TOUCHES}
    told = [f"{TOUCHES[name]} by {count}" for name, count in counts.items() if count]
    total = "1 difference" if len(found) == 1 else f"{len(found)} differences"
    return f"{total}. Altered: {', '.join(told) or 'nothing of the study'}."
