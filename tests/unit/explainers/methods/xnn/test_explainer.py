"""Explanations by x-features: sums, scores, concepts, words."""

import pytest
import torch
from PIL import Image
from torch import nn

from explainers.asking import Ask
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.methods.excitation import Excitation
from explainers.methods.igos import Igos
from explainers.methods.igospp import IgosPlusPlus
from explainers.methods.winner_take_all import Winners, traced
from explainers.methods.xnn.autoencoder import SparseAutoencoder
from explainers.methods.xnn.explainer import Xnn, XnnIgos, XnnIgosPlusPlus
from explainers.methods.xnn.folder import FittedXnn
from explainers.methods.xnn.graph import x_feature_graph
from explainers.methods.xnn.score import XFeature
from explainers.methods.xnn.settings import XnnSettings
from explainers.networks import Network, Preprocessing
from explainers.registry import create
from tests.unit.explainers.methods.cheap import cheap
from tests.unit.explainers.methods.test_excitation import shared_out
from tests.unit.explainers.methods.xnn.tiny import TinyXnns, card_of
from tests.unit.explainers.test_network_families import random_network


def features_of(network, pictures):
    with torch.no_grad():
        return network.module[:-1](network.normalise(pictures))


def test_contributions_add_up_to_the_logit_of_the_xnn(network, pictures):
    (found,) = Xnn(network, fitted=TinyXnns(network)).explain(pictures[:1], 1)
    xnn = TinyXnns(network).of("b")
    features = features_of(network, pictures[:1])
    with torch.no_grad():
        expected = xnn.autoencoder(features)[2][0]
        logit = network.module[-1](features)[0, 1]
    own = found.own
    assert own["xnn_logit"] == pytest.approx(float(expected), abs=1e-5)
    assert own["logit"] == pytest.approx(float(logit), abs=1e-5)
    added = sum(feature["contribution"] for feature in own["x_features"])
    assert added + own["bias"] == pytest.approx(own["xnn_logit"], abs=1e-5)
    assert own["xnn"] == xnn.digest
    assert found.parameters["xnn"] == xnn.digest


def test_significant_x_features_come_first_each_with_its_concept(network, pictures):
    (found,) = Xnn(network, fitted=TinyXnns(network)).explain(pictures[:1], 1)
    significant = [f for f in found.own["x_features"] if f["significant"]]
    assert found.own["x_features"][: len(significant)] == significant
    assert len(found.tensors["concepts"]) == len(significant) > 0
    assert found.own["covered"] == pytest.approx(sum(f["share"] for f in significant))
    assert found.own["covered"] >= 0.9
    contributions = [f["contribution"] for f in significant]
    assert contributions == sorted(contributions, reverse=True)
    weighted = sum(
        value * heat for value, heat in zip(contributions, found.tensors["concepts"], strict=True)
    )
    assert torch.allclose(found.map * (weighted.max() - weighted.min()), weighted - weighted.min())


class _Against(TinyXnns):
    """XNNs whose every x-feature speaks against its species."""

    def of(self, species):
        xnn = super().of(species)
        xnn.autoencoder.readout.weight.fill_(-1.0)
        return xnn


def test_where_nothing_speaks_for_the_species_there_is_no_concept(network, pictures):
    explainer = Xnn(network, fitted=_Against(network))
    (found,) = explainer.explain(pictures[:1])
    assert found.tensors["concepts"].shape == (0, 14, 14)
    assert not found.map.any()
    assert found.own["covered"] == 0
    assert explainer.parts(found, Image.new("RGB", (32, 32))) == []
    assert explainer.alt(found) == "No concept speaks for the answer."
    assert explainer.still(found, Image.new("RGB", (32, 32))).width > 400


def test_an_x_feature_s_score_and_slope_are_those_of_network_and_encoder(network, pictures):
    xnn = TinyXnns(network).of("b")
    score = XFeature(xnn.layer, xnn.encoder, 1, 0.5)
    (told,) = Evaluator(network).answer([Ask(pictures, score, gradient=True, exact=True)])
    asked = pictures.clone().requires_grad_()
    expected = xnn.encoder(network.module[:-1](network.normalise(asked)))[:, 1] / 0.5
    (slope,) = torch.autograd.grad(expected.sum(), asked)
    assert torch.allclose(told.scores, expected, atol=1e-5)
    assert torch.allclose(told.gradients, slope, atol=1e-5)


