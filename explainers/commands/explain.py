"""`python -m explainers explain`."""

import argparse
from pathlib import Path

from experiments.files import write_atomically
from explainers.commands.computing import add_computing_options, add_set_option
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.images import picture_digest
from explainers.imagesets.reading import UnusablePicture, read_picture
from explainers.memory import parse_memory
from explainers.networks import load_network
from explainers.registry import METHODS, create
from explainers.rendering.layer import png
from explainers.settings import parse_assignments

_EXAMPLES = """\
examples:
  python -m explainers explain gull.jpg --network var/networks/gulls --out heat.png
  python -m explainers explain gull.jpg --network var/networks/gulls --method gradcam \\
      --species ivory_gull --out heat.png
  python -m explainers explain gull.jpg --network var/networks/gulls --method sag:zero \
      --set sag:zero.width=5 --set sag:zero.sufficient=0.95 --out graph.png
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "explain",
        help="explain one picture",
        description="Explain what a network says of one picture, and write the overlay.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("image", type=Path)
    parser.add_argument("--network", type=Path, required=True, help="folder written by `train`")
    parser.add_argument(
        "--method", default="igos", help=f"of {', '.join(METHODS)}; igos:56 sets the resolution"
    )
    add_set_option(parser)
    parser.add_argument("--species", help="explain this answer instead of the network's own")
    add_computing_options(parser)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="PNG to write")


def run(args: argparse.Namespace) -> int:
    """Print what the network says and write the overlay beside the map as data."""
    if args.out.suffix.lower() != ".png":
        raise ExplainersError(f"--out {args.out}: a PNG is written; let the name end in .png.")
    settings = parse_assignments(args.set, [args.method])[args.method]
    network = load_network(args.network)
    if args.species is not None and args.species not in network.species:
        raise ExplainersError(f"The network knows {', '.join(network.species)}.")
    try:
        image = read_picture(args.image)
    except UnusablePicture as reason:
        raise ExplainersError(f"{args.image} {reason}.") from reason
    tensor = network.to_tensor(image)
    target = None if args.species is None else network.species.index(args.species)
    evaluator = Evaluator(network, memory=parse_memory(args.memory), device=args.device)
    explainer = create(args.method, network, evaluator).with_settings(settings)
    (explanation,) = explainer.explain(
        tensor[None], target, seed=args.seed, names=[picture_digest(image)]
    )
    (row,) = evaluator.probabilities(tensor[None])
    said, probability = network.species[int(row.argmax())], float(row.max())
    explained = network.species[explanation.target]
    print(f"the network says {said} (probability {probability:.3f})")
    print(f"explained: {explained} (probability {explanation.probability:.3f})")
    print(f"{explanation.forward} forward, {explanation.backward} backward passes")
    print("\n".join([explainer.alt(explanation), *explainer.told(explanation)]))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(args.out, png(explainer.still(explanation, image)))
    explanation.save(args.out.with_suffix(""))
    print(f"wrote {args.out}, {args.out.with_suffix('.safetensors').name} and .json")
    drawing = explainer.svg(explanation, image)
    if drawing is not None:
        write_atomically(args.out.with_suffix(".svg"), drawing.encode())
        print(f"wrote {args.out.with_suffix('.svg')}")
    return 0
