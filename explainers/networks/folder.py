"""Network folders: `weights.safetensors` and `card.json`, written together or not at all."""

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import safetensors.torch
from pydantic import ValidationError
from torch import nn

from experiments.digest import sha256_bytes, sha256_file
from experiments.files import folder_in_the_making, write_atomically
from explainers.errors import ExplainersError
from explainers.networks.architectures import build_module
from explainers.networks.card import Card
from explainers.networks.network import Network, Preprocessing, network_digest
from explainers.networks.weights import load_strictly, read_weights

CARD_NAME = "card.json"
WEIGHTS_NAME = "weights.safetensors"


def make_network(module: nn.Module, card: Card) -> Network:
    """Return the network that `save_network` and `load_network` would give back."""
    return _network(module, card, sha256_bytes(_weights(module)))


def save_network(network: Network, folder: Path, card: Card) -> None:
    """Write a network folder.

    Parameters
    ----------
    network
        Its weights are written; its architecture and species must be the card's.
    folder
        A new folder.
    card
        Everything else about the network; the installed versions are added to it.

    Raises
    ------
    ExplainersError
        When the folder exists already.
    """
    versions = {name: version(name) for name in ("torch", "torchvision")}
    text = card.model_copy(update={"versions": versions}).model_dump_json(indent=2) + "\n"
    try:
        with folder_in_the_making(folder) as making:
            write_atomically(making / WEIGHTS_NAME, _weights(network.module))
            write_atomically(making / CARD_NAME, text.encode())
    except FileExistsError as error:
        raise ExplainersError(str(error)) from error


def load_network(folder: Path) -> Network:
    """Read a network folder.

    Raises
    ------
    ExplainersError
        When a file is missing or damaged, or the weights belong to another network.
    """
    card = read_card(folder)
    module = build_module(
        card.architecture,
        len(card.species),
        tensorflow_padding=card.preprocessing.tensorflow_padding,
    )
    weights = folder / WEIGHTS_NAME
    load_strictly(module, read_weights(weights), str(weights), card.architecture)
    return replace(_network(module, card, sha256_file(weights)), folder=folder)


def read_card(folder: Path) -> Card:
    """Read the card of a network folder.

    Raises
    ------
    ExplainersError
        When it is missing or is not a card.
    """
    path = folder / CARD_NAME
    try:
        return Card.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ExplainersError(
            f"{folder} is not a network folder: {CARD_NAME} is missing. "
            f"Make one with `python -m explainers train --out {folder}`."
        ) from error
    except ValidationError as error:
        raise ExplainersError(f"{path} is not the card of a network: {error}") from error


def _network(module: nn.Module, card: Card, weights_sha256: str) -> Network:
    species = tuple(item.key for item in card.species)
    preprocessing = Preprocessing(**card.preprocessing.model_dump())
    return Network(
        module=module.eval(),
        species=species,
        preprocessing=preprocessing,
        architecture=card.architecture,
        digest=network_digest(card.architecture, species, preprocessing, weights_sha256),
        accuracy=card.evaluation.accuracy if card.evaluation else None,
    )


def _weights(module: nn.Module) -> bytes:
    state = {name: value.cpu().contiguous() for name, value in module.state_dict().items()}
    return safetensors.torch.save(state)
