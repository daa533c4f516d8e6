"""Ready studies: named by what makes them, made step by step, gone on with where they stopped."""

import dataclasses
from pathlib import Path

import pytest

from experiments.checks import check_protocol
from experiments.loading import load_text
from experiments.manifest import MANIFEST_NAME
from experiments.studies import RECIPES, drawn_species, ready_study
from experiments.study_making import Making, MakingError, StepStopped
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

    def __init__(self, stops_at=""):
        self.stops_at, self.called, self.words = stops_at, [], {}

    def __call__(self, words):
        command = words[2] if words[0] == "-m" else words[1]
        self.called.append(command)
        self.words[command] = words
        if command == self.stops_at:
            return 130
        if "--out" in words:
            self._make(command, Path(words[words.index("--out") + 1]))
        return 1 if command == "build" else 0  # some pictures could not be explained

    def _make(self, command, out):
        out.mkdir(parents=True, exist_ok=True)
        if command == "build":
            text = study_manifest(out.parent.name).model_dump_json()
            (out / MANIFEST_NAME).write_text(text, encoding="utf-8")
        if command == "report":
            (out / "report.html").write_text("a page", encoding="utf-8")


STEPS = [
    *("train", "build", "score", "migrate", "import_stimuli", "check_protocol"),
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
