"""Ready studies: named by what makes them, made step by step, gone on with where they stopped."""

import dataclasses
import json
import re
from pathlib import Path

import pytest

from experiments.__main__ import main
from experiments.checks import check_protocol
from experiments.files import write_atomically
from experiments.loading import load_text
from experiments.manifest import MANIFEST_NAME, SOME_FAILED, read_manifest
from experiments.studies import RECIPES, drawn_species, ready_study
from experiments.study_making import MOST_ANSWERS_UNNAMED, Making, MakingError, StepStopped
from experiments.templates import template_named
from tests.unit.experiments.study_manifests import study_manifest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_study_differs_from_its_template_in_names_and_seed_and_passes_the_check(recipe, tmp_path):
    manifest = study_manifest(recipe.name)
    study = ready_study(recipe, manifest, drawn_species(recipe))
    path = tmp_path / "protocol.yaml"
    path.write_text(study.protocol, encoding="utf-8")
    assert check_protocol(path, manifest).findings == ()
    template = template_named(recipe.name).path.read_text(encoding="utf-8")
    comments = [line for line in template.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in study.protocol.splitlines() if line in comments] == comments


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_the_rehearsal_plants_effects_of_conditions_that_the_template_has(recipe):
    text = template_named(recipe.name).path.read_text(encoding="utf-8")
    planted = [word.partition("=")[0] for word in recipe.rehearsal if "=" in word]
    assert planted
    assert all(
        f"\n  {condition}: " in text or f"\n  {condition}:\n" in text for condition in planted
    )


@pytest.mark.parametrize("name", RECIPES)
def test_a_ready_study_has_a_command_and_a_page(name):
    assert f"study-{name}" in (ROOT / "Makefile").read_text(encoding="utf-8").split()
    page = (ROOT / "docs" / "studies" / f"{name}.md").read_text(encoding="utf-8")
    assert f"make study-{name}" in page
    assert f"docs/studies/{name}.md" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_whatever_changes_gives_a_study_another_name_and_nothing_else_does():
    recipe, manifest = RECIPES["learning"], study_manifest("learning")
    species = drawn_species(recipe)
    study = ready_study(recipe, manifest, species)
    assert ready_study(recipe, manifest, species) == study
    other_bots = dataclasses.replace(recipe, bots=61)
    fewer = manifest.model_copy(update={"stimuli": manifest.stimuli[1:]})
    others = [
        ready_study(other_bots, manifest, species),
        ready_study(recipe, fewer, species),
        ready_study(recipe, manifest, species[1:]),
    ]
    assert len({study.slug, *(other.slug for other in others)}) == 4
    assert others[0].stimulus_set == study.stimulus_set != others[1].stimulus_set
    later = manifest.model_copy(update={"created_at": "2031-01-01T00:00", "larus_version": "9"})
    assert ready_study(recipe, later, species) == study


def test_a_distinction_offers_as_many_explanations_as_pictures_have():
    recipe, manifest = RECIPES["reliance"], study_manifest("reliance")
    for lent, options in ((3, 4), (2, 3), (1, 2), (0, 4)):  # of none, the check tells
        stimuli = tuple(
            one.model_copy(update={"alternatives": {"gradcam": one.alternatives["gradcam"][:lent]}})
            for one in manifest.stimuli
        )
        fewer = manifest.model_copy(update={"stimuli": stimuli})
        study = ready_study(recipe, fewer, drawn_species(recipe))
        protocol = load_text(study.protocol).protocol
        (task,) = (s.task for s in protocol.trials_stages() if s.task.kind == "distinction")
        assert task.options == options


class Programs:
    """Stands for the three programs: notes their calls, and makes what they would make."""

    def __init__(self, stops_at="", status=130, shown=2):
        self.stops_at, self.status, self.shown = stops_at, status, shown
        self.called, self.words = [], {}

    def __call__(self, words):
        command = words[2] if words[0] == "-m" else words[1]
        self.called.append(command)
        self.words[command] = words
        if command == self.stops_at:
            return self.status
        if "--out" in words:
            self._make(command, Path(words[words.index("--out") + 1]))
        if command == "images":
            counts = {f"species_{number}": {"train": 1, "test": 1} for number in range(self.shown)}
            write_atomically(Path(words[words.index("--counts") + 1]), json.dumps(counts).encode())
        return SOME_FAILED if command == "build" else 0

    def _make(self, command, out):
        out.mkdir(parents=True, exist_ok=True)
        if command == "build":
            self._build(out)
        if command == "report":
            (out / "report.html").write_text("a page", encoding="utf-8")

    def _build(self, out):
        manifest = study_manifest(out.parent.name)
        own = self.words["build"][self.words["build"].index("--images") + 1]
        card = manifest.image_set.model_copy(update={"spec": own})
        manifest = manifest.model_copy(update={"image_set": card})
        (out / MANIFEST_NAME).write_text(manifest.model_dump_json(), encoding="utf-8")


