"""The folder of a fitted species: whole, readable, tied to its network."""

import json

import pytest
import torch

from explainers.errors import ExplainersError
from explainers.methods.xnn.autoencoder import SparseAutoencoder
from explainers.methods.xnn.folder import XnnFolder, read_fitted, write_fitted
from tests.unit.explainers.methods.xnn.tiny import SETTINGS, card_of


@pytest.fixture
def fitted(network, tmp_path):
    network.folder = tmp_path
    folder = tmp_path / "xnn" / "b"
    folder.mkdir(parents=True)
    model = SparseAutoencoder(8, SETTINGS, rectified=True)
    write_fitted(folder, model, card_of("b", "8", 8), {"x1.png": b"png"})
    return folder


def test_what_was_written_is_read_again(fitted):
    first, second = read_fitted(fitted), read_fitted(fitted)
    features = torch.rand(3, 8)
    for one, other in zip(first.autoencoder(features), second.autoencoder(features), strict=True):
        assert torch.equal(one, other)
    assert first.digest == second.digest
    assert first.names == (None, None, None)
    assert first.called(1) == "concept 2"
    assert (fitted / "x1.png").read_bytes() == b"png"
    assert not any(parameter.requires_grad for parameter in first.autoencoder.parameters())


def test_a_name_changes_what_people_read_and_no_digest(fitted, network):
    before = XnnFolder(network)
    (fitted / "names.json").write_text('{"x2": "yellow bill"}')
    after = XnnFolder(network)
    assert after.of("b").called(1) == "yellow bill"
    assert after.of("b").digest == before.of("b").digest
    assert after.species == ("b",)


def test_a_name_that_tells_of_any_species_of_the_network_is_refused(fitted, network):
    network.species = ("herring_gull", "b", "c")
    (fitted / "names.json").write_text('{"x1": "Herring Gull bill"}')
    with pytest.raises(ExplainersError, match=r'b/names\.json: "Herring Gull bill"'):
        XnnFolder(network)


@pytest.mark.parametrize("wrong", ['{"x9": "bill"}', '{"x1": 3}', '["bill"]', "{"])
def test_a_wrong_names_file_is_told(fitted, wrong):
    (fitted / "names.json").write_text(wrong)
    with pytest.raises(ExplainersError, match=r"names\.json"):
        read_fitted(fitted)


def test_a_species_that_is_not_fitted_is_told_with_the_command(fitted, network):
    with pytest.raises(ExplainersError, match=r"c has not been fitted.*fit xnn.*--species c"):
        XnnFolder(network).of("c")


def test_an_xnn_of_another_network_is_refused(fitted, network):
    network.digest = "9" * 64
    with pytest.raises(ExplainersError, match=r"another network.*--species b --refresh"):
        XnnFolder(network)


def test_a_damaged_card_or_lost_weights_are_told(fitted):
    card = json.loads((fitted / "card.json").read_text())
    (fitted / "card.json").write_text(json.dumps({**card, "count": 1}))
    with pytest.raises(ExplainersError, match="--refresh"):
        read_fitted(fitted)
    (fitted / "card.json").unlink()
    with pytest.raises(ExplainersError, match="is missing"):
        read_fitted(fitted)


def test_weights_of_other_sizes_are_refused(fitted):
    write_fitted(fitted, SparseAutoencoder(9, SETTINGS, rectified=True), card_of("b", "8", 8), {})
    with pytest.raises(ExplainersError, match="wrong shape"):
        read_fitted(fitted)


def test_a_damaged_species_leaves_the_others_as_they_are(fitted, network):
    before = XnnFolder(network).of("b").digest
    damaged = fitted.parent / "a"
    damaged.mkdir()
    (damaged / "card.json").write_text("{")
    after = XnnFolder(network)
    assert after.of("b").digest == before
    with pytest.raises(ExplainersError, match="not the card of an XNN"):
        after.of("a")
