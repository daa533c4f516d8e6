"""`python -m explainers twins`."""

import argparse
import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from experiments.files import write_atomically
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.images import ImageRecord
from explainers.imagesets.gulls import DrawnGulls
from explainers.imagesets.opening import open_image_set
from explainers.networks import Network, load_network
from explainers.progress import progress_bar
from explainers.quality.twin_table import twin_table
from explainers.quality.twins import TwinChange, measure_twins
from explainers.selection import choose_records

_EXAMPLES = """\
examples:
  python -m explainers twins --images gulls:40 --seed 1 --network var/networks/gulls

A twin is a drawn picture with one field mark changed to another species' value. A network that has
learnt the marks moves towards that species in nearly all twins (90 % or more) whose changed mark
shows well; a mark with 50 % is one it does not use. The table of pairs is of the mark that shows
most in each picture: rows are the species shown, columns the one that lends the mark. Use a seed or
split that the network was not fitted to.
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "twins",
        help="measure what each field mark does to a network",
        description="Change each mark of drawn gulls to each other species' value; see how the "
        "network's probabilities move: overall, by mark and by pair of species.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--images", required=True, help="drawn gulls, such as gulls:40")
    parser.add_argument("--network", type=Path, required=True, help="folder written by `train`")
    parser.add_argument("--seed", type=int, default=0, help="of the pictures (default 0)")
    parser.add_argument("--split", choices=["all", "train", "test"], default="test")
    parser.add_argument(
        "--limit", type=int, default=40, help="pictures, spread over species (default 40)"
    )
    parser.add_argument("--out", type=Path, help="write a row for each twin (CSV)")


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    network = load_network(args.network)
    images = _drawn(args.images, args.seed, network)
    records = choose_records(images, split=args.split, limit=args.limit)
    changes = _measure(images, network, records)
    if not changes:
        raise ExplainersError(
            f"No picture of {args.images} shows a telling mark; take more or easier pictures."
        )
    print("\n".join(twin_table(images, changes)))
    if args.out:
        write_atomically(args.out, _csv(changes))
        print(f"wrote {args.out}")
    return 0


def _drawn(spec: str, seed: int, network: Network) -> DrawnGulls:
    images = open_image_set(spec, seed=seed)
    if not isinstance(images, DrawnGulls):
        raise ExplainersError(f"{spec}: only drawn gulls have twins; use gulls:COUNT.")
    unknown = {species.key for species in images.species} - set(network.species)
    if unknown:
        raise ExplainersError(f"The network does not know {', '.join(sorted(unknown))}.")
    return images


def _measure(
    images: DrawnGulls, network: Network, records: Sequence[ImageRecord]
) -> list[TwinChange]:
    evaluator = Evaluator(network)
    changes = []
    with progress_bar(f"{len(records)} pictures to change") as report, evaluator.session():
        for done, record in enumerate(records, start=1):
            drawing = images.truth(record)
            for other in images.species:
                if other.key != record.species:
                    changes += measure_twins(evaluator, images, record, drawing, other.key)
            report("twins", done, len(records))
    return changes


def _csv(changes: Sequence[TwinChange]) -> bytes:
    stream = io.StringIO()
    names = [field.name for field in fields(TwinChange)]
    writer = csv.DictWriter(stream, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(change) for change in changes)
    return stream.getvalue().encode()
