"""`python -m explainers train`."""

import argparse
import dataclasses
import shutil
from pathlib import Path

import torch
from torch import nn

from experiments.digest import sha256_file
from explainers.errors import ExplainersError
from explainers.images import ImageSet
from explainers.imagesets.opening import open_image_set, require_sound
from explainers.methods.xnn.folder import FOLDER_NAME
from explainers.methods.xnn.names import named_species
from explainers.networks.architectures import (
    build_module,
    default_preprocessing,
    head_name,
    replace_head,
)
from explainers.networks.card import Card, Evaluation, PreprocessingCard, TrainingCard
from explainers.networks.folder import make_network, read_card, save_network
from explainers.networks.network import Preprocessing
from explainers.networks.weights import load_strictly, read_weights
from explainers.progress import progress_bar
from explainers.training import Fitted, evaluate, fit_head, fit_network, load_examples

_EXAMPLES = """\
examples:
  a small network from nothing, on drawn gulls (about a minute on two cores)
    python -m explainers train --images gulls:150 --network gullnet --out var/networks/gulls

  a new head on given weights, for your own species
    python -m explainers train --images cub:DIR --network mobilenet_v2 --weights FILE.pth \\
        --head-only --out var/networks/mine

  a new head on weights that came from TensorFlow: its range of pixels and its padding
    python -m explainers train --images cub:DIR --network mobilenet_v2 --weights FILE.pth \\
        --head-only --mean 0.5 --std 0.5 --tensorflow-padding --out var/networks/mine

Ctrl-C stops without writing anything: a network folder is whole or absent, and the same command
begins again from nothing.
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "train",
        help="fit a network to an image set",
        description="Fit a network and write its folder: weights, card, held-out accuracy.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--images", required=True, help="image set, such as gulls:150 or cub:DIR")
    parser.add_argument("--network", required=True, help="gullnet or a torchvision classifier")
    parser.add_argument(
        "--weights", type=Path, help="state dict to begin with (.pth, .safetensors)"
    )
    parser.add_argument("--head-only", action="store_true", help="fit the last layer only")
    parser.add_argument("--out", type=Path, required=True, help="a folder that is not there yet")
    parser.add_argument(
        "--refresh",
        action="store_true",
        help="keep OUT when it was fitted to these very pictures in this way, else fit it anew",
    )
    parser.add_argument("--epochs", type=int, default=25, help="at most (default 25)")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--lr", type=float, default=3e-3, help="largest learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, help="pixels, when not the architecture's own")
    parser.add_argument("--mean", type=float, help="one value for all colours, in [0, 1]")
    parser.add_argument("--std", type=float, help="one value for all colours")
    parser.add_argument("--tensorflow-padding", action="store_true")
    parser.add_argument("--on-problem", choices=["stop", "skip"], default="stop")


def run(args: argparse.Namespace) -> int:
    """Fit, print how well it does on held-out pictures, write the folder."""
    if args.out.exists() and not args.refresh:
        raise ExplainersError(
            f"{args.out} exists already; name another folder, remove it, or add --refresh."
        )
    if args.head_only and not args.weights:
        raise ExplainersError("--head-only needs --weights: random features are worth nothing.")
    images = open_image_set(args.images, seed=args.seed)
    require_sound(images, args.on_problem)
    preprocessing = _preprocessing(args)
    if args.out.exists() and _is_current(args, images, preprocessing):
        print(f"{args.out} was fitted to these pictures in this way; nothing to do")
        return 0
    _refuse_to_lose_names(args.out / FOLDER_NAME)
    torch.manual_seed(args.seed)
    module = _starting_point(args, len(images.species), preprocessing)
    fitted, evaluation = _fit(args, images, module, preprocessing)
    card = _card(args, images, preprocessing, fitted, evaluation)
    if args.out.exists():
        shutil.rmtree(args.out)
    save_network(make_network(module, card), args.out, card)
    _print_evaluation(images, evaluation)
    print(f"wrote {args.out}")
    return 0


def _refuse_to_lose_names(fitted: Path) -> None:
    """Refuse to fit a network anew whose x-features somebody has named."""
    named = named_species(fitted)
    if named:
        raise ExplainersError(
            f"{fitted} holds names that were given to the x-features of {', '.join(named)}, and "
            "--refresh removes it: an XNN serves the network that it was fitted to, and no other. "
            f"Move {fitted} away first, or name another folder for the new network."
        )


def _is_current(args: argparse.Namespace, images: ImageSet, preprocessing: Preprocessing) -> bool:
    card = read_card(args.out)
    wanted = (
        args.network,
        PreprocessingCard(**dataclasses.asdict(preprocessing)),
        _training(args, images, card.training.epochs if card.training else 0),
    )
    return (card.architecture, card.preprocessing, card.training) == wanted


def _preprocessing(args: argparse.Namespace) -> Preprocessing:
    given = {
        "size": args.size,
        "mean": None if args.mean is None else (args.mean,) * 3,
        "std": None if args.std is None else (args.std,) * 3,
        "tensorflow_padding": args.tensorflow_padding,
    }
    kept = {name: value for name, value in given.items() if value is not None}
    return dataclasses.replace(default_preprocessing(args.network), **kept)


def _starting_point(
    args: argparse.Namespace, species: int, preprocessing: Preprocessing
) -> nn.Module:
    padding = preprocessing.tensorflow_padding
    if args.weights is None:
        return build_module(args.network, species, tensorflow_padding=padding)
    state = read_weights(args.weights)
    module = build_module(args.network, 1000, tensorflow_padding=padding)
    head = head_name(module, 1000)
    own_classes = len(state[f"{head}.weight"]) if f"{head}.weight" in state else 1000
    if own_classes != 1000:
        replace_head(module, head, own_classes)
    load_strictly(module, state, str(args.weights), args.network)
    replace_head(module, head, species)
    return module


def _fit(
    args: argparse.Namespace, images: ImageSet, module: nn.Module, preprocessing: Preprocessing
) -> tuple[Fitted, Evaluation]:
    kept, held_out = images.of_split("train"), images.of_split("test")
    fit = "the head" if args.head_only else f"at most {args.epochs} epochs"
    todo = f"{len(kept)} pictures to fit {fit}, {len(held_out)} held out to test it"
    with progress_bar(todo) as report:
        train = load_examples(images, kept, preprocessing, report)
        if args.head_only:
            fitted = fit_head(module, train, preprocessing, args.seed, report)
        else:
            fitted = fit_network(
                module,
                train,
                preprocessing,
                epochs=args.epochs,
                batch=args.batch,
                learning_rate=args.lr,
                seed=args.seed,
                progress=report,
            )
        test = load_examples(images, held_out, preprocessing, report)
        return fitted, evaluate(module, test, preprocessing, len(images.species))


def _card(
    args: argparse.Namespace,
    images: ImageSet,
    preprocessing: Preprocessing,
    fitted: Fitted,
    evaluation: Evaluation,
) -> Card:
    return Card(
        architecture=args.network,
        species=images.species,
        preprocessing=PreprocessingCard(**dataclasses.asdict(preprocessing)),
        evaluation=evaluation,
        training=_training(args, images, fitted.epochs),
    )


def _training(args: argparse.Namespace, images: ImageSet, epochs: int) -> TrainingCard:
    return TrainingCard(
        image_set=images.kind,
        image_set_digest=images.digest,
        licence=images.licence,
        seed=args.seed,
        head_only=args.head_only,
        epochs=epochs,
        most_epochs=None if args.head_only else args.epochs,
        batch=None if args.head_only else args.batch,
        learning_rate=None if args.head_only else args.lr,
        weights_origin_sha256=sha256_file(args.weights) if args.weights else None,
    )


def _print_evaluation(images: ImageSet, evaluation: Evaluation) -> None:
    print(f"held-out accuracy {evaluation.accuracy:.3f} on {evaluation.pictures} pictures")
    print("confusion (rows: true species, columns: what the network says, in the same order)")
    for species, row in zip(images.species, evaluation.confusion, strict=True):
        share = row[images.species.index(species)] / max(1, sum(row))
        cells = " ".join(f"{count:4}" for count in row)
        print(f"  {species.name:28}{cells}   {share:.2f} right")
