"""Reports that end with what the very explanations shown score."""

import json
import random

import pytest

from analysis.__main__ import main
from experiments.loading import load_protocol
from experiments.manifest import read_manifest
from experiments.templates import template_named
from tests.unit.analysis.exports import DEMO
from tests.unit.analysis.simulated_exports import simulate_export


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    return simulate_export(tmp_path_factory.mktemp("shown") / "export", participants=45, seed=3)


def written_scores(folder, export, *, is_known=lambda stimulus: True, names=("igos", "placebo")):
    """Scores as `explainers score` leaves them; of pictures that are known."""
    generator = random.Random(1)
    rows = []
    for stimulus in read_manifest(export / "manifest.json").stimuli:
        for name in names:
            deletion, insertion = generator.uniform(0, 0.4), generator.uniform(0.5, 0.9)
            row = {
                "stimulus": stimulus.key,
                "picture": stimulus.picture.sha256,
                "explanation": name,
                "key": stimulus.explanations[name].key,
                "deletion": deletion,
                "insertion": insertion,
                "both": insertion * (1 - deletion),
                "curves": {},
            }
            if name == "igos":
                row["graph"] = {"patches": 49, "smallest": 7, "sets": 3, "disjoint": 2}
                row["concepts"] = {"logit_error": -0.5, "covered": 0.92, "significant": 2}
            rows += [row] if is_known(stimulus) else []
    folder.mkdir(exist_ok=True)
    (folder / "scores.json").write_text(json.dumps(rows))
    return folder


def test_the_report_ends_with_the_scores_of_what_was_shown(export, tmp_path):
    stimuli = written_scores(tmp_path / "stimuli", export)
    out = tmp_path / "out"
    assert main(["report", str(export), "--scores", str(stimuli), "--out", str(out)]) == 0
    results = json.loads((out / "results.json").read_text())
    shown = results["explanations"]
    trials = [
        (trial["explanation_key"], trial["condition"], trial["stimulus"])
        for trial in table(export, "trials")
        if trial["phase"] == "assessment" and trial["explanation_key"]
    ]
    assert shown["shown"] == shown["scored"] == len({(key, picture) for key, _, picture in trials})
    rows = json.loads((stimuli / "scores.json").read_text())
    known = {(row["key"], row["stimulus"]): row for row in rows}
    for own in shown["scores"]:
        keys = {
            (key, picture) for key, condition, picture in trials if condition == own["condition"]
        }
        assert own["pictures"] == len(keys)
        if own["score"] == "insertion":
            expected = sum(known[key]["insertion"] for key in keys) / len(keys)
            assert own["mean"] == pytest.approx(expected)
            assert own["low"] < own["mean"] < own["high"]
    means = {(own["condition"], own["score"]): own["mean"] for own in shown["scores"]}
    assert means["heatmap", "patches"] == pytest.approx(7 / 49)
    assert means["heatmap", "logit_error"] == pytest.approx(0.5)
    assert ("placebo", "covered") not in means
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Did better explanations help more?" in page
    assert "heatmap against none: none of its scores demonstrably went with the benefit" in page
    assert (out / "plots/shown_explanations.csv").is_file()


def test_where_the_analysed_phase_shows_none_those_of_other_phases_are_told(tmp_path):
    learning = load_protocol(template_named("learning").path).protocol
    export = simulate_export(tmp_path / "export", participants=60, seed=4, protocol=learning)
    stimuli = written_scores(
        tmp_path / "stimuli", export, names=("igospp", "xnn", "sag", "placebo:igospp")
    )
    out = tmp_path / "out"
    assert main(["report", str(export), "--scores", str(stimuli), "--out", str(out)]) == 0
    results = json.loads((out / "results.json").read_text())
    shown = {
        (trial["stimulus"], trial["explanation_key"])
        for trial in table(export, "trials")
        if trial["phase"] in ("training", "assisted") and trial["explanation_key"]
    }
    assert results["explanations"]["shown"] == len(shown) > 0
    assert results["explanations"]["phases"] == ["training", "assisted"]
    told = {own["question"]: own["told"] for own in results["questions"]}["explanation_scores"]
    assert told.startswith("Of phase training and assisted, as the analysed phase shows no")
    assert "concepts against none: " in told and "insertion" in told
    plan = tmp_path / "assisted.yaml"
    plan.write_text("phase: assisted\ncontrasts: [{arm: concepts, against: none}]\n")
    command = ["report", str(export), "--plan", str(plan), "--without-exploratory"]
    assert main([*command, "--out", str(tmp_path / "assisted")]) == 0
    methods = (tmp_path / "assisted" / "methods.md").read_text()
    assert "of the 8 pictures of the test with explanations at hand rightly" in methods
    assert "whether an answer of the test with explanations at hand was right" in methods


def test_a_study_that_shows_nothing_has_nothing_to_score(export, tmp_path, capsys):
    bare = load_protocol(DEMO).protocol
    arms = dict.fromkeys(bare.arms, bare.arms["none"])
    bare = bare.model_copy(update={"arms": arms})
    plain = simulate_export(tmp_path / "plain", participants=12, seed=4, protocol=bare)
    stimuli = written_scores(tmp_path / "stimuli", export)
    assert main(["report", str(plain), "--scores", str(stimuli), "--out", str(tmp_path)]) == 2
    assert "no analysed trial shows an explanation" in capsys.readouterr().err


def table(export, name):
    import csv

    with (export / "tables" / f"{name}.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_scores_of_some_pictures_are_counted_as_some(export, tmp_path):
    stimuli = written_scores(
        tmp_path / "stimuli", export, is_known=lambda one: one.true_species == "ivory_gull"
    )
    out = tmp_path / "out"
    command = ["report", str(export), "--scores", str(stimuli), "--out", str(out)]
    assert main([*command, "--without-exploratory"]) == 0
    shown = json.loads((out / "results.json").read_text())["explanations"]
    assert 0 < shown["scored"] < shown["shown"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert f"{shown['scored']} of the {shown['shown']} explanations" in page
    assert "Exploratory questions were left out." in page


@pytest.mark.parametrize("field", ["key", "picture"])
def test_scores_of_another_build_are_refused_before_anything_is_analysed(
    export, tmp_path, capsys, field
):
    stimuli = written_scores(tmp_path / "stimuli", export)
    rows = json.loads((stimuli / "scores.json").read_text())
    (stimuli / "scores.json").write_text(json.dumps([{**row, field: "f" * 64} for row in rows]))
    out = tmp_path / "out"
    assert main(["report", str(export), "--scores", str(stimuli), "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert "explanations that were shown has a score in" in told
    assert "those of another build" in told
    assert "answering" not in told
    assert not out.exists()
