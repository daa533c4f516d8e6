"""Fitted Explanation Neural Networks: one folder a species, beside their network.

::

    NETWORK/xnn/herring_gull/weights.safetensors   the autoencoder
                             card.json             how it was fitted, and how good it is
                             names.json            what people call each x-feature; null: no name
                             training.png          the three losses
                             x1.png, x2.png ...    pictures in which an x-feature is strong
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import safetensors.torch
from pydantic import ValidationError
from torch import Tensor, nn

from experiments.digest import sha256_file, sha256_json
from experiments.files import write_atomically
from explainers.errors import ExplainersError
from explainers.methods.xnn.autoencoder import SparseAutoencoder
from explainers.methods.xnn.card import XnnCard
from explainers.methods.xnn.names import NAMES_NAME, read_names, refuse_telling_names
from explainers.networks import Network
from explainers.networks.weights import load_strictly, read_weights

FOLDER_NAME = "xnn"
CARD_NAME = "card.json"
WEIGHTS_NAME = "weights.safetensors"


@dataclass(frozen=True)
class FittedXnn:
    """The Explanation Neural Network of one species.

    Attributes
    ----------
    autoencoder
        Serves the layer's features as they are.
    card
        How it was fitted.
    digest
        SHA-256 over weights and layer.
    names
        What people call its x-features (L); None: no name.
    """

    autoencoder: SparseAutoencoder
    card: XnnCard
    digest: str
    names: tuple[str | None, ...]

    @property
    def layer(self) -> str:
        """Return the dotted name of the layer whose input is encoded."""
        return self.card.origin.layer

    @property
    def encoder(self) -> nn.Sequential:
        """Return the encoder, (N, D) to (N, L)."""
        return self.autoencoder.encoder

    @property
    def bias(self) -> float:
        """Return the logit of a picture without any evidence."""
        return float(self.autoencoder.readout.bias)

    def called(self, index: int) -> str:
        """Return the name of an x-feature, or its number among those of its species."""
        return self.names[index] or f"concept {index + 1}"

    def contributions(self, x_features: Tensor) -> Tensor:
        """Return x_l v_l (L) of x-features (L)."""
        return self.autoencoder.contributions(x_features)


class XnnFolder:
    """The fitted species of one network.

    Parameters
    ----------
    network
        Loaded from a folder.

    Raises
    ------
    ExplainersError
        When the network was not loaded from a folder, or no species has an XNN that can be read
        and was fitted to this network.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        if network.folder is None:
            raise ExplainersError(
                "An XNN lies beside its network, and this network was not loaded from a folder: "
                "save it, then fit the XNN."
            )
        self.path = network.folder / FOLDER_NAME
        self._read: dict[str, FittedXnn] = {}
        self._require_one(network.folder)

    @property
    def species(self) -> tuple[str, ...]:
        """Return the keys of the fitted species, in the order of the network's outputs."""
        return tuple(key for key in self._network.species if (self.path / key).is_dir())

    def require(self, species: Sequence[str]) -> None:
        """Refuse species that `of` would refuse.

        Raises
        ------
        ExplainersError
            Naming all that have not been fitted, or the first that can't be read.
        """
        if unfitted := [key for key in species if key not in self.species]:
            assert self._network.folder is not None
            whose = f"x-features of {', '.join(unfitted)} have"
            raise _missing(self._network.folder, whose, f" --species {','.join(unfitted)}")
        for key in species:
            self.of(key)

    def of(self, species: str) -> FittedXnn:
        """Return the XNN of a species.

        Raises
        ------
        ExplainersError
            When it has not been fitted, or to another network, or when its names tell of a species.
        """
        if species not in self.species:
            assert self._network.folder is not None
            raise _missing(self._network.folder, f"{species} has", f" --species {species}")
        if species not in self._read:
            fitted = read_fitted(self.path / species)
            if fitted.card.origin.network != self._network.digest:
                raise ExplainersError(
                    f"{self.path / species} was fitted to another network than the one beside it. "
                    f"Fit it anew by `python -m explainers fit xnn --network {self.path.parent} "
                    f"--images SPEC --species {species} --refresh`."
                )
            names = self.path / species / NAMES_NAME
            refuse_telling_names(names, fitted.names, self._network.species)
            self._read[species] = fitted
        return self._read[species]

    def _require_one(self, folder: Path) -> None:
        refusal = _missing(folder, "x-features have")
        for species in self.species:
            try:
                self.of(species)
            except ExplainersError as error:
                refusal = error
            else:
                return
        raise refusal


def write_fitted(
    folder: Path, autoencoder: SparseAutoencoder, card: XnnCard, pictures: Mapping[str, bytes]
) -> None:
    """Write the files of one species into a folder that is still in the making.

    Parameters
    ----------
    folder
        There already.
    autoencoder, card
        What was fitted; the installed version of torch is added to the card.
    pictures
        Name -> PNG.
    """
    state = {name: value.contiguous() for name, value in autoencoder.state_dict().items()}
    card = card.model_copy(update={"versions": {"torch": version("torch")}})
    names = {f"x{number}": None for number in range(1, card.count + 1)}
    write_atomically(folder / WEIGHTS_NAME, safetensors.torch.save(state))
    write_atomically(folder / CARD_NAME, (card.model_dump_json(indent=2) + "\n").encode())
    write_atomically(folder / NAMES_NAME, (json.dumps(names, indent=2) + "\n").encode())
    for name, content in pictures.items():
        write_atomically(folder / name, content)


def read_fitted(folder: Path) -> FittedXnn:
    """Read the folder of one species.

    Raises
    ------
    ExplainersError
        When a file is missing or damaged.
    """
    card = read_xnn_card(folder)
    settings = replace(card.origin.settings, x_features=card.count)
    autoencoder = SparseAutoencoder(card.features, settings, rectified=card.rectified)
    weights = folder / WEIGHTS_NAME
    load_strictly(autoencoder, read_weights(weights), str(weights), f"the XNN of {folder.name}")
    autoencoder.eval().requires_grad_(False)
    return FittedXnn(autoencoder, card, _digest(folder), read_names(folder, card.count))


def read_xnn_card(folder: Path) -> XnnCard:
    """Read the card of one species.

    Raises
    ------
    ExplainersError
        When it is missing or is not a card.
    """
    path = folder / CARD_NAME
    try:
        return XnnCard.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise ExplainersError(
            f"{path} is missing. Fit the species anew, with --refresh."
        ) from error
    except ValidationError as error:
        raise ExplainersError(
            f"{path} is not the card of an XNN: {error}. Fit the species anew, with --refresh."
        ) from error


def _digest(folder: Path) -> str:
    return sha256_json([read_xnn_card(folder).origin.layer, sha256_file(folder / WEIGHTS_NAME)])


def _missing(folder: Path, whose: str, more: str = "") -> ExplainersError:
    return ExplainersError(
        f"{whose} not been fitted to {folder}. Do it by `python -m explainers fit xnn --network "
        f"{folder} --images SPEC{more}`, with the pictures that the network was fitted to."
    )
