"""`python -m explainers build`."""

import argparse
from pathlib import Path
from statistics import fmean

from experiments.files import write_atomically
from experiments.manifest import SOME_FAILED, Manifest
from explainers.build import STYLES, Build
from explainers.commands.computing import add_computing_options, add_set_option
from explainers.counterfactuals import CounterfactualSettings
from explainers.images import ImageRecord
from explainers.imagesets.opening import open_image_set, require_sound
from explainers.memory import parse_memory
from explainers.networks import Network, load_network
from explainers.progress import progress_bar
from explainers.quality.folder import open_drawn, why_no_truth
from explainers.quality.folder_truth import region_scores
from explainers.quality.truth_tables import region_line
from explainers.registry import METHODS, parse_methods
from explainers.rendering.layer import png
from explainers.rendering.overview import overview
from explainers.selection import choose_records, require_explainable
from explainers.settings import parse_assignments

_EXAMPLES = f"""\
examples:
  python -m explainers build --images gulls --network var/networks/gulls \\
      --methods gradcam,igos,placebo --limit 40 --out var/stimuli/gulls

`igos:56`, `igospp:14` and `mask:7` set the resolution of the mask (7, 14, 28, 56, 112, 224);
`rise:14` the grid of its random masks; `occlusion:7`, `excitation:28`, `random:14` that of the map.
`--set sag.width=5 --set sag.sufficient=0.95` changes other parameters, listed in docs/methods.md;
what is computed with them is kept apart from what was computed without.
For the task `distinction`, `--also-for 3` explains the three likeliest other species, too; for
`counterfactual`, `--counterfactuals` makes two versions of each picture with parts hidden.
`placebo` borrows I-GOS maps of other pictures; `placebo:gradcam` borrows Grad-CAM maps.
Stop it with Ctrl-C at any time and run the same command again: what is done is not done twice. It
is done anew where another machine or --device computes with other numbers (float32, bfloat16, GPU).

Exit status: 0 when all was explained; {SOME_FAILED} when something could not be (all that is
named, the rest written); 2 when the command asks for what can't be; 130 when stopped.
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "build",
        help="compute explanations and write a stimulus folder",
        description="Explain what a network says of each picture; write files and manifest.json.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--images", required=True, help="image set, such as cub:DIR")
    parser.add_argument("--network", type=Path, required=True, help="folder written by `train`")
    parser.add_argument("--methods", required=True, help=f"of {', '.join(METHODS)}, placebo")
    add_set_option(parser)
    parser.add_argument("--out", type=Path, required=True, help="stimulus folder, new or begun")
    parser.add_argument(
        "--limit", type=_some, metavar="N", help="pictures, spread over species and splits"
    )
    parser.add_argument(
        "--each", type=_some, metavar="N", help="pictures of each species in each split, at most"
    )
    parser.add_argument("--species", default="", help="explain these only (keys, with commas)")
    parser.add_argument("--split", choices=["all", "train", "test"], default="all")
    parser.add_argument("--seed", type=int, default=0)
    add_computing_options(parser)
    parser.add_argument(
        "--style", choices=list(STYLES), default="heat", help="how maps are drawn over pictures"
    )
    parser.add_argument(
        "--also-for",
        type=_none_or_more,
        default=0,
        metavar="K",
        help="explain the K likeliest other species of each picture, too, or all that there are",
    )
    parser.add_argument(
        "--counterfactuals",
        action="store_true",
        help="make two versions of each picture that hide equally many patches",
    )
    parser.add_argument(
        "--counterfactual-gap",
        type=_share,
        default=CounterfactualSettings.gap,
        metavar="P",
        help="by how much the network's probabilities of the two differ, at least (%(default)s)",
    )
    parser.add_argument("--on-problem", choices=["stop", "skip"], default="stop")


def run(args: argparse.Namespace) -> int:
    """Build; a status of its own says that something failed and the rest was written."""
    methods = parse_methods(args.methods)
    computed = dict.fromkeys(lender or name for name, lender in methods.items())
    settings = parse_assignments(args.set, computed)
    network = load_network(args.network)
    also_for = _others(network, args.also_for)
    images = open_image_set(args.images, seed=args.seed)
    require_sound(images, args.on_problem)
    species = tuple(key.strip() for key in args.species.split(",") if key.strip())
    records = choose_records(
        images, split=args.split, limit=args.limit, each=args.each, species=species
    )
    require_explainable(records, network, methods)
    versions = CounterfactualSettings(gap=args.counterfactual_gap) if args.counterfactuals else None
    with progress_bar(_todo(records, methods, also_for)) as report:
        build = Build(
            *(images, network, methods, args.out, args.seed, report),
            memory=parse_memory(args.memory),
            device=args.device,
            style=args.style,
            also_for=also_for,
            counterfactuals=versions,
            settings=settings,
        )
        try:
            manifest = build.run(records)
        except KeyboardInterrupt as interruption:
            done = build.counts.computed + build.counts.reused
            raise KeyboardInterrupt(
                f"Stopped after {done} explanations, all kept. Run the same command to go on."
            ) from interruption
    write_atomically(args.out / "overview.png", png(overview(args.out, manifest)))
    _print_summary(build, manifest)
    _print_truth(build, manifest)
    print(f"wrote {args.out}/manifest.json; look at {args.out}/overview.png")
    return SOME_FAILED if build.failures else 0


def _some(text: str) -> int:
    return _at_least(1, text)


def _none_or_more(text: str) -> int:
    return _at_least(0, text)


def _at_least(least: int, text: str) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of {least} or more")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number between 0 and 1")
    return share


def _others(network: Network, wanted: int) -> int:
    others = len(network.species) - 1
    if wanted > others:
        print(
            f"--also-for {wanted}: beside its answer the network knows {others} other species; "
            "these are explained."
        )
    return min(wanted, others)


def _todo(records: list[ImageRecord], methods: dict[str, str | None], also_for: int) -> str:
    computed = len({lender or name for name, lender in methods.items()})
    explanations = len(records) * computed * (1 + also_for)
    return f"{len(records)} pictures, {explanations} explanations to compute or to reuse"


def _print_summary(build: Build, manifest: Manifest) -> None:
    counts = build.counts
    print(f"{len(manifest.stimuli)} stimuli: computed {counts.computed}, reused {counts.reused}")
    for method, seconds in counts.seconds.items():
        print(f"  {method:10} {fmean(seconds):7.2f} s a picture")
    emptied = {stimulus.key: stimulus.emptied_by_blur for stimulus in manifest.stimuli}
    if blurred := [key for key, names in emptied.items() if names]:
        print(
            f"  on {len(blurred)} pictures blurring leaves the network half of its certainty, so "
            f"that {', '.join(sorted(set().union(*emptied.values())))} says little of them: "
            f"{', '.join(blurred)}"
        )
    for failure in build.failures:
        print(f"  failed: {failure.origin} {failure.method or ''}: {failure.reason}")


def _print_truth(build: Build, manifest: Manifest) -> None:
    if why_no_truth(manifest) is None:
        drawn = open_drawn(build.folder, manifest)
        for name, scores in region_scores(drawn, build.probabilities).items():
            print(f"  {name:10} {region_line(scores)}")
