"""The method as a whole, on a small network."""

import io
import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
from PIL import Image

from experiments.structures import Graph
from explainers.__main__ import main
from explainers.asking import Probability
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.masking import MaskedPicture
from explainers.methods.igos import Igos
from explainers.methods.sag import Sag, SagSettings
from explainers.methods.sag.patch_sets import leave_one_out, masks_of
from explainers.perturbation import in_squares
from explainers.registry import create
from explainers.rendering.sag.nodes import node_layer, patch_box
from tests.unit.explainers.methods.sag.driving import bits

SETTINGS = SagSettings(hidden="zero", most_roots=4)


@pytest.fixture
def explained(network, pictures):
    explainer = Sag(network, settings=SETTINGS)
    (explanation,) = explainer.explain(pictures[:1])
    return explainer, explanation


@pytest.fixture
def picture(pictures):
    pixels = (pictures[0].permute(1, 2, 0) * 255).byte().numpy()
    return Image.fromarray(pixels).resize((120, 90))


def exact(network, image, sets, target):
    masks = in_squares(masks_of(sets, 7), image.shape[-1])
    return Evaluator(network, device="cpu").probabilities(image * masks)[:, target].tolist()


def test_nodes_tell_the_network_s_exact_confidence_and_roots_are_minimal(
    explained, network, pictures
):
    _, explanation = explained
    own = explanation.own
    assert json.loads(json.dumps(own)) == own
    sets = [bits(*node["patches"]) for node in own["nodes"]]
    assert len(set(sets)) == len(sets)
    probabilities = exact(network, pictures[0], sets, explanation.target)
    for node, one, probability in zip(own["nodes"], sets, probabilities, strict=True):
        assert node["probability"] == pytest.approx(probability, abs=2e-5)
        assert node["confidence"] == pytest.approx(probability / explanation.probability, abs=1e-4)
        if node["root"]:
            less = [part for part in leave_one_out(one) if part]
            assert node["confidence"] >= 0.9
            below = exact(network, pictures[0], less, explanation.target)
            assert all(value < 0.9 * explanation.probability for value in below)
    by_id = {node["id"]: node for node in own["nodes"]}
    for edge in own["edges"]:
        parent, child = by_id[edge["parent"]], by_id[edge["child"]]
        assert set(parent["patches"]) - set(child["patches"]) == {edge["patch"]}
        assert edge["drop"] == pytest.approx(parent["confidence"] - child["confidence"], abs=3e-5)
    assert [by_id[root]["root"] for root in own["roots"]] == [True] * len(own["roots"])


def test_the_map_is_what_removals_from_the_roots_lose(explained, network, pictures):
    _, explanation = explained
    heat = np.zeros(49)
    for root in (node for node in explanation.own["nodes"] if node["root"]):
        one = bits(*root["patches"])
        below = exact(network, pictures[0], leave_one_out(one), explanation.target)
        for patch, value in zip(root["patches"], below, strict=True):
            heat[patch] += root["probability"] - value
    assert explanation.map.flatten().numpy() == pytest.approx(heat / heat.max(), abs=1e-3)


def test_no_picture_is_asked_about_twice_in_one_precision(network, pictures):
    explainer = Sag(network, settings=SETTINGS)
    asked = []
    answer_ = explainer.evaluator.answer

    def noting(asks):
        asked.extend(
            (ask.exact, picture.numpy().tobytes())
            for ask in asks
            for picture in ask.pictures
            if not ask.gradient
        )
        return answer_(asks)

    explainer.evaluator.answer = noting
    explainer.explain(pictures[:1])
    # The guide's mask that hides nothing shows what is asked about first, the clean picture.
    assert len(asked) - len(set(asked)) <= 1


def test_an_answer_that_needs_no_patch_is_refused(network):
    with pytest.raises(ExplainersError, match=r"needs no patch.*try sag:zero"):
        create("sag", network).explain(torch.full((1, 3, 32, 32), 0.5))


def test_combinations_serve_or_say_what_to_do(network, pictures):
    few = SagSettings(hidden="zero", search="combinatorial", relevant=2)
    with pytest.raises(ExplainersError, match=r"2 most relevant patches keeps 90%.*sag without"):
        Sag(network, settings=few).explain(pictures[:1])
    everything = SagSettings(
        hidden="zero", search="combinatorial", relevant=6, sufficient=0.8, patches="bilinear"
    )
    (explanation,) = Sag(network, settings=everything).explain(pictures[:1])
    assert explanation.own["flags"]["unproven_roots"] == 0


def test_patches_are_seven_or_fourteen_a_side(network):
    told = create("sag:14", network).parameters()
    assert told["cells"] == told["guide"]["resolution"] == 14
    assert (told["guide"]["method"], told["guide"]["version"]) == ("igos", Igos.version)
    with pytest.raises(ExplainersError, match="use 7 or 14"):
        create("sag:9", network)


