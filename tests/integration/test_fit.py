"""`fit xnn` on a real, tiny network: stopped, resumed, refused, fitted anew, and explained with."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image

from experiments.manifest import damaged_files, read_manifest
from explainers.__main__ import main
from explainers.evaluator import Evaluator
from explainers.imagesets import open_image_set
from explainers.imagesets.gulls import DrawnGulls
from explainers.methods.xnn import making
from explainers.methods.xnn.folder import WEIGHTS_NAME, read_fitted
from explainers.methods.xnn.making import Maker
from explainers.methods.xnn.names import NAMES_NAME
from explainers.methods.xnn.settings import XnnSettings
from explainers.networks.architectures import build_module, default_preprocessing
from explainers.networks.card import Card, PreprocessingCard
from explainers.networks.folder import load_network, make_network, save_network

SIZE = 64
IMAGES = f"gulls:4?size={SIZE}"
TWO = ("herring_gull", "western_gull")
FIT = (XnnSettings(), 5, 0, print)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A network that nothing was fitted to."""
    torch.manual_seed(0)
    images = open_image_set(IMAGES)
    module = build_module("gullnet", len(images.species))
    given = default_preprocessing("gullnet")
    card = Card(
        architecture="gullnet",
        species=images.species,
        preprocessing=PreprocessingCard(size=SIZE, mean=given.mean, std=given.std),
    )
    folder = tmp_path_factory.mktemp("networks") / "plain"
    save_network(make_network(module, card), folder, card)
    return folder


@pytest.fixture(scope="module")
def fitted_to_two(plain, tmp_path_factory):
    folder = Path(shutil.copytree(plain, tmp_path_factory.mktemp("networks") / "fitted"))
    assert fit(folder) == 0
    return folder


@pytest.fixture
def network(plain, tmp_path):
    return Path(shutil.copytree(plain, tmp_path / "network"))


@pytest.fixture
def fitted(fitted_to_two, tmp_path):
    """The same network, with the XNNs of two species."""
    return Path(shutil.copytree(fitted_to_two, tmp_path / "fitted"))


def fit(network, *more, images=IMAGES, epochs="2"):
    return main(
        [
            *("fit", "xnn", "--network", str(network), "--images", images, "--epochs", epochs),
            *("--species", ",".join(TWO), *more),
        ]
    )


def test_a_stopped_fit_keeps_whole_species_and_goes_on(network, fitted, monkeypatch, capsys):
    expected = {key: read_fitted(fitted / "xnn" / key).digest for key in TWO}
    make = Maker.make

    def stopped(self, species):
        if species == TWO[1]:
            raise KeyboardInterrupt
        return make(self, species)

    with monkeypatch.context() as patched:
        patched.setattr(Maker, "make", stopped)
        assert fit(network) == 130
    assert "Stopped after 1 of 2 species, all kept" in capsys.readouterr().err
    assert [path.name for path in (network / "xnn").iterdir()] == [TWO[0]]
    before = (network / "xnn" / TWO[0] / "card.json").stat().st_mtime_ns
    assert fit(network) == 0
    assert (network / "xnn" / TWO[0] / "card.json").stat().st_mtime_ns == before
    # Alone or after another, with or without a stop: the same seed gives the same x-features.
    assert {key: read_fitted(network / "xnn" / key).digest for key in TWO} == expected


def test_what_was_fitted_otherwise_is_refused_until_it_may_be_fitted_anew(
    fitted, monkeypatch, capsys
):
    names = fitted / "xnn" / TWO[0] / "names.json"
    names.write_text('{"x1": "black wing tip"}')
    assert fit(fitted) == 0
    assert json.loads(names.read_text()) == {"x1": "black wing tip"}
    assert fit(fitted, epochs="3") == 2
    assert "--refresh" in capsys.readouterr().err
    with monkeypatch.context() as patched:
        patched.setattr(making, "write_fitted", stop)
        assert fit(fitted, "--refresh", epochs="3") == 130
    assert json.loads(names.read_text()) == {"x1": "black wing tip"}
    assert fit(fitted, "--refresh", epochs="3") == 0
    assert json.loads(names.read_text())["x1"] is None
    assert sorted(path.name for path in (fitted / "xnn").iterdir()) == sorted(TWO)


def test_lost_weights_are_fitted_again_unless_names_would_be_lost(fitted, capsys):
    weights, names = (fitted / "xnn" / TWO[0] / name for name in (WEIGHTS_NAME, NAMES_NAME))
    before = weights.read_bytes()
    weights.unlink()
    assert fit(fitted) == 0
    assert weights.read_bytes() == before
    names.write_text('{"x1": "black wing tip"}')
    weights.unlink()
    assert fit(fitted) == 2
    assert "has lost its weights. Add --refresh" in capsys.readouterr().err


