"""Building a stimulus folder with a real, tiny network: stopped, resumed, damaged, mended."""

import contextlib
import io
import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import safetensors.torch
import torch
from PIL import Image

from experiments.manifest import SOME_FAILED, damaged_files, read_manifest
from explainers.__main__ import main
from explainers.imagesets import open_image_set
from explainers.networks import load_network
from explainers.networks.architectures import build_module, default_preprocessing, head_name
from explainers.networks.card import Card, PreprocessingCard
from explainers.networks.folder import make_network, save_network
from explainers.rendering.alt import describe_heat

REPOSITORY = Path(__file__).parents[2]


SIZE = 64
USUAL = "gulls:2"
SPEC = f"{USUAL}?size={SIZE}"


@pytest.fixture
def network(tmp_path):
    return save_gullnet(tmp_path / "network", SIZE)


@pytest.fixture
def large(tmp_path):
    """The same network for pictures of the usual size."""
    return save_gullnet(tmp_path / "network", default_preprocessing("gullnet").size)


def save_gullnet(folder: Path, size: int) -> Path:
    torch.manual_seed(0)
    images = open_image_set(SPEC)
    module = build_module("gullnet", len(images.species))
    given = default_preprocessing("gullnet")
    card = Card(
        architecture="gullnet",
        species=images.species,
        preprocessing=PreprocessingCard(size=size, mean=given.mean, std=given.std),
    )
    save_network(make_network(module, card), folder, card)
    return folder


def command(network: Path, out: Path, images: str = SPEC) -> list[str]:
    return [
        *("build", "--images", images),
        *("--network", str(network), "--methods", "gradcam,igos,placebo"),
        *("--limit", "8", "--out", str(out)),
    ]


TWO_SPECIES = ("--species", "herring_gull,western_gull")
# A script's background job inherits an ignored Ctrl-C; the command must listen to it all the same.
IN_BACKGROUND = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")


@dataclass(frozen=True)
class Finished:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def build(network: Path, out: Path, images: str = SPEC, *more: str) -> Finished:
    with (
        contextlib.redirect_stdout(io.StringIO()) as printed,
        contextlib.redirect_stderr(io.StringIO()) as told,
    ):
        status = main([*command(network, out, images), *more])
    return Finished(status, printed.getvalue(), told.getvalue())


@pytest.mark.slow
def test_a_build_stopped_half_way_goes_on_and_then_computes_nothing(large, tmp_path):
    # At the usual size I-GOS takes longer than a stop needs to arrive.
    out = tmp_path / "stimuli"
    running = subprocess.Popen(
        [*IN_BACKGROUND, sys.executable, "-m", "explainers", *command(large, out), *TWO_SPECIES],
        **{"cwd": REPOSITORY, "stderr": subprocess.PIPE, "text": True},
    )
    while len(list((out / "maps").rglob("*.safetensors")) if out.exists() else []) < 3:
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Run the same command to go on" in said
    assert said.startswith("4 pictures, 8 explanations to compute or to reuse\npictures: 4 of 4\n")
    assert "explanations: " in said
    assert not (out / "manifest.json").exists()
    assert not list(out.rglob("*.part"))

    second = build(large, out, SPEC, *TWO_SPECIES)
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
    third = build(large, out, SPEC, *TWO_SPECIES)
    assert "computed 0, reused 8" in third.stdout
    assert (out / "manifest.json").read_bytes() == before

    entry = manifest.stimuli[0].explanations["igos"]
    (out / entry.layer.path).write_bytes(b"damaged")
    assert "computed 0, reused 8" in build(large, out, SPEC, *TWO_SPECIES).stdout
    assert damaged_files(read_manifest(out), out) == []
    (out / entry.map.path).write_bytes(b"damaged")
    assert "computed 1, reused 7" in build(large, out, SPEC, *TWO_SPECIES).stdout
    assert damaged_files(read_manifest(out), out) == []


def test_a_network_may_know_more_species_than_are_explained(network, tmp_path):
    only = ("--species", "ivory_gull,herring_gull", "--methods", "gradcam,placebo")
    some = build(network, tmp_path / "some", SPEC, *only)
    assert some.returncode == 0, some.stderr
    manifest = read_manifest(tmp_path / "some")
    assert {s.true_species for s in manifest.stimuli} == {"ivory_gull", "herring_gull"}
    assert len(manifest.species) == 8


