"""From a built folder of drawn gulls to its truth scores, with a real, tiny network."""

import contextlib
import csv
import dataclasses
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from experiments.manifest import Species, read_manifest
from explainers.__main__ import main
from explainers.errors import ExplainersError
from explainers.imagesets import open_image_set
from explainers.imagesets.gulls import telling_parts
from explainers.networks.architectures import build_module, default_preprocessing, head_name
from explainers.networks.card import Card, PreprocessingCard
from explainers.networks.folder import make_network, save_network
from explainers.quality import folder_curves
from explainers.quality.folder import open_drawn, why_no_truth
from explainers.quality.truth import SCORES

SPEC = "gulls:2?difficulty=easy&size=64"
PICTURES = 4


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> Path:
    torch.manual_seed(0)
    species = open_image_set(SPEC).species
    given = dataclasses.asdict(default_preprocessing("gullnet")) | {"size": 64}
    card = Card(architecture="gullnet", species=species, preprocessing=PreprocessingCard(**given))
    folder = tmp_path_factory.mktemp("networks") / "network"
    save_network(make_network(build_module("gullnet", len(species)), card), folder, card)
    return folder


def build(network: Path, out: Path, images: str = SPEC) -> int:
    command = ["build", "--images", images, "--network", str(network), "--out", str(out)]
    command += ["--methods", "gradcam,placebo:gradcam", "--limit", str(PICTURES)]
    return main([*command, "--split", "train", "--seed", "3"])


@pytest.fixture(scope="module")
def built(network, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("stimuli") / "gulls"
    assert build(network, out) == 0
    return out


@pytest.fixture(scope="module")
def built_and_scored(network, built, tmp_path_factory) -> tuple[Path, str]:
    """A folder that was scored, and what was printed."""
    out = Path(shutil.copytree(built, tmp_path_factory.mktemp("stimuli") / "scored"))
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main(["score", str(out), "--network", str(network)]) == 0
    return out, printed.getvalue()


@pytest.fixture
def copy(built, tmp_path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "copy"))


@pytest.fixture
def scored(built_and_scored, tmp_path) -> Path:
    return Path(shutil.copytree(built_and_scored[0], tmp_path / "scored"))


def test_a_build_tells_where_heat_lies_and_a_second_one_computes_nothing(network, copy, capsys):
    before = (copy / "manifest.json").read_bytes()
    assert build(network, copy) == 0
    said = capsys.readouterr().out
    assert f"computed 0, reused {PICTURES}" in said
    lines = [line for line in said.splitlines() if "of its heat in telling parts" in line]
    assert [line.split()[0] for line in lines] == ["gradcam", "placebo:gradcam"]
    assert (copy / "manifest.json").read_bytes() == before


def test_the_manifest_says_how_its_pictures_are_drawn_again(built):
    manifest = read_manifest(built)
    assert manifest.image_set.seed == 3
    again = open_image_set(manifest.image_set.spec or "", seed=3)
    assert again.digest == manifest.image_set.digest
    drawn = open_drawn(built, manifest)
    for stimulus in manifest.stimuli:
        assert drawn.drawing(stimulus).picture.size == (64, 64)


def test_score_writes_and_prints_the_truth_beside_deletion_and_insertion(built_and_scored):
    folder, said = built_and_scored
    for word in ("deletion", "telling", "bird", "pointing", "tau-b", "top part", "95 %"):
        assert word in said
    rows = json.loads((folder / "scores.json").read_text())
    assert len(rows) == 2 * PICTURES
    shown = {s.key: s for s in read_manifest(folder).stimuli}
    for row in rows:
        truth, stimulus = row["truth"], shown[row["stimulus"]]
        told = telling_parts(stimulus.predicted_species, truth["rival"])
        assert set(truth["telling_parts"]) <= set(told)
        assert set(truth["regions"]) <= {"telling", "bird"}
        for scores in truth["regions"].values():
            assert list(scores) == list(SCORES)
            assert all(0 <= score["value"] <= 1 + 1e-9 for score in scores.values())
        if stimulus.predicted_species != stimulus.true_species:
            assert truth["rival"] == stimulus.true_species