@pytest.mark.parametrize("exact", [True, False])
def test_an_x_feature_s_score_does_not_depend_on_what_shares_its_pass(network, pictures, exact):
    evaluator, xnn = Evaluator(network), TinyXnns(network).of("b")
    asks = [
        Ask(pictures[:count], XFeature(xnn.layer, xnn.encoder, index), gradient=True, exact=exact)
        for count, index in ((5, 0), (1, 1), (3, 0), (5, 1))
    ]
    for ask, together in zip(asks, evaluator.answer(asks), strict=True):
        (alone,) = evaluator.answer([ask])
        assert torch.equal(alone.scores, together.scores)
        assert torch.equal(alone.gradients, together.gradients)


def test_reading_a_layer_gives_its_exact_input_and_counts_its_passes(network, pictures):
    evaluator = Evaluator(network)
    features, outputs = evaluator.read(pictures, "8")
    assert torch.allclose(features, features_of(network, pictures), atol=1e-6)
    assert torch.equal(outputs, evaluator.outputs(pictures))
    assert evaluator.passes.forward == 2 * len(pictures)


def test_excitation_from_an_x_feature_is_shared_out_through_the_encoder(network, pictures):
    xnn = TinyXnns(network).of("b")
    winners = Winners(x_feature_graph(traced(network.module), xnn.layer, xnn.encoder))
    outputs = winners.run(network.normalise(pictures[:1]).requires_grad_())
    features = features_of(network, pictures[:1])
    with torch.no_grad():
        assert torch.allclose(outputs, xnn.encoder(features), atol=1e-5)
    pooled = winners.maps[-1]
    (shares,) = torch.autograd.grad(outputs[0, 1], pooled)
    codes, layers = [features[0]], [0, 3, 5]
    for layer in layers:
        codes.append(xnn.encoder[layer](codes[-1]).relu().detach())
    probabilities = torch.tensor([0.0, 1.0, 0.0])
    for layer, given in zip(layers[::-1], codes[-2::-1], strict=True):
        probabilities = shared_out(probabilities, given, xnn.encoder[layer].weight.detach())
    assert torch.allclose(shares.flatten(), probabilities, atol=1e-5)
    assert float(shares.sum()) == pytest.approx(1, abs=1e-4)


def test_what_follows_the_encoded_layer_is_left_out():
    """VGG: x-features are made from the first fully connected layer, two before the head."""
    network = random_network("vgg11", 64)
    layer = "classifier.3"
    module = network.module
    module.classifier = nn.Sequential(
        *module.classifier[:3], nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 3)
    ).eval()
    fitted = TinyXnns(network)
    graph = x_feature_graph(traced(module), layer, fitted.of("a").encoder)
    assert not any(name.startswith(layer) for name, _ in graph.named_modules())
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        features, _ = Evaluator(network).read(pictures, layer)
        expected = fitted.of("a").encoder(features)
        assert torch.allclose(graph(network.normalise(pictures)), expected, atol=1e-5)
    assert Xnn(network, fitted=fitted).attribute(pictures[:1]).isfinite().all()


class _Colours(nn.Module):
    """Two species over the mean red and the mean green of a picture."""

    def __init__(self):
        super().__init__()
        self.colours = nn.Conv2d(3, 2, 1, bias=False)
        self.colours.weight.data = torch.eye(3)[:2, :, None, None]
        self.relu = nn.ReLU()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(2, 2)

    def forward(self, images):
        return self.head(self.pool(self.relu(self.colours(images))).flatten(1))


class _OneFeatureAColour:
    def of(self, species):
        settings = XnnSettings(x_features=2, hidden=(2, 2))
        model = SparseAutoencoder(2, settings, rectified=True).eval().requires_grad_(False)
        for layer in (model.encoder[0], model.encoder[3], model.encoder[5]):
            layer.weight.copy_(torch.eye(2))
            layer.bias.zero_()
        model.readout.weight.fill_(1.0)
        card = card_of(species, "head", 2)
        return FittedXnn(model, card, "2" * 64, (None, None))


@pytest.mark.parametrize("kind", [Xnn, XnnIgos])
def test_concepts_lie_where_what_they_stand_for_is(kind):
    preprocessing = Preprocessing(32, (0.0,) * 3, (1.0,) * 3)
    network = Network(_Colours().eval(), ("a", "b"), preprocessing, "colours", "0" * 64)
    picture = torch.zeros(1, 3, 32, 32)
    picture[:, 0, 4:12, 4:12] = 1.0  # red at the top left
    picture[:, 1, 20:28, 20:28] = 0.6  # green at the bottom right
    (found,) = kind(network, cells=14, fitted=_OneFeatureAColour()).explain(picture, 0)
    assert [feature["index"] for feature in found.own["x_features"]] == [0, 1]
    red, green = found.tensors["concepts"]
    half = len(red) // 2
    assert float(red[:half, :half].sum() / red.sum()) > 0.9
    assert float(green[half:, half:].sum() / green.sum()) > 0.9


