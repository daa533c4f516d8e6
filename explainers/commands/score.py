"""`python -m explainers score`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.files import write_atomically
from experiments.manifest import Manifest, ManifestError, read_manifest
from experiments.scores import SCORES_NAME
from explainers.build import Report
from explainers.commands.computing import add_computing_options
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.memory import parse_memory
from explainers.networks import Network, load_network
from explainers.progress import progress_bar
from explainers.quality.concept_tables import concept_tables
from explainers.quality.curve_plot import curve_figure
from explainers.quality.curve_tables import curve_table
from explainers.quality.folder import DrawnFolder, open_drawn, why_no_truth
from explainers.quality.folder_curves import (
    OWN,
    ScoredExplanation,
    read_rows,
    score_folder,
    write_rows,
)
from explainers.quality.folder_sanity import check_folder, sanity_table
from explainers.quality.folder_truth import explanation_truths, measure_pictures
from explainers.quality.graph_tables import graph_tables
from explainers.quality.own_scores import own_scores
from explainers.quality.truth_tables import Truths, ranking_table, region_table

# What `scores.json` holds of the truth, by picture, explanation and the explanation's own key.
_Told = dict[tuple[str, str, str], dict[str, Any] | None]
# And of graphs and concepts, by stimulus and explanation.
_Own = dict[tuple[str, str], dict[str, Any]]

_EXAMPLES = """\
examples:
  python -m explainers score var/stimuli/gulls --network var/networks/gulls
  python -m explainers score var/stimuli/gulls --network var/networks/gulls --at 28 --sanity 8

Deletion should be small and insertion large; `both` is insertion times (1 - deletion). A placebo
should do much worse than the method it borrows from; if it does not, the explanations say nothing
about their pictures. Coarse maps win at insertion because whole chunks arrive at once: compare maps
of one resolution, or all of them with --at.

--sanity gives the network random weights, from its last layer down, and explains again: a method
whose maps stay the same (correlation near 1) does not explain what the network has learnt.

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
    parser.add_argument(
        "--at", type=int, metavar="CELLS", help="compare all maps at this resolution, too"
    )
    parser.add_argument(
        "--sanity",
        type=int,
        default=0,
        metavar="PICTURES",
        help="explain so many pictures again with random weights in the network",
    )
    add_computing_options(parser)


def run(args: argparse.Namespace) -> int:
    """Print tables; write scores.json and curves.png into the folder."""
    if args.at is not None and args.at < 1:
        raise ExplainersError("--at must be 1 cell or more, such as --at 28.")
    network = load_network(args.network)
    manifest = _read(args.folder, args.network, network)
    absent = why_no_truth(manifest)
    drawn = open_drawn(args.folder, manifest) if absent is None else None
    memory = parse_memory(args.memory)
    evaluator = Evaluator(network, memory=memory, device=args.device)
    with progress_bar(_todo(manifest)) as report, evaluator.session():
        scored = _score(args, manifest, evaluator, report)
        # Twins take long: until they are measured, what an earlier run told stays.
        own = own_scores(args.folder, manifest)
        _write(args.folder, scored, own, _told_before(args.folder))
        truths = _measure_truths(drawn, evaluator, report) if drawn else {}
        _write(args.folder, scored, own, _told(scored, truths))
        checked = check_folder(
            args.folder, manifest, evaluator, report, pictures=args.sanity, memory=memory
        )
    resolutions = [OWN] if args.at is None else [OWN, str(args.at)]
    tables = [curve_table(scored, at) for at in resolutions]
    parts = {stimulus: one.picture.truth.parts for (stimulus, _), one in truths.items()}
    tables += concept_tables(args.folder, manifest, parts)
    tables += graph_tables(args.folder, manifest)
    tables += [sanity_table(checked)] if checked else []
    tables += [[absent]] if absent else [region_table(truths), ranking_table(truths)]
    print("\n\n".join("\n".join(table) for table in tables))
    write_atomically(args.folder / "curves.png", curve_figure(scored, resolutions[-1]))
    print(f"\nwrote {args.folder}/{SCORES_NAME}; look at {args.folder}/curves.png")
    return 0


def _score(
    args: argparse.Namespace, manifest: Manifest, evaluator: Evaluator, report: Report
) -> list[ScoredExplanation]:
    scored: list[ScoredExplanation] = []
    try:
        for one in score_folder(args.folder, manifest, evaluator, report, args.at):
            scored.append(one)
    except KeyboardInterrupt as interruption:
        reached = {(one.stimulus, one.explanation) for one in scored}
        others = [
            row
            for row in read_rows(args.folder)
            if (row["stimulus"], row["explanation"]) not in reached
        ]
        own = own_scores(args.folder, manifest)
        _write(args.folder, scored, own, _told_before(args.folder), others)
        raise KeyboardInterrupt(
            f"Stopped after {len(scored)} scores, all kept. Run the same command to go on."
        ) from interruption
    return scored


def _told_before(folder: Path) -> _Told:
    return {
        (row["picture"], row["explanation"], row["key"]): row.get("truth")
        for row in read_rows(folder)
    }


def _told(scored: Sequence[ScoredExplanation], truths: Truths) -> _Told:
    return {
        (one.picture, one.explanation, one.key): truth.facts()
        for one in scored
        if (truth := truths.get((one.stimulus, one.explanation))) is not None
    }


def _write(
    folder: Path,
    scored: Sequence[ScoredExplanation],
    own: _Own,
    told: _Told,
    others: Sequence[dict[str, Any]] = (),
) -> None:
    rows = [
        {
            **one.facts(),
            **own.get((one.stimulus, one.explanation), {}),
            "truth": told.get((one.picture, one.explanation, one.key)),
        }
        for one in scored
    ]
    write_rows(folder, [*rows, *others])


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
