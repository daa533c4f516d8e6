import json

import pytest

from experiments.fitted_respondents import (
    FOLDER,
    ResponseModelError,
    known_names,
    read_fitted,
    response_model_named,
)
from experiments.respondents import PROFILES


def test_assumed_and_fitted_models_are_found_by_name():
    fitted = ["judging", "teaching", "visual-correspondence"]
    assert known_names() == [*PROFILES, *fitted]
    assert response_model_named("careless") is PROFILES["careless"]
    for name in fitted:
        stored = read_fitted(FOLDER / f"{name}.json")
        assert stored.source.answers > 10_000
        drawn = response_model_named(name)
        assert drawn.ability_sd == stored.parameters["ability_sd"].estimate > 0
        assert (drawn.guess, drawn.lapse) == (0.0, 0.0)
        assert drawn.careless == 0.0


def test_a_file_is_named_by_its_path(tmp_path):
    path = tmp_path / "mine.json"
    path.write_bytes((FOLDER / "teaching.json").read_bytes())
    assert response_model_named(str(path)) == response_model_named("teaching")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda own: own["parameters"].update(cleverness={"estimate": 1}), "cleverness"),
        (lambda own: own["parameters"]["learning"].update(se=-1), "parameters.learning.se"),
        (lambda own: own.pop("source"), "source: Field required"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_field(change, told, tmp_path):
    value = json.loads((FOLDER / "teaching.json").read_text())
    change(value)
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(value))
    with pytest.raises(ResponseModelError, match=told):
        response_model_named(str(path))


def test_unknown_names_are_told_the_known_ones():
    with pytest.raises(ResponseModelError, match=r"'nobody'.*attentive.*teaching"):
        response_model_named("nobody")
    with pytest.raises(ResponseModelError, match=r"absent\.json can't be read"):
        response_model_named("absent.json")
