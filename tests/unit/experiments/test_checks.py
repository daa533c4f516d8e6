from pathlib import Path

import pytest

from experiments.checks import check_protocol
from tests.unit.experiments.manifests import manifest_of

PROTOCOLS = Path(__file__).parents[2] / "protocols"
DEMO = Path(__file__).parents[3] / "experiments" / "protocols" / "gulls-demo.yaml"
DEMO_SPECIES = ("california_gull", "herring_gull", "ivory_gull", "ring_billed_gull")


def edited_demo(tmp_path: Path, old: str, new: str) -> Path:
    text = DEMO.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "study.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def demo_manifest(each: int = 12, explanations: tuple[str, ...] = ("igos", "placebo")):
    manifest = manifest_of(DEMO_SPECIES, each, explanations)
    split = [
        stimulus.model_copy(update={"split": "train" if number % 2 else "test"})
        for number, stimulus in enumerate(manifest.stimuli)
    ]
    return manifest.model_copy(update={"stimuli": tuple(split)})


def test_the_demo_protocol_has_no_finding():
    assert check_protocol(DEMO, demo_manifest()).findings == ()


def test_pictures_whose_answer_survives_blurring_are_told_but_stop_nothing():
    manifest = demo_manifest()
    first, *others = manifest.stimuli
    kept = first.model_copy(update={"blurred_probability": 0.8})
    changed = manifest.model_copy(update={"stimuli": (kept, *others)})
    result = check_protocol(DEMO, changed)
    (finding,) = result.findings
    assert finding.severity == "warning"
    assert finding.where == "stimulus_set"
    assert first.key in finding.what
    assert "what igos shows" in finding.what
    assert result.is_sound


def test_a_method_that_does_not_blur_is_not_told_of():
    manifest = demo_manifest()
    first, *others = manifest.stimuli
    assert first.explanations["igos"].hides_by_blur
    sure = {"blurred_probability": 0.8}
    lent = first.model_copy(update=sure)
    assert lent.emptied_by_blur == ("igos",)
    plain = first.explanations["igos"].model_copy(update={"hides_by_blur": False})
    kept = lent.model_copy(update={"explanations": {**first.explanations, "igos": plain}})
    changed = manifest.model_copy(update={"stimuli": (kept, *others)})
    assert check_protocol(DEMO, changed).findings == ()


def test_ten_mistakes_are_found_in_one_go():
    manifest = manifest_of(("ivory_gull", "herring_gull"), 4, ("igos",))
    findings = check_protocol(PROTOCOLS / "ten-mistakes.yaml", manifest).findings
    errors = {finding.where for finding in findings if finding.severity == "error"}
    assert errors == {
        "conditions.heatmap.is_placebo",
        "conditions.concepts.explanation",
        "arms.twin",
        "arms.lost.assessment",
        "allocation.block_sizes.0",
        "allocation.participants.main",
        "stages.1.questions.0.answer",
        "stages.2.stimuli.keys",
        "stages.3.stimuli.keys.0",
        "analysis.contrasts.0.arm",
        "analysis.exclusions.failed_catch_trials",
    }
    lines = (PROTOCOLS / "ten-mistakes.yaml").read_text(encoding="utf-8").splitlines()
    by_place = {finding.where: finding.line for finding in findings}
    assert "nowhere" in lines[by_place["arms.lost.assessment"] - 1]
    assert "answer: neither" in lines[by_place["stages.1.questions.0.answer"] - 1]
    assert all(finding.do and finding.what for finding in findings)


def test_every_mistake_of_shape_is_found_with_its_line(tmp_path):
    text = DEMO.read_text(encoding="utf-8")
    text = text.replace("slug: gulls-demo", "slug: Gulls Demo")
    text = text.replace("attempts: 2", "attempts: many")
    text = text.replace("per_species: 3", "per_specie: 3")
    text = text.replace("kind: debrief", "kind: goodbye")
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    result = check_protocol(path, demo_manifest())
    assert result.protocol is None
    told = {text.splitlines()[finding.line - 1].strip() for finding in result.findings}
    assert {"slug: Gulls Demo", "attempts: many", "- kind: goodbye"} <= told
    assert any("per_specie" in line for line in told)


@pytest.mark.parametrize(
    ("content", "line", "word"),
    [
        ("slug: [a", 1, "YAML"),
        ("slug: a\nslug: b\n", 2, "twice"),
        ("", None, "mapping"),
    ],
)
def test_a_file_that_is_not_a_mapping_is_told_where_it_breaks(tmp_path, content, line, word):
    path = tmp_path / "broken.yaml"
    path.write_text(content, encoding="utf-8")
    result = check_protocol(path, None)
    assert result.protocol is None
    assert not result.is_sound
    assert word in result.findings[0].what
    if line:
        assert result.findings[0].line == line