def test_scores_at_a_common_resolution_sanity_and_a_figure(network, scored, capsys):
    command = ["score", str(scored), "--network", str(network)]
    before = json.loads((scored / "scores.json").read_text())
    assert main([*command, "--at", "4", "--sanity", "2"]) == 0
    said = capsys.readouterr().out
    assert "4 x 4 cells, every map alike" in said
    assert "rank correlation of maps before and after random weights" in said
    assert Image.open(scored / "curves.png").size == (1100, 500)
    after = json.loads((scored / "scores.json").read_text())
    for old, new in zip(before, after, strict=True):
        assert set(new["curves"]) == {"own", "4"}
        # What was measured is not measured again.
        assert new["curves"]["own"] == old["curves"]["own"]
        assert len(new["curves"]["4"]["shares"]) == 4 * 4 + 1


def test_curves_survive_a_stop_and_rows_of_another_version_do_no_harm(
    network, copy, capsys, monkeypatch
):
    command = ["score", str(copy), "--network", str(network)]
    (copy / "scores.json").write_text('[{"stimulus": "old", "explanation": "gradcam"}]')
    measure, calls = folder_curves.measure_curves, []

    def stopped_at_the_third(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return measure(*args)

    monkeypatch.setattr(folder_curves, "measure_curves", stopped_at_the_third)
    assert main(command) == 130
    assert "Stopped after 2 scores, all kept" in capsys.readouterr().err
    kept = json.loads((copy / "scores.json").read_text())
    assert len(kept) == 2
    assert main(command) == 0
    assert len(calls) == 3 + 2 * PICTURES - 2
    assert json.loads((copy / "scores.json").read_text())[:2] != kept  # with their truth now
    assert [row["curves"] for row in json.loads((copy / "scores.json").read_text())[:2]] == [
        row["curves"] for row in kept
    ]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("explainers.quality.folder_curves.measure_curves", "Stopped after 0 scores, all kept"),
        ("explainers.commands.score.measure_pictures", "scores.json keeps the curves"),
        ("explainers.commands.score.check_folder", "scores.json keeps the curves"),
    ],
)
def test_a_stop_leaves_the_truths_of_an_earlier_run(
    network, scored, capsys, monkeypatch, where, said
):
    command = ["score", str(scored), "--network", str(network)]
    before = json.loads((scored / "scores.json").read_text())
    monkeypatch.setattr(where, stopped)
    assert main([*command, "--at", "4"]) == 130
    told = capsys.readouterr().err
    assert said in told
    assert "Nothing was written" not in told
    after = json.loads((scored / "scores.json").read_text())
    assert [row["truth"] for row in after] == [row["truth"] for row in before]
    assert all(row["truth"] for row in after)


def test_a_picture_that_took_anothers_name_is_measured_anew(network, scored, capsys, monkeypatch):
    command = ["score", str(scored), "--network", str(network)]
    rows = json.loads((scored / "scores.json").read_text())
    # A borrowed map has the same key, whichever picture it is laid over.
    (scored / "scores.json").write_text(json.dumps([{**rows[0], "picture": "f" * 64}, *rows[1:]]))
    measure, calls = folder_curves.measure_curves, []

    def counted(*args):
        calls.append(args)
        return measure(*args)

    monkeypatch.setattr(folder_curves, "measure_curves", counted)
    assert main(command) == 0
    assert len(calls) == 1
    # Areas are those of the curves that are kept: measured again, or read, they are the same.
    assert json.loads((scored / "scores.json").read_text()) == rows


def test_a_stop_among_curves_leaves_the_truths_of_rows_already_reached(
    network, scored, capsys, monkeypatch
):
    command = ["score", str(scored), "--network", str(network)]
    before = json.loads((scored / "scores.json").read_text())
    measure, calls = folder_curves.measure_curves, []

    def stopped_at_the_third(*args):
        calls.append(args)
        return stopped() if len(calls) == 3 else measure(*args)

    monkeypatch.setattr(folder_curves, "measure_curves", stopped_at_the_third)
    assert main([*command, "--at", "4"]) == 130
    after = json.loads((scored / "scores.json").read_text())
    assert [set(row["curves"]) for row in after[1:3]] == [{"own", "4"}, {"own"}]
    assert [row["truth"] for row in after] == [row["truth"] for row in before]


def stopped(*_, **__):
    raise KeyboardInterrupt


def test_a_set_that_is_drawn_otherwise_now_is_refused(network, copy, capsys):
    text = (copy / "manifest.json").read_text()
    manifest = read_manifest(copy)
    (copy / "manifest.json").write_text(text.replace(manifest.image_set.digest, "0" * 64))
    assert main(["score", str(copy), "--network", str(network)]) == 2
    assert "the drawing code has changed since" in capsys.readouterr().err


