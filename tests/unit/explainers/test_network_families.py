"""Every method serves a network or refuses it before anything is computed."""

import re
from pathlib import Path

import pytest
import torch
from torch import nn

from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.networks import Network, Preprocessing
from explainers.networks.architectures import build_module
from explainers.registry import METHODS, create
from explainers.torchvision_schemas import torchvision_models
from tests.unit.explainers.methods.cheap import cheap

TABLE = Path(__file__).parents[3] / "docs" / "methods.md"
# What can't serve what; everything else can.
REFUSED = {
    ("excitation", "convnext_tiny"),
    ("excitation", "efficientnet_b0"),
    ("excitation", "vit_b_16"),
    ("gradcam", "vit_b_16"),
    ("xnn", "convnext_tiny"),
    ("xnn", "efficientnet_b0"),
    ("xnn", "vit_b_16"),
}
CONVOLUTIONAL = [
    *("vgg11", "vgg11_bn", "resnet18", "mobilenet_v2", "convnext_tiny", "efficientnet_b0"),
]
# Searches over many passes: what they ask is asked by the cheaper methods, too.
LONG = ("igos", "igospp", "occlusion", "sag", "xnn_igos", "xnn_igospp")


def random_network(architecture: str, size: int) -> Network:
    torch.manual_seed(0)
    module = _SMALLER.get(architecture, build_module)(architecture, 3)
    preprocessing = Preprocessing(size=size)
    return Network(module.eval(), ("a", "b", "c"), preprocessing, architecture, "0" * 64)


def _vgg(architecture: str, classes: int) -> nn.Module:
    """Torchvision's, but its classifier narrow: a hundred million weights take seconds to make."""
    vgg = torchvision_models().vgg
    layers = vgg.make_layers(vgg.cfgs["A"], batch_norm="bn" in architecture)
    with torch.device("meta"):
        module = vgg.VGG(nn.Identity(), num_classes=classes, init_weights=False)
    module.features = layers
    module.classifier = nn.Sequential(
        *(nn.Linear(512 * 7 * 7, 64), nn.ReLU(inplace=True), nn.Dropout(), nn.Linear(64, classes))
    )
    return module


def _vit(architecture: str, classes: int) -> nn.Module:
    """Torchvision's, but with two of its twelve encoder layers, which are all alike."""
    transformer = torchvision_models().get_model(architecture, weights=None, num_classes=classes)
    transformer.encoder.layers = transformer.encoder.layers[:2]
    return transformer


_SMALLER = {"vgg11": _vgg, "vgg11_bn": _vgg, "vit_b_16": _vit}


@pytest.fixture(scope="module")
def evaluators():
    made = {}

    def of(architecture, size):
        if architecture not in made:
            made.clear()
            made[architecture] = Evaluator(random_network(architecture, size))
        return made[architecture]

    return of


@pytest.mark.parametrize("name", [name for name in METHODS if name not in LONG])
@pytest.mark.parametrize("architecture", CONVOLUTIONAL)
def test_a_convolutional_network_is_served_or_refused(name, architecture, evaluators):
    evaluator = evaluators(architecture, 64)
    if (name, architecture) in REFUSED:
        with pytest.raises(ExplainersError, match="take igos"):
            create(name, evaluator.network, evaluator)
    else:
        picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
        heat = cheap(name, evaluator.network, evaluator).attribute(picture)
        assert heat.isfinite().all()
        assert 0 <= float(heat.min()) <= float(heat.max()) <= 1


@pytest.mark.parametrize("name", METHODS)
def test_a_transformer_is_served_or_refused(name, evaluators):
    evaluator = evaluators("vit_b_16", 224)
    network = evaluator.network
    if (name, "vit_b_16") in REFUSED:
        with pytest.raises(ExplainersError, match="take igos"):
            create(name, network, evaluator)
    elif name == "integrated_gradients":
        picture = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))
        assert (
            IntegratedGradients(network, evaluator)
            .with_settings({"steps": 2})
            .attribute(picture)
            .isfinite()
            .all()
        )
    else:
        cheap(name, network, evaluator)


def test_the_table_of_the_documentation_names_every_method_and_whom_it_refuses():
    rows = [
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in TABLE.read_text(encoding="utf-8").splitlines()
        if re.match(r"\| `", line)
    ]
    assert [row[0] for row in rows] == list(METHODS)
    for name, _, rectified, smooth, transformer in (row[:5] for row in rows):
        assert rectified == "yes"
        assert (smooth == "no") == ((name, "efficientnet_b0") in REFUSED)
        assert (transformer == "no") == ((name, "vit_b_16") in REFUSED)
