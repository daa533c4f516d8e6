"""Explanations of every kind: what is imported, what a participant is told, and what nobody is."""

import json
import re
import uuid
from collections import Counter

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from experiments.manifest import read_manifest
from studyapp.models import Artefact, PlannedStimulus, StudySession
from studyapp.services.sessions import start_session
from tests.explained import NAMES
from tests.factories import open_explained
from tests.integration.studyapp.speaking import Speaker


@pytest.fixture
def explained(db, tmp_path):
    return open_explained(tmp_path / "stimuli")


@pytest.fixture
def in_arm(explained):
    """A function that gives a session of an arm that stands at a stage."""

    def start(arm: str, stage_key: str = "assessment") -> StudySession:
        while True:
            session = start_session(study=explained, entry_key=uuid.uuid4())
            if session.slot.arm == arm:
                break
        StudySession.objects.filter(pk=session.pk).update(stage_key=stage_key)
        session.refresh_from_db()
        return session

    return start


def page_of(session: StudySession) -> str:
    return Client().get(reverse("run", args=[session.token])).content.decode()


def test_an_import_keeps_parts_structure_and_words(explained, tmp_path):
    for stimulus in read_manifest(tmp_path / "stimuli").stimuli:
        for name, entry in stimulus.explanations.items():
            row = Artefact.objects.get(stimulus__key=stimulus.key, name=name)
            told = (row.kind, row.target, row.style, row.alt, row.layer_id)
            assert told == (entry.kind, entry.target, entry.style, entry.alt, entry.layer.sha256)
            structure = entry.structure and entry.structure.model_dump(mode="json")
            assert row.structure == structure
            parts = row.parts.values_list("key", "alt", "layer")
            assert list(parts) == [(p.key, p.alt, p.layer.sha256) for p in entry.parts]


def test_pictures_of_the_guide_are_frozen_and_never_asked(explained):
    guide = {key for keys in explained.frozen["guide"].values() for key in keys}
    planned = PlannedStimulus.objects.filter(study=explained)
    assert set(planned.filter(stage_key="").values_list("stimulus__key", flat=True)) == guide
    assert len(guide) == 4
    session = start_session(study=explained, entry_key=uuid.uuid4())
    assert not session.trials.filter(stimulus__key__in=guide).exists()


def test_a_guide_stands_beside_every_trial_and_is_not_part_of_it(in_arm):
    session = in_arm("none")
    html = page_of(session)
    guide = html[html.index("<aside") : html.index("</aside>")]
    for name in ("California Gull", "Herring Gull", "Ivory Gull", "Ring Billed Gull"):
        assert f"<h2>{name}</h2>" in guide
    assert "Red spot on the bill" in guide
    assert guide.count("<img") == 4
    assert all("<aside" not in trial["page"] for trial in Speaker(session).trials())


def test_a_concept_comes_with_name_share_layer_and_examples(in_arm):
    session = in_arm("concepts")
    trial = Speaker(session).trials()[0]
    row = session.trials.get(uid=trial["uid"])
    concepts = trial["explanation"]["concepts"]
    structure = row.artefact.structure["concepts"]
    assert [one["name"] for one in concepts] == [one["name"] for one in structure]
    assert [one["percent"] for one in concepts] == [round(100 * o["share"]) for o in structure]
    files = {file["sha256"] for file in trial["media"]}
    for concept in concepts:
        assert concept["layer"]["sha256"] in files
        for example in concept["examples"]:
            assert {example["picture"]["sha256"], example["layer"]["sha256"]} <= files
    planned = PlannedStimulus.objects.filter(study=session.study)
    asked = set(planned.values_list("stimulus__picture", flat=True))
    shown = {e["picture"]["sha256"] for one in concepts for e in one["examples"]}
    assert shown
    assert shown & asked == set()


def test_a_graph_needs_no_file_but_the_picture(in_arm):
    trial = Speaker(in_arm("graph")).trials()[0]
    assert [file["sha256"] for file in trial["media"]] == [trial["picture"]]
    graph = trial["explanation"]["graph"]
    assert {node["key"] for node in graph["nodes"]} == {f"n{number}" for number in range(9)}
    assert [node["key"] for node in graph["nodes"] if node["is_root"]] == ["n0", "n1"]
    for node in graph["nodes"]:
        assert 0 <= node["left"] <= graph["width"] - graph["tile_width"]
        assert 0 <= node["top"] < graph["height"]
    assert sum(edge["rises"] for edge in graph["edges"]) == 1


@pytest.mark.parametrize(
    ("arm", "told"),
    [
        ("advised", "The program’s answer: <strong>{}</strong>. It is <strong>80 % sure"),
        ("graph", "The program’s answer: <strong>{}</strong>."),
    ],
)
def test_advice_is_the_answer_of_the_classifier(in_arm, arm, told):
    session = in_arm(arm)
    for trial in Speaker(session).trials():
        row = session.trials.get(uid=trial["uid"])
        name = row.stimulus.predicted_species.replace("_", " ").title()
        assert told.format(name) in trial["page"]
        assert ("% sure" in trial["page"]) == (arm == "advised")


@pytest.mark.parametrize("arm", ["none", "heatmap", "concepts"])
def test_without_advice_no_answer_is_told(in_arm, arm):
    assert all(trial["advice"] is None for trial in Speaker(in_arm(arm)).trials())


