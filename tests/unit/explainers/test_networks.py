"""Training, network folders, and weights that must fit key for key."""

import pytest
import torch
from torch import nn

from explainers.errors import ExplainersError
from explainers.imagesets import open_image_set
from explainers.networks import load_network
from explainers.networks.architectures import build_module, default_preprocessing
from explainers.networks.card import Card, PreprocessingCard
from explainers.networks.folder import make_network, save_network
from explainers.networks.network import Preprocessing
from explainers.networks.weights import load_strictly, read_weights
from explainers.training import Examples, evaluate, fit_head, fit_network

GREY = Preprocessing(size=16, mean=(0.5,) * 3, std=(0.5,) * 3)


def silent(*_):
    pass


def coloured(count: int, seed: int) -> Examples:
    """Noise with a cast of one of three colours: easy to learn, and a net of chance can't know."""
    generator = torch.Generator().manual_seed(seed)
    species = torch.arange(count) % 3
    images = 0.5 * torch.rand(count, 3, 16, 16, generator=generator)
    images[torch.arange(count), species] += 0.4
    return Examples(images, species)


class TinyNetwork(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.classifier = nn.Linear(8, 3)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(images).flatten(1))


def fresh_network() -> nn.Module:
    torch.manual_seed(3)
    return TinyNetwork()


def trained(seed: int) -> nn.Module:
    module = fresh_network()
    fit_network(
        *(module, coloured(60, 1), GREY),
        **{"epochs": 12, "batch": 12, "learning_rate": 0.02, "seed": seed, "progress": silent},
    )
    return module


def test_training_learns_and_the_same_seed_gives_the_same_weights():
    first, again, other = trained(5), trained(5), trained(6)
    found = evaluate(first, coloured(30, 2), GREY, 3)
    assert found.accuracy > 0.9
    assert sum(map(sum, found.confusion)) == found.pictures == 30
    assert torch.equal(first.classifier.weight, again.classifier.weight)
    assert not torch.equal(first.classifier.weight, other.classifier.weight)


def test_fitting_the_head_leaves_every_other_weight_alone():
    module = fresh_network()
    before = {key: value.clone() for key, value in module.features.state_dict().items()}
    fit_head(module, coloured(60, 1), GREY, 0, silent)
    after = module.features.state_dict()
    assert all(torch.equal(after[key], value) for key, value in before.items())
    assert evaluate(module, coloured(30, 2), GREY, 3).accuracy > 0.9


def drawn_network(folder):
    torch.manual_seed(0)
    images = open_image_set("gulls:2")
    module = build_module("gullnet", len(images.species))
    given = default_preprocessing("gullnet")
    card = Card(
        architecture="gullnet",
        species=images.species,
        preprocessing=PreprocessingCard(size=given.size, mean=given.mean, std=given.std),
    )
    network = make_network(module, card)
    save_network(network, folder, card)
    return network, card


def test_a_network_folder_gives_back_the_network_with_its_digest(tmp_path):
    network, card = drawn_network(tmp_path / "network")
    loaded = load_network(tmp_path / "network")
    pictures = torch.rand(2, 3, loaded.preprocessing.size, loaded.preprocessing.size)
    with torch.no_grad():
        assert torch.equal(loaded.module(pictures), network.module.eval()(pictures))
    assert loaded.digest == network.digest
    assert loaded.species == tuple(species.key for species in card.species)
    with pytest.raises(ExplainersError, match="exists"):
        save_network(network, tmp_path / "network", card)


def test_other_weights_make_another_digest(tmp_path):
    network, card = drawn_network(tmp_path / "network")
    network.module.classifier.bias.data += 1
    assert make_network(network.module, card).digest != network.digest


def test_a_folder_that_is_no_network_says_how_to_make_one(tmp_path):
    with pytest.raises(ExplainersError, match=r"card\.json is missing.*explainers train"):
        load_network(tmp_path)


def test_weights_of_another_network_name_what_does_not_fit():
    other = {"features.0.weight": torch.zeros(8, 3, 5, 5), "fc.weight": torch.zeros(3, 8)}
    with pytest.raises(ExplainersError) as refusal:
        load_strictly(fresh_network(), other, "other.pth", "tiny")
    told = str(refusal.value)
    assert "other.pth doesn't fit tiny" in told
    assert "3 missing (features.0.bias, classifier.weight, classifier.bias)" in told
    assert "1 unexpected (fc.weight)" in told
    assert "features.0.weight 8x3x5x5 for 8x3x3x3" in told


def test_a_checkpoint_of_a_training_script_is_read(tmp_path):
    state = {f"module.{key}": value for key, value in fresh_network().state_dict().items()}
    torch.save({"state_dict": state, "epoch": 3}, tmp_path / "checkpoint.pth")
    load_strictly(fresh_network(), read_weights(tmp_path / "checkpoint.pth"), "checkpoint", "tiny")


class Malicious:
    def __reduce__(self):
        return print, ("this must never run",)


def test_a_file_with_code_in_it_is_refused_and_not_run(tmp_path, capsys):
    torch.save({"weight": Malicious()}, tmp_path / "weights.pth")
    with pytest.raises(ExplainersError, match="more than a state dict") as refusal:
        read_weights(tmp_path / "weights.pth")
    assert "weights_only" not in str(refusal.value)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [b"", b"not weights at all"])
def test_damaged_weights_are_named(tmp_path, content):
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(ExplainersError, match=r"weights\.pth can't be read") as refusal:
        read_weights(path)
    assert "weights_only" not in str(refusal.value)
