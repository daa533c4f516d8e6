"""XNNs that nobody fitted, for tests of what explanations do with them."""

import torch

from explainers.methods.xnn.autoencoder import SparseAutoencoder
from explainers.methods.xnn.card import Measures, Origin, XFeatureCard, XnnCard
from explainers.methods.xnn.folder import FittedXnn
from explainers.methods.xnn.layers import encoded_layer
from explainers.methods.xnn.settings import XnnSettings
from explainers.networks import Network

SETTINGS = XnnSettings(x_features=3, hidden=(8, 6), epochs=2, pretraining_epochs=1, rounds=2)
MEASURES = Measures(
    pictures=1,
    rmse=0.1,
    agreement=1,
    network_accuracy=1,
    xnn_accuracy=1,
    reconstructed=0.5,
    correlation=0.1,
    significant=2,
)


class TinyXnns:
    """An XNN with random weights for every species of a network."""

    def __init__(self, network: Network) -> None:
        self._layer = encoded_layer(network)
        self._features = network.module.get_submodule(self._layer).in_features

    def of(self, species: str) -> FittedXnn:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(sum(species.encode()))
            autoencoder = SparseAutoencoder(self._features, SETTINGS, rectified=True).eval()
        autoencoder.requires_grad_(False)
        autoencoder.readout.weight.copy_(torch.tensor([[3.0, 2.0, -1.0]]))
        for layer in (autoencoder.encoder[0], autoencoder.encoder[3]):
            layer.weight.abs_()
        return FittedXnn(
            autoencoder,
            card_of(species, self._layer, self._features),
            "2" * 64,
            (None, "white wing", None),
        )


def card_of(species: str, layer: str, features: int) -> XnnCard:
    origin = Origin(
        species=species,
        network="0" * 64,
        layer=layer,
        image_set="3" * 64,
        seed=0,
        settings=SETTINGS,
        x_features=SETTINGS.x_features,
    )
    one = XFeatureCard(mean_contribution=1.0, own=(), others=())
    return XnnCard(
        origin=origin,
        licence="CC0",
        features=features,
        rectified=True,
        count=SETTINGS.x_features,
        rounds=(),
        kept=0,
        accepted=True,
        measures=MEASURES,
        x_features=(one,) * SETTINGS.x_features,
    )