def test_a_missing_file_says_so(tmp_path):
    result = check_protocol(tmp_path / "nowhere.yaml", None)
    assert "can't be read" in result.findings[0].what


def test_a_stimulus_without_the_explanation_an_arm_shows_is_named(tmp_path):
    path = edited_demo(
        tmp_path,
        "{per_species: 4, split: test}",
        "{keys: [california_gull-0, herring_gull-0, ivory_gull-0, ring_billed_gull-0]}",
    )
    manifest = demo_manifest()
    bare = manifest.stimuli[0].model_copy(update={"explanations": {}})
    manifest = manifest.model_copy(update={"stimuli": (bare, *manifest.stimuli[1:])})
    found = [f for f in check_protocol(path, manifest).findings if f.severity == "error"]
    assert {f.what for f in found} == {
        "'california_gull-0' lacks the explanation 'igos', which an arm will show.",
        "'california_gull-0' lacks the explanation 'placebo', which an arm will show.",
    }


def test_too_few_pictures_for_all_stages_together_are_found():
    found = check_protocol(DEMO, demo_manifest(each=6)).findings
    assert any(
        "are left" in finding.what and finding.where.endswith("per_species") for finding in found
    )


def test_a_protocol_whose_set_is_not_imported_says_how_to_import_it():
    (finding,) = check_protocol(DEMO, None).findings
    assert finding.where == "stimulus_set"
    assert "import_stimuli" in finding.do


@pytest.mark.parametrize(
    ("old", "new", "where", "word"),
    [
        ("key: feedback", "key: task", "stages.2.questions.1.key", "'task' is used already"),
        ("key: birds", "key: effort", "stages.6.items.1.key", "'effort' is used already"),
        ("key: feedback", "key: attempt", "stages.2.questions.1.key", "'attempt' is kept"),
        (
            "[Choose the answer it names, Choose any answer, Close the page]",
            "[Choose the answer it names, Close the page, Close the page]",
            "stages.2.questions.2.choices.2",
            "'Close the page' is offered twice",
        ),
        (
            "[Not at all, I know a few, I watch birds]",
            "[Not at all, I watch birds, I watch birds]",
            "stages.6.items.1.choices.2",
            "'I watch birds' is offered twice",
        ),
        (
            "[not at all, a little, somewhat, rather, very]",
            "[very, a little, somewhat, rather, very]",
            "stages.6.items.0.levels.4",
            "'very' is offered twice",
        ),
        (
            "[guessing, unsure, fairly sure, sure, certain]",
            "[guessing, unsure, sure, sure, certain]",
            "stages.3.confidence.levels.3",
            "'sure' is offered twice",
        ),
    ],
)
def test_answers_that_could_not_be_told_apart_are_found(tmp_path, old, new, where, word):
    path = edited_demo(tmp_path, old, new)
    found = {finding.where: finding for finding in check_protocol(path, demo_manifest()).findings}
    finding = found[where]
    assert finding.severity == "error"
    assert word in finding.what
    assert finding.do
    line = path.read_text(encoding="utf-8").splitlines()[finding.line - 1]
    assert new.splitlines()[0] in line


def test_a_placebo_that_is_laid_out_otherwise_is_told(tmp_path):
    path = edited_demo(
        tmp_path,
        "explanation: igos, interactions",
        "explanation: igos, layout: overlay, interactions",
    )
    (finding,) = check_protocol(path, demo_manifest()).findings
    assert (finding.where, finding.severity) == ("conditions.placebo", "warning")


def test_interactions_without_anything_shown_are_an_error(tmp_path):
    path = edited_demo(
        tmp_path, "none: {display: none}", "none: {display: none, interactions: [flip]}"
    )
    (finding,) = check_protocol(path, demo_manifest()).findings
    assert (finding.where, finding.severity) == ("conditions.none.interactions", "error")


def test_a_pretest_and_a_test_with_explanations_are_phases_of_their_own(tmp_path):
    path = edited_demo(tmp_path, "training: heatmap, assessment: heatmap", "assisted: heatmap")
    text = path.read_text(encoding="utf-8").replace("phase: practice", "phase: pretest")
    path.write_text(text.replace("phase: training", "phase: assisted"), encoding="utf-8")
    result = check_protocol(path, demo_manifest())
    (finding,) = result.findings
    assert (finding.code, finding.what) == (
        *("feedback-in-assessment", "a pretest with feedback goes on teaching."),
    )
    arm = result.protocol.arms["heatmap"]
    assert arm.conditions_in("assisted") == ("heatmap",)
    assert arm.conditions_in("pretest") == arm.conditions_in("assessment") == ("none",)
