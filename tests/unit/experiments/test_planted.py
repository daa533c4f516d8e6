"""What a rehearsal plants, as people and as the words of `run_bots`."""

import pytest

from experiments.fitted_respondents import FOLDER
from experiments.planted import KINDS, options_of, with_planted
from experiments.respondents import ResponseModel
from experiments.studies import RECIPES
from studyapp.management.commands.run_bots import Command


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_run_bots_reads_the_words_of_a_recipe_as_what_it_plants(recipe):
    parser = Command().create_parser("manage.py", "run_bots")
    read = parser.parse_args(["a-study", *recipe.rehearsal])
    planted = {kind: dict(getattr(read, kind)) for kind in KINDS}
    assert read.profile == recipe.profile
    assert {kind: own for kind, own in planted.items() if own} == recipe.planted


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_people_of_a_rehearsal_are_fitted_to_a_real_study(recipe):
    assert (FOLDER / f"{recipe.profile}.json").is_file()


def test_every_kind_of_effect_changes_people_in_a_way_of_its_own():
    plain = ResponseModel()
    changed = [with_planted(plain, {kind: {"heatmap": 0.5}}) for kind in KINDS]
    assert with_planted(plain, {}) == plain
    assert all(own != plain for own in changed)
    assert all(changed.count(own) == 1 for own in changed)


def test_an_unwilling_condition_takes_from_the_belief_in_the_classifier():
    changed = with_planted(ResponseModel(), {"criterion": {"heatmap": 0.5}})
    assert changed.belief_effects == {"heatmap": -0.5}


def test_options_name_kinds_with_hyphens():
    planted = {"learning_effect": {"graph": 0.25}, "effect": {"graph": -1.0}}
    assert options_of(planted) == ("--learning-effect", "graph=0.25", "--effect", "graph=-1.0")
