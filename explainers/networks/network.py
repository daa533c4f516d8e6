"""A classifier ready to be asked: weights, species, preprocessing."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from experiments.digest import sha256_json
from explainers.networks.feature_layer import find_feature_layer


@dataclass(frozen=True)
class Preprocessing:
    """What a network does to a picture before its first layer.

    Attributes
    ----------
    size
        Pictures are squashed to this many pixels in both directions.
    mean, std
        Of each colour channel, in [0, 1].
    tensorflow_padding
        Convolutions of stride 2 pad right and bottom only, as TensorFlow does.
    """

    size: int = 224
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    tensorflow_padding: bool = False

    def to_tensor(self, image: Image.Image) -> Tensor:
        """Return the picture as (3, size, size), float32 in [0, 1]."""
        squashed = image.convert("RGB").resize((self.size, self.size), Image.Resampling.BILINEAR)
        pixels = torch.from_numpy(np.array(squashed, dtype=np.uint8))
        return pixels.permute(2, 0, 1).contiguous().float() / 255

    def normalise(self, images: Tensor) -> Tensor:
        """Return (B, 3, H, W) in [0, 1] as the network wants it."""
        mean = torch.tensor(self.mean, dtype=images.dtype, device=images.device)
        std = torch.tensor(self.std, dtype=images.dtype, device=images.device)
        return (images - mean[:, None, None]) / std[:, None, None]


@dataclass
class Network:
    """A classifier in evaluation mode.

    Attributes
    ----------
    module
        Takes normalised pictures (B, 3, H, W), gives logits (B, species).
    species
        Keys, in the order of the outputs.
    preprocessing
        Size, normalisation and padding.
    architecture
        Name by which `build_module` makes it.
    digest
        SHA-256 over weights, species, architecture and preprocessing.
    accuracy
        On the held-out split it was measured on, in [0, 1].
    folder
        It was loaded from; None where it was not.
    """

    module: nn.Module
    species: tuple[str, ...]
    preprocessing: Preprocessing
    architecture: str
    digest: str
    accuracy: float | None = None
    folder: Path | None = None

    def to_tensor(self, image: Image.Image) -> Tensor:
        """Return the picture as (3, H, W), float32 in [0, 1], at the network's size."""
        return self.preprocessing.to_tensor(image)

    def normalise(self, images: Tensor) -> Tensor:
        """Return (B, 3, H, W) in [0, 1] as the network wants it."""
        return self.preprocessing.normalise(images)

    def feature_layer(self) -> str:
        """Return the dotted name of the last convolutional feature layer, for Grad-CAM."""
        return find_feature_layer(self.module, self.preprocessing.size)


def network_digest(
    architecture: str,
    species: tuple[str, ...],
    preprocessing: Preprocessing,
    weights_sha256: str,
) -> str:
    """Return the digest that names a network: change any part and it is another network."""
    return sha256_json([architecture, species, asdict(preprocessing), weights_sha256])
