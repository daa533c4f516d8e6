"""`python -m explainers images`."""

import argparse
from collections import Counter
from pathlib import Path

from PIL import Image

from explainers.errors import ExplainersError
from explainers.images import ImageSet
from explainers.imagesets.opening import KINDS, open_image_set

_EXAMPLES = """\
examples:
  python -m explainers images cub:CUB_200_2011?only=gull
  python -m explainers images folder:photographs --sheet var/sheet.png
  python -m explainers images gulls:20 --seed 3 --out var/gulls
"""
_TILE = 112
_COLUMNS = 10


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
    parser.add_argument("--sheet", type=Path, help="write a contact sheet (PNG)")
    parser.add_argument("--out", type=Path, help="write the pictures, one sub-folder a species")


def run(args: argparse.Namespace) -> int:
    """Print what the set holds; exit 1 when a file can't be used."""
    images = open_image_set(args.images, seed=args.seed)
    counts = Counter((record.species, record.split) for record in images.records)
    print(f"{len(images.records)} pictures, licence {images.licence}")
    for species in images.species:
        train, test = counts[species.key, "train"], counts[species.key, "test"]
        print(f"  {species.name:28} {train:5} train {test:5} test")
    for problem in images.problems:
        print(f"  not used: {problem}")
    if args.sheet:
        contact_sheet(images).save(_ready(args.sheet))
        print(f"wrote {args.sheet}")
    if args.out:
        _write(images, args.out)
        print(f"wrote {args.out}")
    return 1 if images.problems else 0


def contact_sheet(images: ImageSet) -> Image.Image:
    """Return the first pictures of each species, a row each."""
    sheet = Image.new("RGB", (_COLUMNS * _TILE, len(images.species) * _TILE), "white")
    for row, species in enumerate(images.species):
        records = [record for record in images.records if record.species == species.key]
        for column, record in enumerate(records[:_COLUMNS]):
            tile = images.open(record).resize((_TILE, _TILE), Image.Resampling.LANCZOS)
            sheet.paste(tile, (column * _TILE, row * _TILE))
    return sheet


def _write(images: ImageSet, folder: Path) -> None:
    if folder.exists():
        raise ExplainersError(f"{folder} exists already; name a new folder.")
    for record in images.records:
        images.open(record).save(_ready(folder / record.species / f"{record.key}.png"))


def _ready(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
