"""Published scales: their items, and their scores against sums written out by hand."""

import pytest

from experiments.items import LikertItem
from experiments.scales import SCALES
from experiments.schema import Questionnaire


def given(name: str, *values: int) -> dict[str, int | None]:
    return dict(zip((item.key for item in SCALES[name].items), values, strict=True))


@pytest.mark.parametrize(
    ("name", "values", "score"),
    [
        ("nasa_tlx", (0, 20, 40, 60, 80, 100), 50),
        ("understanding", (6,), 6),
        ("explanation_satisfaction", (5, 5, 4, 4, 3, 3, 2, 2), 3.5),
        # The sixth, "I am wary", is turned: 2 becomes 4.
        ("trust_xai", (4, 4, 4, 4, 4, 2, 4, 4), 4),
        # The five of distrust are turned: 1 becomes 7.
        ("trust_in_automation", (1, 1, 1, 1, 1, 7, 7, 7, 7, 7, 7, 7), 7),
        ("trust_in_automation", (7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7), (5 * 1 + 7 * 7) / 12),
    ],
)
def test_scores(name, values, score):
    assert SCALES[name].score(given(name, *values)) == pytest.approx(score)


def test_a_scale_with_a_gap_has_no_score():
    answers = given("nasa_tlx", 0, 20, 40, 60, 80, 100)
    assert SCALES["nasa_tlx"].score({**answers, "nasa_tlx_effort": None}) is None
    assert SCALES["nasa_tlx"].score({}) is None


@pytest.mark.parametrize("name", SCALES)
def test_every_scale_names_its_source_and_keeps_its_keys_to_itself(name):
    scale = SCALES[name]
    keys = [item.key for item in scale.items]
    assert len(set(keys)) == len(keys)
    assert all(key.startswith(name) for key in keys)
    assert scale.reversed <= set(keys)
    assert scale.source
    assert scale.range
    assert all(item.required for item in scale.items)


def test_nasa_tlx_has_21_points():
    assert {len(item.points) for item in SCALES["nasa_tlx"].items} == {21}


def questionnaire(**fields) -> Questionnaire:
    return Questionnaire(kind="questionnaire", title="Some questions", **fields)


def test_items_of_a_scale_come_first_and_are_written_out_once():
    own = LikertItem(kind="likert", key="birds", text="Birds?", levels=("few", "many"))
    declared = questionnaire(scale="understanding", items=[own.model_dump()])
    assert [item.key for item in declared.items] == ["understanding", "birds"]
    again = Questionnaire.model_validate(declared.model_dump(mode="json"))
    assert again == declared


def test_a_frozen_wording_outlives_a_change_of_the_scale():
    frozen = questionnaire(scale="understanding").model_dump(mode="json")
    frozen["items"][0]["text"] = "As it was worded once."
    assert Questionnaire.model_validate(frozen).items[0].text == "As it was worded once."