STEPS = [
    *("train", "build", "check_protocol", "score", "migrate", "import_stimuli"),
    *("freeze_protocol", "set_stage", "run_bots", "export_study", "report"),
]


def making(tmp_path, programs, name="counterfactual", **own):
    return Making(RECIPES[name], tmp_path, run=programs, say=lambda told: None, **own)


def test_a_study_is_made_step_by_step_and_a_second_call_makes_nothing_anew(tmp_path):
    study = making(tmp_path, first := Programs()).make()
    assert first.called == STEPS
    folder = tmp_path / "studies" / "counterfactual" / study.slug
    assert (folder / "protocol.yaml").read_text(encoding="utf-8") == study.protocol
    assert making(tmp_path, second := Programs()).make() == study
    # What finds out for itself that nothing is missing is asked again.
    assert second.called == STEPS[:-3]


@pytest.mark.parametrize("stops_at", STEPS)
def test_a_step_that_is_stopped_ends_the_making_and_the_next_call_goes_on(tmp_path, stops_at):
    with pytest.raises(StepStopped) as stopped:
        making(tmp_path, stopping := Programs(stops_at)).make()
    assert stopped.value.status == 130
    assert stopping.called[-1] == stops_at
    making(tmp_path, going_on := Programs()).make()
    assert going_on.called[-1] == "report"


def test_pictures_of_an_earlier_build_do_not_stand_for_one_that_crashed(tmp_path):
    making(tmp_path, Programs()).make()
    with pytest.raises(StepStopped):
        making(tmp_path, crashing := Programs("build", status=1)).make()
    assert crashing.called[-1] == "build"


def test_what_was_built_and_can_not_be_read_is_told(tmp_path):
    class Damaging(Programs):
        def _build(self, out):
            (out / MANIFEST_NAME).write_text("{", encoding="utf-8")

    with pytest.raises(MakingError, match=r"can't be read\. .*manifest\.json is not JSON"):
        making(tmp_path, programs := Damaging()).make()
    assert programs.called[-1] == "build"


def test_a_plan_is_checked_against_the_pictures_before_they_are_scored(tmp_path):
    study = making(tmp_path, programs := Programs()).make()
    place = tmp_path / "studies" / "counterfactual"
    _, _, *words = programs.words["check_protocol"]
    assert words == [
        *(str(place / study.slug / "protocol.yaml"), "--stimuli", str(place / "stimuli"))
    ]


def test_scores_that_are_all_there_are_not_measured_again(tmp_path):
    first = making(tmp_path, Programs()).make()
    stimuli = tmp_path / "studies" / "counterfactual" / "stimuli"
    manifest = read_manifest(stimuli)
    rows = [
        {"stimulus": one.key, "picture": one.picture.sha256, "explanation": name, "key": entry.key}
        | {"deletion": 0.2, "insertion": 0.8, "both": 0.64, "truth": {"regions": {}}}
        for one in manifest.stimuli
        for name, entry in one.explanations.items()
    ]
    for written, is_scored in (
        (rows, False),
        (rows[1:], True),
        ([{**rows[0], "key": "f" * 64}, *rows[1:]], True),
        ([{**rows[0], "picture": "f" * 64}, *rows[1:]], True),
        ([{**rows[0], "truth": None}, *rows[1:]], True),
        (None, True),
    ):
        text = "damaged" if written is None else json.dumps(written)
        (stimuli / "scores.json").write_text(text, encoding="utf-8")
        programs = Programs()
        assert making(tmp_path, programs).make() == first
        assert ("score" in programs.called) == is_scored


def test_a_study_that_was_made_before_another_is_found_again(tmp_path):
    own = {"images": "cub:mine", "network": tmp_path}
    drawn = making(tmp_path, Programs()).make()
    cub = making(tmp_path, Programs(), **own).make()
    assert cub.slug != drawn.slug
    assert making(tmp_path, again := Programs()).make() == drawn
    assert again.called == STEPS[:-3]
    assert making(tmp_path, again := Programs(), **own).make() == cub
    assert again.called[-1] == "set_stage"