def test_what_would_fail_in_the_end_is_refused_at_once(network, tmp_path):
    Image.new("RGB", (64, 64)).save(folder_for(tmp_path / "set" / "dodo") / "1.png")
    strange = build(network, tmp_path / "one", f"folder:{tmp_path / 'set'}")
    assert strange.returncode == 2
    assert "does not know dodo" in strange.stderr
    alone = build(network, tmp_path / "two", SPEC, "--limit", "3")
    assert alone.returncode == 2
    assert "one picture alone" in alone.stderr
    unknown = build(network, tmp_path / "three", SPEC, "--species", "dodo")
    assert "no species dodo" in unknown.stderr
    assert not any((tmp_path / name).exists() for name in ("one", "two", "three"))


def folder_for(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def test_explain_tells_the_networks_answer_and_the_one_explained(network, tmp_path, capsys):
    picture = tmp_path / "gull.png"
    images = open_image_set(SPEC)
    images.open(images.records[0]).save(picture)
    words = ["explain", str(picture), "--network", str(network), "--method", "gradcam"]
    assert main([*words, "--species", "ivory_gull", "--out", str(tmp_path / "heat.png")]) == 0
    said, explained = capsys.readouterr().out.splitlines()[:2]
    loaded = load_network(network)
    with torch.no_grad():
        tensor = loaded.to_tensor(Image.open(picture))[None]
        row = loaded.module(loaded.preprocessing.normalise(tensor)).softmax(1)[0]
    answer, ivory = int(row.argmax()), loaded.species.index("ivory_gull")
    assert said == f"the network says {loaded.species[answer]} (probability {row[answer]:.3f})"
    assert explained == f"explained: ivory_gull (probability {row[ivory]:.3f})"


def test_a_stopped_training_says_that_it_begins_again(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("explainers.commands.train.fit_network", lambda *_, **__: stop())
    words = ["train", "--images", SPEC, "--network", "gullnet"]
    assert main([*words, "--out", str(tmp_path / "network")]) == 130
    assert "begins again from nothing" in capsys.readouterr().err
    assert not (tmp_path / "network").exists()


@pytest.mark.parametrize(
    ("words", "where", "said"),
    [
        (["images", SPEC, "--out"], "images.contact_sheet", "A folder or sheet that is there"),
        (["explain", "gull.png", "--out"], "explain.write_atomically", "No file is half-written"),
        (["fit", "xnn", "--network"], "fit.open_image_set", "Species fitted so far are kept"),
        (["twins", "--images", SPEC, "--out"], "twins.open_image_set", "Nothing was written"),
    ],
)
def test_a_stop_tells_what_is_kept(network, tmp_path, capsys, monkeypatch, words, where, said):
    images = open_image_set(SPEC)
    monkeypatch.chdir(tmp_path)
    images.open(images.records[0]).save("gull.png")
    monkeypatch.setattr(f"explainers.commands.{where}", lambda *_, **__: stop())
    more = {
        "images": ["drawn", "--sheet", "sheet.png"],
        "explain": ["heat.png", "--method", "gradcam", "--network", str(network)],
        "fit": [str(network), "--images", SPEC],
        "twins": ["twins.csv", "--network", str(network)],
    }
    assert main([*words, *more[words[0]]]) == 130
    assert said in capsys.readouterr().err
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"gull.png", "network"} | ({"drawn"} if words[0] == "images" else set())


def stop() -> None:
    raise KeyboardInterrupt


def test_a_refresh_fits_anew_what_would_be_fitted_otherwise(tmp_path, capsys):
    out = tmp_path / "network"
    command = ["train", "--images", "gulls:2?size=32", "--network", "gullnet", "--size", "32"]
    command += ["--out", str(out), "--refresh", "--batch", "16"]
    assert main([*command, "--epochs", "2"]) == 0
    assert json.loads((out / "card.json").read_text())["training"]["epochs"] == 2
    capsys.readouterr()
    assert main([*command, "--epochs", "2"]) == 0
    assert "nothing to do" in capsys.readouterr().out
    for other in (["--epochs", "1"], ["--epochs", "1", "--lr", "0.1"]):
        assert main([*command, *other]) == 0
        assert "held-out accuracy" in capsys.readouterr().out


def test_a_style_changes_the_layers_and_nothing_that_was_computed(network, tmp_path):
    out = tmp_path / "stimuli"
    assert build(network, out, SPEC, *TWO_SPECIES).returncode == 0
    first = read_manifest(out)
    again = build(network, out, SPEC, *TWO_SPECIES, "--style", "contours")
    assert "computed 0" in again.stdout
    contours = read_manifest(out)
    assert damaged_files(contours, out) == []
    for before, after in zip(first.stimuli, contours.stimuli, strict=True):
        for name, entry in after.explanations.items():
            assert (entry.style, before.explanations[name].style) == ("contours", "heat")
            assert entry.map == before.explanations[name].map
            assert entry.layer.sha256 != before.explanations[name].layer.sha256
            assert entry.alt == before.explanations[name].alt
            heat = safetensors.torch.load_file(out / entry.map.path)["map"]
            assert entry.alt == describe_heat(heat)


def test_what_was_computed_with_other_numbers_is_not_reused(network, tmp_path, capsys, monkeypatch):
    asked = ["build", "--images", SPEC, "--network", str(network), "--methods", "gradcam"]
    asked += ["--limit", "2", "--device", "cpu", "--out", str(tmp_path / "stimuli")]
    for precision, told in (
        ("float32", "computed 2, reused 0"),
        ("bfloat16", "computed 2, reused 0"),
        ("float32", "computed 0, reused 2"),
    ):
        monkeypatch.setattr("explainers.evaluator._fast_precision", lambda *_, kind=precision: kind)
        assert main(asked) == 0
        assert told in capsys.readouterr().out
        manifest = read_manifest(tmp_path / "stimuli")
        for stimulus in manifest.stimuli:
            sidecar = tmp_path / "stimuli" / stimulus.explanations["gradcam"].sidecar.path
            assert json.loads(sidecar.read_text())["precision"] == precision


def test_parameters_of_methods_are_set_by_the_command(network, tmp_path, capsys):
    asked = ["build", "--images", SPEC, "--network", str(network), "--limit", "2"]
    asked += ["--split", "test", "--methods", "smoothgrad,placebo:smoothgrad"]
    asked += ["--out", str(tmp_path / "stimuli")]
    told = []
    for more in ([], ["--set", "smoothgrad.copies=3"], ["--set", "smoothgrad.copies=3"]):
        assert main([*asked, *more]) == 0
        told.append(capsys.readouterr().out.split("\n")[0].partition(": ")[2])
        found = read_manifest(tmp_path / "stimuli").stimuli[0].explanations
        copies = {entry.parameters["copies"] for entry in found.values()}
        assert copies == ({3} if more else {50})
    assert told == ["computed 2, reused 0", "computed 2, reused 0", "computed 0, reused 2"]
    assert main([*asked, "--set", "smoothgrad.copy=3"]) == 2
    assert "no parameter 'copy'. It has copies=50, noise=0.15" in capsys.readouterr().err
    open_image_set(SPEC).open(open_image_set(SPEC).records[0]).save(tmp_path / "gull.png")
    words = ["explain", str(tmp_path / "gull.png"), "--network", str(network)]
    words += ["--method", "smoothgrad", "--out", str(tmp_path / "heat.png")]
    assert main([*words, "--set", "smoothgrad.copies=3"]) == 0
    assert json.loads((tmp_path / "heat.json").read_text())["parameters"]["copies"] == 3


def test_other_species_are_explained_and_parts_are_hidden_where_that_is_asked(
    network, tmp_path, capsys
):
    out = tmp_path / "stimuli"
    asked = [
        *("build", "--images", SPEC, "--network", str(network), "--out", str(out)),
        *("--methods", "gradcam,placebo:gradcam", "--limit", "4", "--also-for", "2"),
        *("--counterfactuals", "--counterfactual-gap", "0.0001"),
    ]
    assert main(asked) == 0
    manifest = read_manifest(out)
    assert damaged_files(manifest, out) == []
    probabilities = {}
    for stimulus in manifest.stimuli:
        (own,) = [stimulus.explanations["gradcam"]]
        others = stimulus.alternatives["gradcam"]
        assert set(stimulus.alternatives) == {"gradcam"}
        targets = [own.target, *(other.target for other in others)]
        assert targets[0] == stimulus.predicted_species
        assert len(set(targets)) == 3
        record = json.loads((out / own.sidecar.path).read_text())
        probabilities[stimulus.key] = [record["probability"]] + [
            json.loads((out / other.sidecar.path).read_text())["probability"] for other in others
        ]
        assert len(stimulus.counterfactuals) == 2
    assert all(told == sorted(told, reverse=True) for told in probabilities.values())
    capsys.readouterr()
    assert main(asked) == 0
    assert "computed 0, reused 12" in capsys.readouterr().out
    assert read_manifest(out) == manifest


def test_a_build_tells_where_blurring_leaves_nothing_to_find(large, tmp_path, capsys):
    # The network is not fitted: it says the same of every picture, blurred or not.
    asked = ["build", "--images", USUAL, "--network", str(large), "--limit", "1"]
    asked += ["--methods", "gradcam,occlusion:5", "--out", str(tmp_path / "stimuli")]
    assert main(asked) == 0
    (stimulus,) = read_manifest(tmp_path / "stimuli").stimuli
    assert stimulus.emptied_by_blur == ("occlusion:5",)
    said = capsys.readouterr().out
    assert "on 1 pictures blurring leaves" in said
    assert f"that occlusion:5 says little of them: {stimulus.key}" in said


def test_a_blank_map_for_another_species_is_left_out_and_told(tmp_path, capsys):
    torch.manual_seed(0)
    spec = "gulls:2?difficulty=easy&size=64"
    species = open_image_set(spec).species
    given = default_preprocessing("gullnet")
    card = Card(
        architecture="gullnet",
        species=species,
        preprocessing=PreprocessingCard(size=64, mean=given.mean, std=given.std),
    )
    module = build_module("gullnet", len(species))
    with torch.no_grad():
        # The network never answers with the last species, whatever it sees.
        module.get_submodule(head_name(module, len(species))).bias[-1] = -1000
    save_network(make_network(module, card), tmp_path / "network", card)
    never = species[-1].key
    asked = ["build", "--images", spec, "--network", str(tmp_path / "network"), "--limit", "1"]
    asked += ["--methods", "igos:7", "--out", str(tmp_path / "stimuli")]
    assert main([*asked, "--also-for", str(len(species) - 1)]) == SOME_FAILED
    (stimulus,) = read_manifest(tmp_path / "stimuli").stimuli
    others = {entry.target for entry in stimulus.alternatives["igos:7"]}
    assert others
    assert never not in others
    said = capsys.readouterr().out
    assert f"its map for {never} (probability 0) is the same everywhere" in said


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--limit", "-1", "-1 is not a whole number of 1 or more"),
        ("--limit", "0", "0 is not a whole number of 1 or more"),
        ("--also-for", "-1", "-1 is not a whole number of 0 or more"),
        ("--also-for", "x", "x is not a whole number of 0 or more"),
        ("--counterfactual-gap", "x", "x is not a number between 0 and 1"),
        ("--counterfactual-gap", "1", "1 is not a number between 0 and 1"),
    ],
)
def test_a_number_that_cannot_be_is_refused_in_clear_words(tmp_path, capsys, option, value, said):
    asked = ["build", "--images", SPEC, "--network", str(tmp_path), "--methods", "gradcam"]
    with pytest.raises(SystemExit):
        main([*asked, "--out", str(tmp_path / "stimuli"), option, value])
    assert f"argument {option}: {said}" in capsys.readouterr().err


def test_more_other_species_than_there_are_are_all_explained_and_told(large, tmp_path, capsys):
    asked = ["build", "--images", USUAL, "--network", str(large), "--methods", "occlusion:4"]
    asked += ["--limit", "1", "--out", str(tmp_path / "stimuli")]
    assert main([*asked, "--also-for", "20"]) == 0
    others = set(load_network(large).species) - {_only(tmp_path / "stimuli").predicted_species}
    said = f"the network knows {len(others)} other species; these are explained"
    assert said in capsys.readouterr().out
    alternatives = _only(tmp_path / "stimuli").alternatives["occlusion:4"]
    assert {entry.target for entry in alternatives} == others


def _only(folder):
    (stimulus,) = read_manifest(folder).stimuli
    return stimulus
