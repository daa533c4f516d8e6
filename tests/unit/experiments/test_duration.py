"""How long a study is expected to take, and what it will cost."""

import pytest

from experiments.costs import Costs, expected_costs
from experiments.duration import WORDS_PER_MINUTE, expected_duration
from experiments.fitted_respondents import response_model_named
from experiments.loading import load_protocol
from tests.factories import DEMO

PAYMENT = {
    "currency": "GBP",
    "cents": 150,
    "minutes": 10,
    "bonus": {"cents_per_right_answer": 5, "cents_at_most": 60},
}


@pytest.fixture
def demo():
    return load_protocol(DEMO).protocol


def test_the_demo_stage_by_stage_by_hand(demo):
    stages = {stage.title: stage for stage in expected_duration(demo).stages}
    assert list(stages) == [stage.title for stage in demo.stages]
    words = sum(len(page.split()) for page in demo.stage("instructions").pages)
    assert stages["How it works"].median_s == pytest.approx(60 * words / WORDS_PER_MINUTE)
    assert stages["Before you start"].median_s == 3 * 10
    answer = response_model_named("teaching").median_rt_ms / 1000
    # 4 species x 3 pictures with rating and feedback, and a check.
    assert stages["Learning"].median_s == pytest.approx(12 * (answer + 2 + 3) + answer)
    assert stages["A few last questions"].median_s == 6 + 6 + 25


def test_four_of_five_people_lie_about_the_median(demo):
    duration = expected_duration(demo)
    quick, slow = duration.range_minutes
    assert quick < duration.median_minutes < slow
    assert quick * slow == pytest.approx(duration.median_minutes**2)


def test_a_trial_that_asks_twice_takes_longer(demo):
    twice = demo.model_copy(update={"stages": tuple(map(asked_twice, demo.stages))})
    assert expected_duration(twice).median_minutes > expected_duration(demo).median_minutes + 1


def asked_twice(stage):
    if stage.kind != "trials":
        return stage
    changed = stage.model_dump() | {"task": {"kind": "counterfactual"}}
    return type(stage).model_validate(changed)


def test_costs_are_those_of_every_place(demo):
    assert expected_costs(demo) == {}
    paid = type(demo).model_validate(demo.model_dump() | {"payment": PAYMENT})
    # 16 pictures of the assessment would earn 80: the limit holds.
    assert expected_costs(paid)["main"] == Costs("GBP", 300, 45_000, 18_000)
