"""Building a stimulus folder with a real, tiny network: stopped, resumed, damaged, mended."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from PIL import Image

from experiments.manifest import damaged_files, read_manifest
from explainers.imagesets import open_image_set
from explainers.networks.architectures import build_module, default_preprocessing
from explainers.networks.card import Card, PreprocessingCard
from explainers.networks.folder import make_network, save_network

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def network(tmp_path):
    torch.manual_seed(0)
    images = open_image_set("gulls:2")
    module = build_module("gullnet", len(images.species))
    given = default_preprocessing("gullnet")
    card = Card(
        architecture="gullnet",
        species=images.species,
        preprocessing=PreprocessingCard(size=given.size, mean=given.mean, std=given.std),
    )
    save_network(make_network(module, card), tmp_path / "network", card)
    return tmp_path / "network"


def command(network: Path, out: Path, images: str = "gulls:2") -> list[str]:
    return [
        *(sys.executable, "-m", "explainers", "build", "--images", images),
        *("--network", str(network), "--methods", "gradcam,igos,placebo"),
        *("--limit", "8", "--out", str(out)),
    ]


TWO_SPECIES = ("--species", "herring_gull,western_gull")
# The tests run on all cores already; more threads would only wait for each other.
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1"}


def build(network: Path, out: Path, images: str = "gulls:2", *more: str):
    return subprocess.run(
        [*command(network, out, images), *more],
        cwd=REPOSITORY,
        env=ONE_THREAD,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_build_stopped_half_way_goes_on_and_then_computes_nothing(network, tmp_path):
    out = tmp_path / "stimuli"
    running = subprocess.Popen(
        [*command(network, out), *TWO_SPECIES],
        **{"cwd": REPOSITORY, "env": ONE_THREAD, "stderr": subprocess.PIPE, "text": True},
    )
    while len(list((out / "maps").rglob("*.safetensors")) if out.exists() else []) < 3:
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Run the same command to go on" in said
    assert not (out / "manifest.json").exists()
    assert not list(out.rglob("*.part"))

    second = build(network, out, "gulls:2", *TWO_SPECIES)
    assert second.returncode == 0, second.stderr
    assert "reused 0" not in second.stdout
    manifest = read_manifest(out)
    assert damaged_files(manifest, out) == []
    assert len(manifest.stimuli) == 4
    assert all(set(s.explanations) == {"gradcam", "igos", "placebo"} for s in manifest.stimuli)

    lent = {s.key: s.explanations["igos"].layer.sha256 for s in manifest.stimuli}
    for split in ("train", "test"):
        placebos = [s.explanations["placebo"] for s in manifest.stimuli if s.split == split]
        own = [s.explanations["igos"] for s in manifest.stimuli if s.split == split]
        # The very same layers in another order: nothing about a file tells a placebo from a map.
        assert sorted(p.layer.sha256 for p in placebos) == sorted(o.layer.sha256 for o in own)
        assert all(lent[p.source] == p.layer.sha256 for p in placebos)
        assert all(p.key != o.key for p, o in zip(placebos, own, strict=True))

    before = (out / "manifest.json").read_bytes()
    third = build(network, out, "gulls:2", *TWO_SPECIES)
    assert "computed 0, reused 8" in third.stdout
    assert (out / "manifest.json").read_bytes() == before

    entry = manifest.stimuli[0].explanations["igos"]
    (out / entry.layer.path).write_bytes(b"damaged")
    assert "computed 0, reused 8" in build(network, out, "gulls:2", *TWO_SPECIES).stdout
    assert damaged_files(read_manifest(out), out) == []
    (out / entry.map.path).write_bytes(b"damaged")
    assert "computed 1, reused 7" in build(network, out, "gulls:2", *TWO_SPECIES).stdout
    assert damaged_files(read_manifest(out), out) == []


def test_a_network_may_know_more_species_than_are_explained(network, tmp_path):
    only = ("--species", "ivory_gull,herring_gull", "--methods", "gradcam,placebo")
    some = build(network, tmp_path / "some", "gulls:2", *only)
    assert some.returncode == 0, some.stderr
    manifest = read_manifest(tmp_path / "some")
    assert {s.true_species for s in manifest.stimuli} == {"ivory_gull", "herring_gull"}
    assert len(manifest.species) == 8


def test_what_would_fail_in_the_end_is_refused_at_once(network, tmp_path):
    Image.new("RGB", (64, 64)).save(folder_for(tmp_path / "set" / "dodo") / "1.png")
    strange = build(network, tmp_path / "one", f"folder:{tmp_path / 'set'}")
    assert strange.returncode == 2
    assert "does not know dodo" in strange.stderr
    alone = build(network, tmp_path / "two", "gulls:2", "--limit", "3")
    assert alone.returncode == 2
    assert "one picture alone" in alone.stderr
    unknown = build(network, tmp_path / "three", "gulls:2", "--species", "dodo")
    assert "no species dodo" in unknown.stderr
    assert not any((tmp_path / name).exists() for name in ("one", "two", "three"))


def folder_for(path: Path) -> Path:
    path.mkdir(parents=True)
    return path