@pytest.mark.parametrize("arm", ["concepts", "concepts_placebo", "graph", "graph_placebo"])
@pytest.mark.parametrize("stage", ["training", "assessment"])
def test_no_block_tells_truth_arm_condition_or_origin(in_arm, arm, stage):
    session = in_arm(arm, stage)
    player = Speaker(session)
    trials = player.trials()
    told = json.dumps(trials) + json.dumps(player.state()) + page_of(session)
    secrets = ["placebo", "xnn", "sag", "secret-", "donor", "true_species", "target", "source"]
    secrets += ["predicted", "arm", "condition", "igos", "explanation_key", "-000", "-001"]
    words = set(re.findall(r"[a-z_]+|-00\d", told.lower()))
    assert [secret for secret in secrets if secret in words] == []
    for trial in trials:
        row = session.trials.get(uid=trial["uid"])
        truth = row.stimulus.true_species.replace("_", " ").title()
        extra = 1 if trial["advice"] else 0
        names = Counter(
            {choice["name"]: trial["page"].count(choice["name"]) for choice in trial["choices"]}
        )
        assert names.pop(truth) == 1 + extra
        assert set(names.values()) == {1}
        assert row.stimulus.key not in json.dumps(trial)
        assert row.artefact.explanation_key not in json.dumps(trial)


def skeleton(page: str) -> str:
    """A page without what differs from picture to picture: numbers, digests, names of concepts."""
    page = re.sub("|".join(NAMES.values()), "NAME", page, flags=re.IGNORECASE)
    page = re.sub(
        r"[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|run/[^/]+/", "DIGEST", page
    )
    return re.sub(r"\d+(\.\d+)?", "0", page)


def shape(page: str, repeated: str) -> set[str]:
    """What a page is made of, however many concepts or examples there are."""
    lines = (line.strip() for line in skeleton(page).splitlines())
    return {re.sub(repeated, "", line) for line in lines if line}


@pytest.mark.parametrize(
    ("true", "placebo"),
    [("heatmap", "placebo"), ("concepts", "concepts_placebo"), ("graph", "graph_placebo")],
)
def test_a_placebo_has_the_form_of_the_true_explanation(in_arm, true, placebo):
    def trials_of(arm: str) -> dict[str, dict]:
        session = in_arm(arm)
        rows = {str(row.uid): row.stimulus.key for row in session.trials.exclude(stimulus=None)}
        return {rows[t["uid"]]: t for t in Speaker(session).trials()}

    def form(trial: dict) -> set[str]:
        page = trial["page"]
        for choice in trial["choices"]:
            page = page.replace(choice["name"], "SPECIES").replace(choice["key"], "SPECIES")
        return shape(page, " hidden(?==)")

    real, foreign = trials_of(true), trials_of(placebo)
    assert set(real) == set(foreign)
    for key, trial in real.items():
        assert form(trial) == form(foreign[key])
        other = foreign[key]["explanation"]
        told = {**trial["explanation"], "alt": "", "layer": "", "concepts": "", "graph": ""}
        assert told == {**other, "alt": "", "layer": "", "concepts": "", "graph": ""}
        assert trial["advice"] == foreign[key]["advice"]


def test_without_scripts_there_is_a_still_picture_and_a_list(in_arm):
    html = page_of(in_arm("graph"))
    assert 'role="img" aria-label="A graph of picture patches."' in html
    words = html[html.index('<details class="words">') : html.index("</details>")]
    assert words.count("<li") == 9
    assert "These 3 squares are enough: the program keeps 95 % of its certainty." in words
    html = page_of(in_arm("concepts"))
    assert "46 %" in html or "% of the evidence." in html
    assert html.count('class="stack thumb"') in (2, 3)


def test_a_graph_that_leaves_sets_out_says_so_in_words(in_arm):
    html, words = page_of(in_arm("graph")), "taken away is not drawn."
    assert "nothing is drawn below some pictures" in html
    (told,) = re.findall(r'<li data-part="n4">(.*?)</li>', html, re.DOTALL)
    assert words in told
    assert html.count(words) == 1


def test_feedback_shows_the_explanation_still(in_arm):
    session = in_arm("graph", "training")
    player = Speaker(session)
    assert player.answer(player.trials()[0]).status_code == 201
    html = page_of(session)
    assert "A graph of picture patches." in html
    assert 'data-widget="graph"' not in html
    assert "<aside" in html


def test_numbers_of_a_drawing_keep_their_point_in_every_language(in_arm, settings):
    settings.LANGUAGE_CODE = "de"
    page = Speaker(in_arm("graph")).trials()[0]["page"]
    assert not re.search(r'(x1|y1|stroke-width)="\d+,\d', page)
    assert re.search(r'stroke-width="\d+\.\d"', page)


@pytest.mark.django_db(transaction=True)
def test_a_set_imported_before_gets_parts_and_words_from_its_manifest(tmp_path):
    executor = MigrationExecutor(connection)
    study = open_explained(tmp_path / "stimuli")
    before = {
        row.pk: (
            row.kind,
            row.target,
            row.style,
            row.alt,
            row.structure,
            list(row.parts.values_list("key", "alt", "layer")),
        )
        for row in Artefact.objects.all()
    }
    try:
        executor.migrate([("studyapp", "0002_player")])
    finally:
        latest = [
            node
            for node in MigrationExecutor(connection).loader.graph.leaf_nodes()
            if node[0] == "studyapp"
        ]
        MigrationExecutor(connection).migrate(latest)
    after = {
        row.pk: (
            row.kind,
            row.target,
            row.style,
            row.alt,
            row.structure,
            list(row.parts.values_list("key", "alt", "layer")),
        )
        for row in Artefact.objects.filter(stimulus__stimulus_set=study.stimulus_set_id)
    }
    assert after == before
