"""The sparse reconstruction autoencoder: features to x-features, and back."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from explainers.methods.xnn.settings import XnnSettings


class SparseAutoencoder(nn.Module):
    """Encodes a layer's features Z as x-features E(Z), and reads the species' logit from them.

    Rectifiers follow every layer; the last of the decoder has one only where features are never
    negative, since a rectifier could not reconstruct others.

    Parameters
    ----------
    features
        How many the layer has (D).
    settings
        Widths and dropout.
    rectified
        Whether the features are never negative.
    """

    def __init__(self, features: int, settings: XnnSettings, *, rectified: bool) -> None:
        super().__init__()
        widths = (features, *settings.hidden, settings.x_features)
        self.encoder = _stack(widths)
        self.encoder.insert(2, nn.Dropout(settings.dropout))
        # Rectified codes times weights that are not negative: no x-feature begins silent.
        last = self.encoder[-2]
        assert isinstance(last, nn.Linear)
        last.weight.data.abs_()
        self.decoder = _stack(widths[::-1])
        if not rectified:
            del self.decoder[-1]
        self.readout = nn.Linear(settings.x_features, 1)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return x-features (N, L), reconstruction (N, D) and logits (N) of features (N, D)."""
        x_features = self.encoder(features)
        logits = self.readout(x_features)[:, 0]
        return x_features, self.decoder(x_features), logits

    def contributions(self, x_features: Tensor) -> Tensor:
        """Return x_l v_l (N, L): what each x-feature (N, L) adds to the logit."""
        return x_features * self.readout.weight[0]

    def in_units_of(self, scale: float) -> "SparseAutoencoder":
        """Make what was fitted to features divided by `scale` serve the features themselves."""
        with torch.no_grad():
            first = next(layer for layer in self.encoder if isinstance(layer, nn.Linear))
            last = [layer for layer in self.decoder if isinstance(layer, nn.Linear)][-1]
            first.weight.div_(scale)
            last.weight.mul_(scale)
            last.bias.mul_(scale)
        return self


def _stack(widths: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers)