def test_each_variant_explains_pictures_in_a_folder_of_its_own(tmp_path):
    asked = drawn_species(RECIPES["counterfactual"])
    place = tmp_path / "studies" / "counterfactual"
    usual = [
        {},
        {"species": asked[::-1]},
        {"network": tmp_path / "networks" / RECIPES["counterfactual"].drawn_network},
    ]
    for own in usual:
        assert making(tmp_path, Programs(), **own).stimuli == place / "stimuli"
    variants = [
        {"species": asked[1:]},
        {"network": tmp_path},
        {"network": tmp_path, "images": "cub:mine"},
        {"network": tmp_path, "images": "cub:mine", "species": asked},
        {"network": tmp_path / "another", "images": "cub:mine"},
    ]
    folders = {making(tmp_path, Programs(), **own).stimuli for own in variants}
    assert len(folders) == len(variants)
    for folder in folders:
        assert folder.parent == place
        assert re.fullmatch("stimuli-[0-9a-f]{8}", folder.name)


def test_more_species_than_anybody_meant_are_refused_before_anything_is_computed(tmp_path):
    own = {"images": "cub:mine", "network": tmp_path}
    programs = Programs(shown=MOST_ANSWERS_UNNAMED + 1)
    with pytest.raises(MakingError, match=r"cub:mine has 21 species.*cub:DIR\?only=gull"):
        making(tmp_path, programs, "learning", **own).make()
    assert programs.called == ["images"]
    making(tmp_path, Programs(shown=MOST_ANSWERS_UNNAMED), **own).make()
    named = Programs(shown=200)
    making(tmp_path, named, species=("ivory_gull", "herring_gull"), **own).make()
    assert "images" not in named.called


@pytest.mark.parametrize("page", ["learning", "counterfactual", "reliance"])
def test_how_to_keep_some_species_of_a_large_folder_is_told(page):
    pages = [ROOT / "docs" / "studies" / f"{page}.md", ROOT / "README.md", ROOT / "Makefile"]
    for path in pages:
        assert "IMAGES='cub:DIR?only=gull'" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("raised", "status", "told"),
    [
        (StepStopped(130), 130, "Stopped here; the same command goes on.\n"),
        (KeyboardInterrupt(), 130, "Stopped here; the same command goes on.\n"),
        (
            StepStopped(1),
            1,
            "Stopped here. Mend what is told above; the same command goes on from here.\n",
        ),
        (MakingError("No pictures."), 2, "error: No pictures.\n"),
    ],
)
def test_a_making_that_ends_early_says_how_it_goes_on(monkeypatch, capsys, raised, status, told):
    def stopped(making):
        raise raised

    monkeypatch.setattr(Making, "make", stopped)
    monkeypatch.setattr("sys.argv", ["experiments", "study", "learning"])
    assert main() == status
    assert capsys.readouterr().err == told


def test_concepts_are_found_before_pictures_are_explained_by_them(tmp_path):
    making(tmp_path, programs := Programs(), "learning").make()
    assert programs.called[:3] == ["train", "fit", "build"]


def test_the_demos_network_is_fitted_in_one_way_whoever_comes_first():
    making = " ".join((ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ").split())
    recipe = RECIPES["learning"]
    options = making[making.index("explainers train --refresh") :]
    assert recipe.drawn_images in recipe.training
    for word in recipe.training:
        assert word in options.split("--out")[0].split()
    assert f"/networks/{recipe.drawn_network}" in making


def test_pictures_of_ones_own_are_explained_and_asked_about_whatever_they_show(tmp_path):
    own = {"images": "cub:mine", "network": tmp_path}
    study = making(tmp_path, programs := Programs(), **own).make()
    assert "train" not in programs.called
    words = programs.words["build"]
    assert words[words.index("--images") + 1] == "cub:mine"
    assert "--species" not in words
    assert "species: [california_gull, heermann_gull" in study.protocol
    making(tmp_path, chosen := Programs(), species=("ivory_gull", "herring_gull"), **own).make()
    assert "ivory_gull,herring_gull" in chosen.words["build"]


def test_what_a_study_lacks_is_told_before_anything_is_run(tmp_path):
    with pytest.raises(MakingError, match="--network DIR"):
        making(tmp_path, programs := Programs(), images="cub:mine").make()
    with pytest.raises(MakingError, match="no network in"):
        making(tmp_path, programs, network=tmp_path / "nowhere").make()
    assert programs.called == []
