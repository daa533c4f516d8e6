"""`python -m explainers fit`."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Literal

from explainers.commands.computing import add_computing_options
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.images import ImageSet
from explainers.imagesets.opening import open_image_set, require_sound
from explainers.memory import parse_memory
from explainers.methods.xnn.card import XnnCard
from explainers.methods.xnn.folder import FOLDER_NAME, WEIGHTS_NAME, read_xnn_card
from explainers.methods.xnn.layers import encoded_layer
from explainers.methods.xnn.making import Maker
from explainers.methods.xnn.names import is_named
from explainers.methods.xnn.settings import XnnSettings
from explainers.networks import Network, load_network
from explainers.progress import progress_bar

_DEFAULTS = XnnSettings()
_EXAMPLES = f"""\
examples:
  python -m explainers fit xnn --network var/networks/gulls --images gulls:150
  python -m explainers fit xnn --network var/networks/mine --images cub:DIR \\
      --species ivory_gull,herring_gull --x-features auto

An XNN reads the logit of one species as a sum of a few x-features, made from what the network's
last linear layers are given. Use the pictures that the network was fitted to: x-features are fitted
to their train split and measured on their test split.

Each species gets a folder NETWORK/{FOLDER_NAME}/SPECIES. Look at its x1.png, x2.png, ...: pictures
in which an x-feature is strong, and where it is seen. Give those you understand a name in
names.json, such as "x1": "yellow bill"; the others stay "concept 2". Some will look like noise.
Then: python -m explainers explain gull.jpg --network NETWORK --method xnn --out concepts.png

The table tells of held-out pictures:
  rmse         of the species' logit
  agreement    how often the network's answer stays when the XNN's logit takes the place of its own
  right        how often network and XNN are right about pictures of the species
  rebuilt      share of the layer's features that the decoder explains half of, or more
  correlation  between the contributions of two x-features: 0 when they tell different things
  significant  x-features that carry nine tenths of the evidence, mean over the species' pictures
  area         share of the picture that holds half of an x-feature's heat
  spread       of the heat over a drawn bird's parts: 0 when it is all on one, 1 when on all alike

Stop it with Ctrl-C at any time and run the same command again: fitted species are kept. What
--refresh fits anew stays as it was until the new fit is whole.
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "fit",
        help="fit what a method needs before it can explain",
        description="Fit an Explanation Neural Network (xnn) beside a network, species by species.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("method", choices=["xnn"])
    parser.add_argument("--network", type=Path, required=True, help="folder written by `train`")
    parser.add_argument("--images", required=True, help="image set, such as gulls:150 or cub:DIR")
    parser.add_argument("--layer", help="linear layer whose input is encoded (default: see above)")
    parser.add_argument(
        "--x-features",
        default=str(_DEFAULTS.x_features),
        help=f"how many, or auto (default {_DEFAULTS.x_features}); auto takes six fits more",
    )
    parser.add_argument("--species", default="", help="fit these only (keys, with commas)")
    parser.add_argument(
        "--epochs",
        type=int,
        help=f"of a round, of which there are {_DEFAULTS.rounds} at most (default "
        f"{_DEFAULTS.epochs}, and more for fewer than 400 pictures)",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--refresh", action="store_true", help="fit anew, names and all, what was fitted otherwise"
    )
    add_computing_options(parser)
    parser.add_argument("--on-problem", choices=["stop", "skip"], default="stop")


def run(args: argparse.Namespace) -> int:
    """Fit the species that are not fitted yet, and print how good all are."""
    network = load_network(args.network)
    images = open_image_set(args.images, seed=args.seed)
    require_sound(images, args.on_problem)
    species = _chosen(args.species, network, images)
    layer = encoded_layer(network, args.layer)
    evaluator = Evaluator(network, memory=parse_memory(args.memory), device=args.device)
    number = _x_features(args.x_features)
    usual = _DEFAULTS.usual_epochs(len(images.of_split("train")))
    settings = _DEFAULTS.with_epochs(usual if args.epochs is None else args.epochs)
    if number != "auto":
        settings = replace(settings, x_features=number)
    with progress_bar() as report:
        maker = Maker(evaluator, layer, images, settings, number, args.seed, report)
        cards = {key: _current(maker, key, refresh=args.refresh) for key in species}
        with evaluator.session():
            _fit(maker, cards)
    print("\n".join(_table([card for card in cards.values() if card is not None])))
    print(f"look at x1.png, x2.png, ... in {args.network / FOLDER_NAME}/SPECIES")
    return 0


