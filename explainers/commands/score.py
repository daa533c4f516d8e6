"""`python -m explainers score`."""

import argparse
import json
from pathlib import Path
from statistics import fmean
from typing import Any

import safetensors.torch
from PIL import Image

from experiments.files import write_atomically
from experiments.manifest import Manifest, ManifestError, read_manifest
from explainers.build import Report
from explainers.commands.computing import add_computing_options
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.memory import parse_memory
from explainers.networks import Network, load_network
from explainers.progress import progress_bar
from explainers.quality.curves import Curves, measure_curves
from explainers.quality.folder import DrawnFolder, open_drawn, why_no_truth
from explainers.quality.folder_truth import explanation_truths, measure_pictures
from explainers.quality.truth_tables import Truths, ranking_table, region_table

_EXAMPLES = """\
examples:
  python -m explainers score var/stimuli/gulls --network var/networks/gulls

Deletion should be small and insertion large. A placebo should do much worse than the method it
borrows from; if it does not, the explanations say nothing about their pictures.

Of drawn gulls the truth is known, too. `telling` is the region of the parts whose marks tell the
network's answer from the runner-up (or from the true species, when the network errs):
  mass      share of the heat inside
  top       share of the hottest tenth of the pixels inside
  pointing  how often the hottest pixel is inside
  tau-b     do map and network rank the parts alike (1), at random (0) or against each other (-1)
  top part  how often the hottest part is the one the network depends on most
`chance` is what a map without information has, `shuffled` what the same method's maps for other
pictures have, and `gain` is the mean above shuffled. A placebo's gain should be about 0.
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "score",
        help="measure how faithful explanations are",
        description="Deletion and insertion scores of every explanation of a stimulus folder; of "
        "drawn gulls also how well each explanation finds the truth.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="written by `build`")
    parser.add_argument("--network", type=Path, required=True, help="the network explained")
    add_computing_options(parser)


def run(args: argparse.Namespace) -> int:
    """Print tables and write scores.json into the folder."""
    network = load_network(args.network)
    manifest = _read(args.folder, args.network, network)
    absent = why_no_truth(manifest)
    drawn = open_drawn(args.folder, manifest) if absent is None else None
    evaluator = Evaluator(network, memory=parse_memory(args.memory), device=args.device)
    with progress_bar(_todo(manifest)) as report, evaluator.session():
        truths = _measure_truths(drawn, evaluator, report) if drawn else {}
        rows = _measure_curves(args.folder, manifest, evaluator, report)
    for row in rows:
        truth = truths.get((row["stimulus"], row["explanation"]))
        row["truth"] = None if truth is None else truth.facts()
    write_atomically(args.folder / "scores.json", (json.dumps(rows, indent=1) + "\n").encode())
    print("\n".join(_curve_table(rows)))
    print()
    print(absent or "\n".join([*region_table(truths), "", *ranking_table(truths)]))
    return 0


def _todo(manifest: Manifest) -> str:
    explanations = sum(len(stimulus.explanations) for stimulus in manifest.stimuli)
    return f"{len(manifest.stimuli)} pictures, {explanations} explanations to score"


def _read(folder: Path, network_folder: Path, network: Network) -> Manifest:
    try:
        manifest = read_manifest(folder)
    except ManifestError as error:
        raise ExplainersError(str(error)) from error
    if manifest.network.digest != network.digest:
        raise ExplainersError(f"{folder} explains another network than {network_folder}.")
    return manifest


def _measure_truths(drawn: DrawnFolder, evaluator: Evaluator, report: Report) -> Truths:
    return explanation_truths(drawn, measure_pictures(drawn, evaluator, report))


def _measure_curves(
    folder: Path, manifest: Manifest, evaluator: Evaluator, report: Report
) -> list[dict[str, Any]]:
    network, rows = evaluator.network, []
    for done, stimulus in enumerate(manifest.stimuli, start=1):
        image = network.to_tensor(Image.open(folder / stimulus.picture.path))
        for name, entry in stimulus.explanations.items():
            heat = safetensors.torch.load_file(folder / entry.map.path)["map"]
            target = network.species.index(stimulus.predicted_species)
            curves = measure_curves(evaluator, image, heat, target)
            rows.append(_row(stimulus.key, name, curves))
        report("scores", done, len(manifest.stimuli))
    return rows


def _row(stimulus: str, name: str, curves: Curves) -> dict[str, Any]:
    return {
        "stimulus": stimulus,
        "explanation": name,
        "deletion": round(curves.deletion_area, 5),
        "insertion": round(curves.insertion_area, 5),
    }


def _curve_table(rows: list[dict[str, Any]]) -> list[str]:
    lines = [f"{'explanation':16} {'deletion':>9} {'insertion':>9}"]
    for name in dict.fromkeys(row["explanation"] for row in rows):
        own = [row for row in rows if row["explanation"] == name]
        means = [fmean(row[score] for row in own) for score in ("deletion", "insertion")]
        lines.append(f"{name:16} {means[0]:9.3f} {means[1]:9.3f}")
    return lines