def test_a_name_spells_the_choices(network):
    chosen = create("sag:14:bilinear:zero:combinatorial", network).settings
    wanted = SagSettings(cells=14, patches="bilinear", hidden="zero", search="combinatorial")
    assert chosen == wanted
    for wrong in ("sag:grey", "sag:zero:blur", "sag:zero:zero"):
        with pytest.raises(ExplainersError, match="such as sag:14:zero"):
            create(wrong, network)


def test_hidden_patches_are_dark_and_the_one_taken_away_is_outlined():
    layer = np.asarray(node_layer([0, 4], 3, (90, 60), gone=8))
    assert (layer[:20, :30, 3] == 0).all()
    assert (layer[20:40, 30:60, 3] == 0).all()
    assert (layer[0:20, 30:, 3] == 230).all()
    left, top, right, bottom = patch_box(8, 3, (90, 60))
    assert (left, top, right, bottom) == (60, 40, 89, 59)
    assert tuple(layer[top, left]) == (255, 176, 0, 255)
    assert layer[(top + bottom) // 2, (left + right) // 2, 3] == 230


def test_parts_are_the_nodes_in_words_without_a_species(explained, picture):
    explainer, explanation = explained
    nodes = explanation.own["nodes"]
    parts = explainer.parts(explanation, picture)
    assert [part.key for part in parts] == [node["id"] for node in nodes]
    assert all(part.layer.size == picture.size for part in parts)
    count, kept = len(nodes[0]["patches"]), int(100 * nodes[0]["confidence"])
    assert parts[0].alt == (
        f"With {count} of 49 patches shown, {kept} % of the network's confidence remains."
    )
    assert parts[0].alt in explainer.alt(explanation)
    structure = explainer.structure(explanation)
    assert set(structure) == {"kind", "cells", "nodes", "edges", "roots"}
    assert structure["kind"] == "graph"


def test_a_graph_tells_page_and_reader_where_it_leaves_children_out(network, pictures):
    settings = SagSettings(hidden="zero", most_roots=4, widest=1)
    explainer = Sag(network, settings=settings)
    (explanation,) = explainer.explain(pictures[:1])
    own = explanation.own
    parents = {edge["parent"] for edge in own["edges"]}
    for node in own["nodes"]:
        whole = node["root"] and len(node["patches"]) > 1 and node["id"] not in parents
        assert node["left_out"] == (len(node["patches"]) if whole else 0)
    cut = [node for node in own["nodes"] if node["left_out"]]
    assert len(cut) == own["flags"]["nodes_not_expanded"] > 0
    told = Graph.model_validate(explainer.structure(explanation))
    assert [node.id for node in told.nodes if node.left_out] == [node["id"] for node in cut]
    assert "is left out" in explainer.alt(explanation)


def test_the_drawing_holds_all_nodes_with_their_words_and_needs_no_other_file(explained, picture):
    explainer, explanation = explained
    drawing = explainer.svg(explanation, picture)
    root = ET.fromstring(drawing)
    name = "{http://www.w3.org/2000/svg}"
    groups = root.findall(f"{name}g")
    assert [group.get("id") for group in groups] == [n["id"] for n in explanation.own["nodes"]]
    assert all("confidence remains" in group.find(f"{name}title").text for group in groups)
    assert len(root.findall(f"{name}line")) == len(explanation.own["edges"])
    assert root.find(f"{name}desc").text == explainer.alt(explanation)
    sources = re.findall(r'href="([^"]+)"', drawing)
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)


def test_the_still_shows_the_visible_patches_of_a_node(explained, picture):
    explainer, explanation = explained
    still = explainer.still(explanation, picture)
    assert still.width == 1200
    stream = io.BytesIO()
    explainer.still(explanation, picture).save(stream, "PNG")
    stream.seek(0)
    assert Image.open(stream).tobytes() == still.tobytes()
    assert explainer.told(explanation)[0] == explanation.own["dnf"]
    assert "%" in explainer.told(explanation)[1]


def test_the_guide_is_bilinear_and_the_patches_crisp(network, pictures):
    crisp = MaskedPicture(pictures[0], Probability(0), pictures[0] * 0, in_squares)
    shown = crisp.shown(masks_of([bits(0)], 4))[0]
    assert torch.equal(shown[:, :8, :8], pictures[0][:, :8, :8])
    assert not shown[:, 8:].any()
    assert not shown[:, :, 8:].any()


def test_explain_writes_graph_drawing_and_record_and_prints_the_formula(
    network, picture, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("explainers.commands.explain.load_network", lambda _: network)
    picture.save(tmp_path / "gull.png")
    words = ["explain", str(tmp_path / "gull.png"), "--network", "any", "--method", "sag:zero"]
    assert main([*words, "--out", str(tmp_path / "out.png")]) == 0
    own = json.loads((tmp_path / "out.json").read_text())["own"]
    told = capsys.readouterr().out
    assert own["dnf"] in told
    assert "of the network's confidence" in told
    assert Image.open(tmp_path / "out.png").width == 1200
    assert ET.parse(tmp_path / "out.svg").getroot().tag.endswith("svg")