def _chosen(wanted: str, network: Network, images: ImageSet) -> tuple[str, ...]:
    shown = {record.species for record in images.records}
    strange = sorted(shown - set(network.species))
    if strange:
        raise ExplainersError(
            f"The network does not know {', '.join(strange)}: use the pictures it was fitted to."
        )
    keys = tuple(key.strip() for key in wanted.split(",") if key.strip())
    missing = [key for key in keys if key not in network.species]
    if missing:
        raise ExplainersError(
            f"There is no species {', '.join(missing)}. The network knows "
            f"{', '.join(network.species)}."
        )
    fitted_to = {record.species for record in images.of_split("train")}
    unseen = [key for key in keys or network.species if key not in fitted_to]
    if unseen:
        raise ExplainersError(
            f"The train split of these pictures shows no {', '.join(unseen)}, and x-features are "
            "fitted to it. Add pictures, or name the species to fit by --species."
        )
    return keys or network.species


def _x_features(text: str) -> int | Literal["auto"]:
    if text == "auto":
        return "auto"
    if not text.isdecimal():
        raise ExplainersError(f"--x-features {text}: write a number such as 5, or auto.")
    return int(text)


def _current(maker: Maker, species: str, *, refresh: bool) -> XnnCard | None:
    """Return the card of a species that was fitted in this very way, None where it is to be made.

    Raises
    ------
    ExplainersError
        When it was fitted otherwise or has names without weights, and may not be fitted anew.
    """
    assert maker.network.folder is not None
    folder = maker.network.folder / FOLDER_NAME / species
    whole = (folder / WEIGHTS_NAME).is_file()
    if not whole and not is_named(folder):
        return None
    try:
        card = read_xnn_card(folder)
        if whole and card.origin == maker.origin(species):
            return card
        why = "was fitted to other pictures or in another way" if whole else "has lost its weights"
        reason = f"{folder} {why}"
    except ExplainersError as error:
        reason = str(error).removesuffix(".")
    if not refresh:
        raise ExplainersError(f"{reason}. Add --refresh to fit it anew; its names are lost then.")
    return None


def _fit(maker: Maker, cards: dict[str, XnnCard | None]) -> None:
    """Fit the species that have no card yet."""
    todo = [key for key, card in cards.items() if card is None]
    for done, key in enumerate(todo):
        maker.report("species", done, len(todo))
        try:
            cards[key] = maker.make(key)
        except KeyboardInterrupt as interruption:
            raise KeyboardInterrupt(
                f"Stopped after {done} of {len(todo)} species, all kept. Run the same command to "
                "go on."
            ) from interruption


def _table(cards: Sequence[XnnCard]) -> list[str]:
    columns = [
        *("x-features", "rounds", " rmse", "agreement", "right: net", "  xnn", "rebuilt"),
        *("correlation", "significant", " area", "spread"),
    ]
    lines = [" ".join([f"{'species':24}", *columns])]
    for card in cards:
        measures = card.measures
        cells = [
            *(str(card.count), str(len(card.rounds))),
            *(f"{measures.rmse:.2f}", f"{measures.agreement:.3f}"),
            *(f"{measures.network_accuracy:.3f}", f"{measures.xnn_accuracy:.3f}"),
            *(f"{measures.reconstructed:.2f}", f"{measures.correlation:.2f}"),
            f"{measures.significant:.2f}",
            _mean([feature.area for feature in card.x_features]),
            _mean([feature.spread for feature in card.x_features]),
        ]
        row = [f"{cell:>{len(name)}}" for name, cell in zip(columns, cells, strict=True)]
        lines.append(" ".join([f"{card.origin.species:24}", *row]))
    refused = [card.origin.species for card in cards if not card.accepted]
    if refused:
        lines.append(
            f"one x-feature does nearly all for {', '.join(refused)}: no round was accepted, and "
            "the best balanced one is kept"
        )
    return lines


def _mean(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{fmean(known):.2f}" if known else "-"