def test_another_version_of_the_fit_is_another_origin(network, monkeypatch):
    maker = Maker(Evaluator(load_network(network)), "head", open_image_set(IMAGES), *FIT)
    before = maker.origin(TWO[0])
    monkeypatch.setattr(making, "VERSION", "next")
    assert maker.origin(TWO[0]) != before


def test_a_species_without_pictures_to_fit_to_is_refused(network, monkeypatch, capsys):
    def without_one(self, split):
        found = [record for record in self.records if record.split == split]
        return tuple(record for record in found if split == "test" or record.species != TWO[0])

    monkeypatch.setattr(DrawnGulls, "of_split", without_one)
    assert fit(network) == 2
    assert f"train split of these pictures shows no {TWO[0]}," in capsys.readouterr().err


def test_a_network_with_named_x_features_is_not_fitted_anew(network, capsys):
    named = network / "xnn" / TWO[0] / NAMES_NAME
    named.parent.mkdir(parents=True)
    named.write_text('{"x1": "black wing tip"}')
    command = ["train", "--images", IMAGES, "--network", "gullnet", "--out", str(network)]
    assert main([*command, "--refresh"]) == 2
    assert f"Move {network / 'xnn'} away first" in capsys.readouterr().err
    assert named.exists()


def stop(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--species", "dodo"], "no species dodo"),
        (["--layer", "features.0"], "This network has classifier"),
        (["--x-features", "many"], "a number such as 5, or auto"),
        (["--x-features", "1"], "two at least"),
        (["--epochs", "0"], "one epoch at least"),
    ],
)
def test_what_can_t_be_fitted_is_told_before_anything_is_computed(network, more, told, capsys):
    assert fit(network, *more) == 2
    assert told in capsys.readouterr().err
    assert not (network / "xnn").exists()


def test_the_number_of_x_features_can_be_chosen_for_each_species(network, capsys):
    assert fit(network, "--x-features", "auto", epochs="1") == 0
    for key in TWO:
        card = read_fitted(network / "xnn" / key).card
        assert card.origin.x_features == "auto"
        assert 3 <= card.count <= 8
        assert len(card.x_features) == card.count
    assert fit(network, "--x-features", "auto", epochs="1") == 0


def test_a_build_refuses_species_that_are_not_fitted_before_it_explains(fitted, tmp_path, capsys):
    out = tmp_path / "stimuli"
    build = ["build", "--images", IMAGES, "--network", str(fitted), "--methods", "gradcam,xnn"]
    build += ["--limit", "2", "--also-for", "7", "--out", str(out)]
    capsys.readouterr()
    assert main(build) == 2
    lacking = [key for key in load_network(fitted).species if key not in TWO]
    told = capsys.readouterr().err
    assert f"x-features of {', '.join(lacking)} have not been fitted" in told
    assert f"fit xnn --network {fitted} --images SPEC --species {','.join(lacking)}`, with" in told
    assert not (out / "maps").exists()
    assert not (out / "manifest.json").exists()


def test_concepts_are_built_explained_and_borrowed(fitted, tmp_path, capsys):
    common = ["--images", IMAGES, "--network", str(fitted), "--epochs", "2"]
    assert main(["fit", "xnn", *common]) == 0
    out = tmp_path / "stimuli"
    build = [
        *("build", "--images", IMAGES, "--network", str(fitted), "--methods", "xnn,placebo:xnn"),
        *("--split", "train", "--limit", "4", "--out", str(out)),
    ]
    assert main(build) == 0
    manifest = read_manifest(out)
    assert damaged_files(manifest, out) == []
    for stimulus in manifest.stimuli:
        entry = stimulus.explanations["xnn"]
        told = entry.structure.part_keys()
        assert [part.key for part in entry.parts] == list(told)
        shown = entry.alt + "".join(part.alt for part in entry.parts) + str(entry.structure)
        assert "gull" not in shown.lower()
    capsys.readouterr()
    assert main(build) == 0
    assert "computed 0" in capsys.readouterr().out
    picture = tmp_path / "gull.png"
    images = open_image_set(IMAGES)
    images.open(images.records[0]).save(picture)
    panel = tmp_path / "panel.png"
    command = ["explain", str(picture), "--network", str(fitted), "--method", "xnn"]
    assert main([*command, "--out", str(panel)]) == 0
    assert "the XNN says" in capsys.readouterr().out
    assert Image.open(panel).width > 400