def test_words_and_parts_name_concepts_and_no_species(network, pictures):
    explainer = Xnn(network, fitted=TinyXnns(network))
    (found,) = explainer.explain(pictures[:1], 1)
    picture = Image.new("RGB", (60, 40))
    parts = explainer.parts(found, picture)
    structure = explainer.structure(found)
    assert [part.key for part in parts] == [one["part"] for one in structure["concepts"]]
    assert all(part.layer.size == (60, 40) and part.layer.mode == "RGBA" for part in parts)
    names = {"x1": "concept 1", "x2": "white wing"}
    assert [one["name"] for one in structure["concepts"]] == [names[p.key] for p in parts]
    for part in parts:
        assert part.alt.startswith(names[part.key].capitalize())
        assert " % of the evidence. Most important" in part.alt
        assert part.alt in explainer.alt(found)
    told = "\n".join(explainer.told(found))
    assert "white wing" in told
    assert f"{found.own['logit']:.2f}" in told


@pytest.mark.parametrize("name", ["xnn", "xnn_igos", "xnn_igospp"])
def test_without_a_fitted_xnn_the_command_to_run_is_told(name, network, tmp_path):
    with pytest.raises(ExplainersError, match="not loaded from a folder"):
        create(name, network)
    network.folder = tmp_path
    with pytest.raises(ExplainersError, match=r"python -m explainers fit xnn --network .*--images"):
        create(name, network)


def test_resolution_stands_after_the_colon(network, pictures):
    assert cheap("xnn_igos", network).attribute(pictures[:1]).shape[-1] == 7
    assert Xnn(network, cells=28, fitted=TinyXnns(network)).attribute(pictures[:1]).shape[-1] == 32


def test_a_case_of_one_picture_asks_once_about_the_clean_picture(network, pictures):
    explainer = Xnn(network, fitted=TinyXnns(network))
    (found,) = explainer.explain(pictures[:1], 1)
    concepts = len(found.tensors["concepts"])
    # One for the probability, one for the x-features, two each for a concept and its opposite.
    assert (found.forward, found.backward) == (2 + 2 * concepts, 2 * concepts)
    assert found.distinct is None


def test_species_share_the_layers_of_the_network(network, pictures):
    explainer = Xnn(network, fitted=TinyXnns(network))
    explainer.explain(pictures[:2], torch.tensor([0, 1]))
    one, other = (explainer._of_species[species].graph for species in ("a", "b"))
    trunk = {id(values) for values in explainer.seeker.graph.parameters()}
    for graph in (one, other):
        own = [name for name, values in graph.named_parameters() if id(values) not in trunk]
        assert own
        assert all(name.startswith("x_features.") for name in own)
        assert sum(1 for _ in graph.parameters()) > len(own)


@pytest.mark.parametrize(
    ("kind", "inner"), [(Xnn, Excitation), (XnnIgos, Igos), (XnnIgosPlusPlus, IgosPlusPlus)]
)
def test_parameters_hold_those_of_the_method_that_seeks_concepts(kind, inner, network, monkeypatch):
    explainer = kind(network, fitted=TinyXnns(network))
    sought = explainer.parameters()["concepts"]
    assert (sought["method"], sought["version"]) == (inner.name, inner.version)
    assert {**inner(network).parameters(), **sought} == sought | {"score": "x-feature"}
    before = explainer.parameters_for(0)
    monkeypatch.setattr(inner, "version", "next")
    assert explainer.parameters_for(0) != before


class _OnlyB(TinyXnns):
    """XNNs of a network of which one species was fitted."""

    def of(self, species):
        if species != "b":
            raise ExplainersError(f"{species} has not been fitted: run the command.")
        return super().of(species)


def test_a_species_without_an_xnn_stops_its_own_pictures_only(network, pictures):
    explainer = Xnn(network, fitted=_OnlyB(network))
    assert explainer.parameters_for(0)["xnn"] is None
    outcomes = dict(explainer.explain_each(pictures[:2], torch.tensor([0, 1])))
    assert "a has not been fitted" in str(outcomes[0])
    assert outcomes[1].parameters == explainer.parameters_for(1)


@pytest.mark.parametrize(
    ("name", "told"),
    [("xnn:500", "those of this network have"), ("xnn_igos:30", "30 cells is not offered")],
)
def test_a_resolution_that_is_not_there_is_refused_at_once(name, told, network):
    with pytest.raises(ExplainersError, match=told):
        create(name, network)
