"""Building a stimulus folder with a real, tiny network: stopped, resumed, damaged, mended."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

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


def build(network: Path, out: Path, images: str = "gulls:2", *more: str):
    return subprocess.run(
        [*command(network, out, images), *more],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_build_stopped_half_way_goes_on_and_then_computes_nothing(network, tmp_path):
    out = tmp_path / "stimuli"
    running = subprocess.Popen(
        command(network, out), cwd=REPOSITORY, stderr=subprocess.PIPE, text=True
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

    second = build(network, out)
    assert second.returncode == 0, second.stderr
    assert "reused 0" not in second.stdout
    manifest = read_manifest(out)
    assert damaged_files(manifest, out) == []
    assert len(manifest.stimuli) == 8
    assert all(set(s.explanations) == {"gradcam", "igos", "placebo"} for s in manifest.stimuli)

    before = (out / "manifest.json").read_bytes()
    third = build(network, out)
    assert "computed 0, reused 16" in third.stdout
    assert (out / "manifest.json").read_bytes() == before

    layer = out / manifest.stimuli[0].explanations["igos"].layer.path
    layer.write_bytes(b"damaged")
    fourth = build(network, out)
    assert "computed 1, reused 15" in fourth.stdout
    assert damaged_files(read_manifest(out), out) == []
