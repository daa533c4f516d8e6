import pytest
import torch

from explainers.errors import ExplainersError
from explainers.methods.xnn.layers import encoded_layer
from explainers.networks import Network, Preprocessing
from explainers.networks.architectures import build_module
from tests.unit.explainers.test_network_families import random_network


@pytest.mark.parametrize(
    ("architecture", "layer"),
    [("resnet18", "fc"), ("mobilenet_v2", "classifier.1"), ("vgg11", "classifier.3")],
)
def test_the_features_encoded_are_pooled_or_of_the_first_fully_connected_layer(architecture, layer):
    network = random_network(architecture, 64)
    assert encoded_layer(network) == layer
    assert all(not child._forward_pre_hooks for child in network.module.modules())


def test_another_linear_layer_can_be_chosen_and_no_other_kind():
    network = random_network("vgg11", 64)
    assert encoded_layer(network, "classifier.0") == "classifier.0"
    with pytest.raises(ExplainersError, match=r"classifier\.0, classifier\.3"):
        encoded_layer(network, "features.0")


def test_a_network_without_a_linear_layer_is_refused():
    torch.manual_seed(0)
    module = build_module("squeezenet1_1", 3)
    network = Network(module, ("a", "b", "c"), Preprocessing(64), "squeezenet1_1", "0" * 64)
    with pytest.raises(ExplainersError, match="this network has none"):
        encoded_layer(network)
