"""What a researcher reads about conditions and a guide that can't be shown as declared."""

from pathlib import Path

import pytest

from experiments.checks import check_protocol
from experiments.examples import strongest_examples
from experiments.manifest import Manifest
from experiments.selection import select_guide, select_stimuli
from tests.factories import EXPLAINED, MAPS, PARTED, write_stimuli


@pytest.fixture(scope="module")
def manifest(tmp_path_factory) -> Manifest:
    folder = tmp_path_factory.mktemp("stimuli")
    return write_stimuli(folder, each=8, methods=(*MAPS, *PARTED))


def findings(tmp_path: Path, manifest: Manifest, old: str, new: str) -> dict[str, tuple[str, ...]]:
    text = EXPLAINED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "study.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    found = check_protocol(path, manifest).findings
    assert all(finding.do for finding in found)
    return {f.where: (f.severity, f.what, f.do) for f in found if "fewer than 2" not in f.what}


def test_the_protocol_of_every_explanation_is_sound(manifest):
    result = check_protocol(EXPLAINED, manifest)
    assert result.is_sound
    shown = {one.where for one in result.findings if one.where.startswith("conditions")}
    assert shown == {
        "conditions.concepts.examples",
        "conditions.concepts_placebo.examples",
    }


@pytest.mark.parametrize(
    ("old", "new", "where", "severity", "word"),
    [
        (
            "display: concepts\n    explanation: xnn",
            "display: concepts\n    explanation: sag",
            "conditions.concepts.display",
            "error",
            "'sag' is a graph of patches in the stimulus set, not concepts.",
        ),
        (
            "display: sag\n    explanation: sag",
            "display: sag\n    explanation: igos",
            "conditions.graph.display",
            "error",
            "'igos' is one map in the stimulus set, not a graph of patches.",
        ),
        (
            "interactions: [pick, opacity, flip]",
            "interactions: [pick, expand]",
            "conditions.concepts.interactions.1",
            "error",
            "`concepts` does not offer 'expand'.",
        ),
        (
            "interactions: [pick, expand, flip]",
            "interactions: [expand]",
            "conditions.graph.interactions",
            "error",
            "who can't pick a node",
        ),
        (
            "interactions: [pick, expand, flip]",
            "layout: overlay\n    interactions: [pick]",
            "conditions.graph.interactions",
            "warning",
            "nothing brings the whole picture back",
        ),
        (
            "advised: {display: none,",
            "advised: {display: none, examples: 2,",
            "conditions.advised.examples",
            "error",
            "only concepts have examples",
        ),
        (
            "is_placebo: true}\n  graph:",
            "is_placebo: true, examples: 0}\n  graph:",
            "conditions.concepts_placebo",
            "warning",
            "than any true explanation",
        ),
        ("ivory_gull: [White", "snowy_owl: [White", "guide.marks.snowy_owl", "error", "answers"),
        (
            "    ivory_gull: [White all over, Black legs]\n",
            "",
            "guide.marks",
            "warning",
            "ivory_gull has no field marks",
        ),
        (
            "pictures_per_species: 1",
            "pictures_per_species: 4",
            "guide.pictures_per_species",
            "error",
            "only 3 are left that no stage asks about",
        ),
    ],
)
def test_what_cannot_be_shown_as_declared_is_told(
    tmp_path, manifest, old, new, where, severity, word
):
    found = findings(tmp_path, manifest, old, new)
    assert found[where][0] == severity
    assert word in found[where][1]


def test_advice_that_gives_away_what_is_asked_is_an_error(tmp_path, manifest):
    asked = "phase: assessment\n    task: {kind: forward_simulation}"
    found = findings(tmp_path, manifest, "phase: assessment\n    stimuli", asked + "\n    stimuli")
    severity, what, _ = found["stages.2.task"]
    assert severity == "error"
    assert "which is what the task asks" in what


def test_advice_that_names_no_answer_is_told(tmp_path, manifest):
    strange = manifest.stimuli[0].model_copy(update={"predicted_species": "heermann_gull"})
    changed = manifest.model_copy(update={"stimuli": (strange, *manifest.stimuli[1:])})
    found = findings(tmp_path, changed, "title: Telling", "title: Still telling")
    assert {where for where in found if where.endswith("advice")} == {
        "conditions.advised.advice",
        "conditions.graph.advice",
        "conditions.graph_placebo.advice",
    }
    assert strange.key in found["conditions.advised.advice"][1]


def test_guide_and_examples_are_train_pictures_that_nothing_else_shows(manifest):
    protocol = check_protocol(EXPLAINED, manifest).protocol
    selection = select_stimuli(protocol, manifest)
    guide = select_guide(protocol, manifest, selection)
    asked = {key for keys in selection.values() for key in keys}
    shown = {key for keys in guide.values() for key in keys}
    assert set(guide) == set(protocol.species)
    assert shown & asked == set()
    for species, keys in guide.items():
        (picture,) = (manifest.stimulus(key) for key in keys)
        assert (picture.true_species, picture.split) == (species, "train")
    assert guide == select_guide(protocol, manifest, selection)
    examples = strongest_examples(manifest, "xnn", asked | shown, 2)
    names = {one.stimulus for found in examples.values() for one in found}
    assert names & (asked | shown) == set()
    assert {manifest.stimulus(name).split for name in names} == {"train"}


@pytest.mark.parametrize("explanation", ["xnn", "placebo:xnn"])
def test_examples_are_the_pictures_with_the_largest_shares(manifest, explanation):
    found = strongest_examples(manifest, explanation, (), 3)
    slowly: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for stimulus in manifest.stimuli:
        if stimulus.split == "train":
            entry = stimulus.explanations[explanation]
            for concept in entry.structure.concepts:
                slowly.setdefault((entry.target, concept.part), [])
                slowly[entry.target, concept.part].append((-concept.share, stimulus.key))
    assert {key: [one.stimulus for one in ones] for key, ones in found.items()} == {
        key: [name for _, name in sorted(pairs)[:3]] for key, pairs in slowly.items()
    }
