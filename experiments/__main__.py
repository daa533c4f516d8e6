"""`python -m experiments schemas`, `… docs` and `… study NAME`.

Schemas are for editors and other programs, docs/protocol.md is for people; both are made from the
types. `study` makes a ready study, from pictures to the report of its rehearsal.
"""

import argparse
import json
import signal
import sys
from pathlib import Path

from pydantic import BaseModel

from experiments.files import write_atomically
from experiments.manifest import Manifest
from experiments.reference import reference_text
from experiments.schema import Protocol
from experiments.studies import RECIPES
from experiments.study_making import (
    INTERRUPTED,
    MOST_ANSWERS_UNNAMED,
    Making,
    MakingError,
    StepStopped,
    data_folder,
)

SCHEMAS_FOLDER = Path(__file__).parent / "schemas"
REFERENCE = Path(__file__).parents[1] / "docs" / "protocol.md"
SCHEMAS: dict[str, type[BaseModel]] = {
    "protocol.schema.json": Protocol,
    "manifest.schema.json": Manifest,
}
_USER_ERROR = 2
_STUDY_HELP = f"""\
examples:
  python -m experiments study learning
  python -m experiments study reliance --images 'cub:DIR?only=gull' --network var/networks/mine
  python -m experiments study learning --images cub:DIR --network var/networks/mine \\
      --species herring_gull,ring_billed_gull,western_gull

All species that your pictures show are answers, or those that you name; for more than
{MOST_ANSWERS_UNNAMED} they must be named. `cub:DIR?only=gull` keeps the gulls of CUB.
Stop it with Ctrl-C at any time and run the same command again: it makes what is missing.
docs/studies tells each study's question and design, and what was known before.
"""


def schema_text(declared: type[BaseModel]) -> str:
    """Return the JSON Schema of a type, ready to be written."""
    return json.dumps(declared.model_json_schema(), indent=2, sort_keys=True) + "\n"


def main() -> int:
    """Run one sub-command and return its exit status."""
    args = _parser().parse_args()
    if args.command == "study":
        return _make_study(args)
    if args.command == "docs":
        _write(REFERENCE, reference_text())
        return 0
    for name, declared in SCHEMAS.items():
        _write(SCHEMAS_FOLDER / name, schema_text(declared))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m experiments", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("schemas", help="write experiments/schemas/*.json")
    commands.add_parser("docs", help="write docs/protocol.md")
    study = commands.add_parser(
        "study",
        help="make a ready study, from pictures to the report of its rehearsal",
        epilog=_STUDY_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    study.add_argument("name", choices=list(RECIPES))
    study.add_argument("--images", help="your own, such as cub:DIR (default: drawn gulls)")
    study.add_argument("--network", type=Path, help="folder written by `explainers train`")
    study.add_argument("--species", default="", help="the answers (keys, with commas)")
    return parser


def _make_study(args: argparse.Namespace) -> int:
    making = Making(
        RECIPES[args.name],
        data_folder(),
        images=args.images,
        network=args.network,
        species=tuple(key.strip() for key in args.species.split(",") if key.strip()),
        say=lambda told: print(told, flush=True),
    )
    try:
        study = making.make()
    except MakingError as error:
        print(f"error: {error}", file=sys.stderr)
        return _USER_ERROR
    except StepStopped as stopped:
        return _told_of_stop(stopped.status)
    except KeyboardInterrupt:  # between two commands
        return _told_of_stop(INTERRUPTED)
    folder = making.folder(study)
    print(f"{study.slug} is in its pilot stage: `make run` serves it at /s/{study.slug}/.")
    print(f"  pictures  {making.stimuli / 'overview.png'}")
    print(f"  protocol  {folder / 'protocol.yaml'}")
    print(f"  report    {folder / 'report' / 'report.html'}")
    print(f"The simulated participants' effects: {' '.join(making.recipe.rehearsal)}")
    return 0


def _told_of_stop(status: int) -> int:
    if status == INTERRUPTED:
        print("Stopped here; the same command goes on.", file=sys.stderr)
    else:
        print(
            "Stopped here. Mend what is told above; the same command goes on from here.",
            file=sys.stderr,
        )
    return status


def _write(path: Path, text: str) -> None:
    write_atomically(path, text.encode())
    print(f"wrote {path}")


if __name__ == "__main__":
    # A job that a script starts in the background inherits an ignored Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