def test_a_picture_that_is_drawn_otherwise_now_is_refused(built):
    manifest = read_manifest(built)
    first, second = manifest.stimuli[:2]
    swapped = first.model_copy(update={"picture": second.picture})
    with pytest.raises(ExplainersError, match=f"{first.key} is not drawn as it was"):
        open_drawn(built, manifest).drawing(swapped)


def test_folders_without_a_truth_say_why(built):
    manifest = read_manifest(built)
    for update, reason in (
        ({"kind": "cub"}, "photograph"),
        ({"spec": None}, "build it again"),
    ):
        card = manifest.image_set.model_copy(update=update)
        said = why_no_truth(manifest.model_copy(update={"image_set": card}))
        assert reason in (said or "")
    fewer = manifest.network.model_copy(update={"species": manifest.network.species[1:]})
    said = why_no_truth(manifest.model_copy(update={"network": fewer}))
    assert manifest.network.species[0] in (said or "")
    assert why_no_truth(manifest) is None


def test_without_a_truth_the_other_scores_are_still_there(network, copy, capsys):
    manifest = read_manifest(copy)
    card = manifest.image_set.model_copy(update={"spec": None})
    without = manifest.model_copy(update={"image_set": card, "stimuli": manifest.stimuli[:2]})
    (copy / "manifest.json").write_text(without.model_dump_json())
    assert main(["score", str(copy), "--network", str(network)]) == 0
    assert "no truth scores: the manifest does not say" in capsys.readouterr().out
    rows = json.loads((copy / "scores.json").read_text())
    assert all(row["truth"] is None and 0 <= row["deletion"] <= 1 for row in rows)


def test_twins_prints_rates_and_writes_a_row_for_each(network, tmp_path, capsys):
    out = tmp_path / "twins.csv"
    command = ["twins", "--images", SPEC, "--network", str(network), "--limit", "2"]
    assert main([*command, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "move the network towards the species that lends the mark" in said
    assert "of 56 ordered pairs have twins" in said
    rows = list(csv.DictReader(out.open()))
    assert {row["mark"] for row in rows} >= {"mantle_grey", "bill_base"}
    assert len({row["picture"] for row in rows}) == 2


def test_twins_needs_drawn_gulls(network, tmp_path, capsys):
    (tmp_path / "Ivory_Gull").mkdir()
    open_image_set(SPEC).open(open_image_set(SPEC).records[0]).save(
        tmp_path / "Ivory_Gull" / "one.png"
    )
    command = ["twins", "--images", f"folder:{tmp_path}", "--network", str(network)]
    assert main(command) == 2
    assert "only drawn gulls have twins" in capsys.readouterr().err


def test_an_answer_that_is_no_drawn_species_has_no_truth(tmp_path, capsys):
    torch.manual_seed(0)
    species = (Species(key="albatross", name="Albatross"), *open_image_set(SPEC).species)
    given = dataclasses.asdict(default_preprocessing("gullnet")) | {"size": 64}
    card = Card(architecture="gullnet", species=species, preprocessing=PreprocessingCard(**given))
    module = build_module("gullnet", len(species))
    head = module.get_submodule(head_name(module, len(species)))
    with torch.no_grad():
        head.bias[0] += 100
    save_network(make_network(module, card), tmp_path / "network", card)
    assert build(tmp_path / "network", tmp_path / "out") == 0
    assert main(["score", str(tmp_path / "out"), "--network", str(tmp_path / "network")]) == 0
    said = capsys.readouterr().out
    assert "the network answers none of them with a drawn species" in said
    assert all(
        row["truth"] is None for row in json.loads((tmp_path / "out/scores.json").read_text())
    )


def test_another_processors_rounding_is_no_other_picture(built):
    manifest = read_manifest(built)
    drawn, stimulus = open_drawn(built, manifest), manifest.stimuli[0]
    path = built / stimulus.picture.path
    content = path.read_bytes()
    pixels = np.asarray(Image.open(path).convert("RGB")).copy()
    pixels[0, 0, 0] += 1 if pixels[0, 0, 0] < 255 else -1
    try:
        Image.fromarray(pixels).save(path, "WEBP", lossless=True)
        assert drawn.drawing(stimulus).picture.size == (64, 64)
        pixels[:8] ^= 3
        Image.fromarray(pixels).save(path, "WEBP", lossless=True)
        with pytest.raises(ExplainersError, match="is not drawn as it was"):
            drawn.drawing(stimulus)
    finally:
        path.write_bytes(content)
