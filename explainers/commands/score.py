"""`python -m explainers score`."""

import argparse
import json
from pathlib import Path
from statistics import fmean

import safetensors.torch
from PIL import Image

from experiments.files import write_atomically
from experiments.manifest import ManifestError, read_manifest
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.networks import load_network
from explainers.progress import progress_bar
from explainers.quality.curves import Curves, measure_curves

_EXAMPLES = """\
examples:
  python -m explainers score var/stimuli/gulls --network var/networks/gulls

Deletion should be small and insertion large. A placebo should do much worse than the method it
borrows from; if it does not, the explanations say nothing about their pictures.
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "score",
        help="measure how faithful explanations are",
        description="Deletion and insertion scores of every explanation of a stimulus folder.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="written by `build`")
    parser.add_argument("--network", type=Path, required=True, help="the network explained")


def run(args: argparse.Namespace) -> int:
    """Print a table and write scores.json into the folder."""
    network = load_network(args.network)
    try:
        manifest = read_manifest(args.folder)
    except ManifestError as error:
        raise ExplainersError(str(error)) from error
    if manifest.network.digest != network.digest:
        raise ExplainersError(f"{args.folder} explains another network than {args.network}.")
    rows = []
    evaluator = Evaluator(network)
    with progress_bar() as report, evaluator.session():
        for done, stimulus in enumerate(manifest.stimuli, start=1):
            image = network.to_tensor(Image.open(args.folder / stimulus.picture.path))
            for name, entry in stimulus.explanations.items():
                heat = safetensors.torch.load_file(args.folder / entry.map.path)["map"]
                target = network.species.index(stimulus.predicted_species)
                curves = measure_curves(evaluator, image, heat, target)
                rows.append(_row(stimulus.key, name, curves))
            report("scores", done, len(manifest.stimuli))
    write_atomically(args.folder / "scores.json", (json.dumps(rows, indent=1) + "\n").encode())
    _print_table(rows)
    return 0


def _row(stimulus: str, name: str, curves: Curves) -> dict[str, str | float]:
    return {
        "stimulus": stimulus,
        "explanation": name,
        "deletion": round(curves.deletion_area, 5),
        "insertion": round(curves.insertion_area, 5),
    }


def _print_table(rows: list[dict[str, str | float]]) -> None:
    print(f"{'explanation':16} {'deletion':>9} {'insertion':>9}")
    for name in dict.fromkeys(row["explanation"] for row in rows):
        own = [row for row in rows if row["explanation"] == name]
        means = [fmean(float(row[score]) for row in own) for score in ("deletion", "insertion")]
        print(f"{name:16} {means[0]:9.3f} {means[1]:9.3f}")
