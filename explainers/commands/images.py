"""`python -m explainers images`."""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import get_args

from experiments.files import folder_in_the_making, write_atomically
from explainers.errors import ExplainersError
from explainers.images import ImageSet, Split
from explainers.imagesets.gulls import DrawnGulls
from explainers.imagesets.gulls.writing import write_gulls
from explainers.imagesets.opening import KINDS, open_image_set
from explainers.imagesets.sheets import contact_sheet
from explainers.progress import progress_bar
from explainers.rendering.layer import png

_EXAMPLES = """\
examples:
  python -m explainers images cub:CUB_200_2011?only=gull
  python -m explainers images folder:photographs --sheet var/sheet.png
  python -m explainers images gulls --count 40 --seed 1 --out var/gulls --sheet var/gulls.png
  python -m explainers images gulls --difficulty hard --size 320 --sheet var/hard.png
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    forms = "; ".join(f"{form}: {meaning}" for form, meaning in KINDS.items())
    parser = subparsers.add_parser(
        "images",
        help="look at an image set",
        description=f"Count pictures and name every file that can't be used. {forms}",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("images", help="the image set")
    parser.add_argument("--seed", type=int, default=0, help="of drawn pictures (default 0)")
    parser.add_argument("--counts", type=Path, help="write the pictures' numbers by species (JSON)")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet (PNG)")
    parser.add_argument(
        "--out",
        type=Path,
        help="write the pictures, one sub-folder a species; of drawn gulls also masks and marks",
    )
    drawn = parser.add_argument_group("only for drawn gulls")
    drawn.add_argument("--count", help="pictures a species (default 40)")
    drawn.add_argument("--difficulty", help="easy, medium, hard, or 0 to 1 (default medium)")
    drawn.add_argument("--size", help="side of the pictures in pixels (default 224)")


def run(args: argparse.Namespace) -> int:
    """Print what the set holds; exit 1 when a file can't be used."""
    if args.out and args.out.exists():
        raise ExplainersError(f"{args.out} exists already; name a new folder.")
    images = open_image_set(_spec(args), seed=args.seed)
    counts = _counted(images)
    print(f"{len(images.records)} pictures, licence {images.licence}")
    for species in images.species:
        own = counts[species.key]
        print(f"  {species.name:28} {own['train']:5} train {own['test']:5} test")
    for problem in images.problems:
        print(f"  not used: {problem}")
    if args.counts:
        write_atomically(args.counts, json.dumps(counts, indent=1).encode())
        print(f"wrote {args.counts}")
    if args.out:
        _write(images, args.out)
        print(f"wrote {args.out}")
    if args.sheet:
        write_atomically(args.sheet, png(contact_sheet(images)))
        print(f"wrote {args.sheet}")
    return 1 if images.problems else 0


def _counted(images: ImageSet) -> dict[str, dict[str, int]]:
    """Return how many pictures each species has in each split."""
    found = Counter((record.species, record.split) for record in images.records)
    return {
        species.key: {split: found[species.key, split] for split in get_args(Split)}
        for species in images.species
    }


def _spec(args: argparse.Namespace) -> str:
    """Return the image set's text with the options for drawn gulls in it."""
    spec: str = args.images
    given = {name: getattr(args, name) for name in ("count", "difficulty", "size")}
    given = {name: value for name, value in given.items() if value is not None}
    if not given:
        return spec
    place, _, query = spec.partition("?")
    kind, _, count = place.partition(":")
    if kind != "gulls":
        flags = ", ".join(f"--{name}" for name in given)
        raise ExplainersError(f"{flags}: only for drawn gulls, and {spec} names others.")
    if count and "count" in given:
        raise ExplainersError(f"{spec} and --count {given['count']}: say the number once.")
    count = given.pop("count", count)
    options = [query] if query else []
    options += [f"{name}={value}" for name, value in given.items()]
    return "gulls" + (f":{count}" if count else "") + ("?" + "&".join(options) if options else "")


def _write(images: ImageSet, folder: Path) -> None:
    if isinstance(images, DrawnGulls):
        with progress_bar(f"{len(images.records)} gulls to draw") as report:
            write_gulls(images, folder, report)
        return
    with folder_in_the_making(folder) as making:
        for species in images.species:
            (making / species.key).mkdir()
        for record in images.records:
            images.open(record).save(making / record.species / f"{record.key}.png")
