"""What the checks say of an allocation that can't be run, or not as meant."""

import pytest

from experiments.checks import problems_of
from experiments.loading import read_document
from experiments.schema import Protocol
from tests.unit.experiments.test_checks import DEMO

FIELDS = read_document(DEMO.read_text(encoding="utf-8")).value
SCREENING = {
    "kind": "screening",
    "title": "About you",
    "questions": [
        {
            "key": "birds",
            "text": "Do you watch birds?",
            "choices": ["No", "Yes", "Never heard of them"],
            "accepted": ["No", "Yes"],
            "reason": "of who has heard of birds",
        },
        {
            "key": "age",
            "text": "How old are you?",
            "choices": ["below 30", "30 or older"],
            "accepted": ["below 30", "30 or older"],
            "reason": "none",
        },
    ],
}
BIRDS = {"stage": "screening", "item": "birds", "levels": {"novice": ["No"], "watcher": ["Yes"]}}
AGE = {
    "stage": "screening",
    "item": "age",
    "levels": {"young": ["below 30"], "old": ["30 or older"]},
}
QUOTAS = {"main": {"novice": 12, "watcher": 6}}


def declaring(**allocation):
    """The demo, which has three arms of equal weight, with a screening and an allocation."""
    consent, *others = FIELDS["stages"]
    stages = [consent, SCREENING, *others]
    named = {"method": "simple", "participants": {"main": 18}, **allocation}
    return Protocol.model_validate({**FIELDS, "stages": stages, "allocation": named})


def told(protocol):
    """Each problem of the allocation: where, code, whether it is an error."""
    return {
        (".".join(map(str, problem.where)), problem.code, problem.severity)
        for problem in problems_of(protocol, None)
        if problem.where[0] == "allocation"
    }


@pytest.mark.parametrize(
    "allocation",
    [
        {},
        {"participants": {"main": 17}},
        {"method": "permuted_blocks", "block_sizes": [3, 6]},
        {"method": "latin_rotation"},
        {"method": "complete_rotation"},
        {"method": "urn"},
    ],
)
def test_what_can_be_run_has_no_problem(allocation):
    assert told(declaring(**allocation)) == set()


STAYS = ("allocation.factors", "stratum-stays-after-deletion", "warning")


@pytest.mark.parametrize(
    "allocation",
    [
        {"method": "urn", "factors": [BIRDS], "quotas": QUOTAS},
        {"method": "minimisation", "factors": [BIRDS, AGE]},
    ],
)
def test_factors_that_can_be_used_want_a_sentence_in_the_consent(allocation):
    assert told(declaring(**allocation)) == {STAYS}


FACTOR = "allocation.factors.0"


@pytest.mark.parametrize(
    ("allocation", "where", "code"),
    [
        (
            {"method": "permuted_blocks", "block_sizes": [3, 4]},
            "allocation.block_sizes.1",
            "block-size-not-in-ratio",
        ),
        (
            {"method": "urn", "participants": {"main": 20}},
            "allocation.participants.main",
            "places-not-in-ratio",
        ),
        ({"quotas": QUOTAS}, "allocation.quotas", "quotas-without-factors"),
        ({"factors": [BIRDS]}, "allocation.factors", "factors-without-use"),
        ({"method": "minimisation"}, "allocation.method", "minimisation-without-factors"),
        (
            {"method": "minimisation", "factors": [{**BIRDS, "stage": "assessment"}]},
            f"{FACTOR}.stage",
            "unknown-factor-stage",
        ),
        (
            {"method": "minimisation", "factors": [{**BIRDS, "stage": "questionnaire"}]},
            f"{FACTOR}.stage",
            "factor-after-trials",
        ),
        (
            {"method": "minimisation", "factors": [{**BIRDS, "item": "cats"}]},
            f"{FACTOR}.item",
            "unknown-factor-item",
        ),
        (
            {
                "method": "minimisation",
                "factors": [{**BIRDS, "levels": {"a": ["No", "Perhaps"], "b": ["Yes"]}}],
            },
            f"{FACTOR}.levels.a.1",
            "level-never-answered",
        ),
        (
            {
                "method": "minimisation",
                "factors": [{**BIRDS, "levels": {"a": ["No"], "b": ["Yes", "No"]}}],
            },
            f"{FACTOR}.levels.b.1",
            "answer-in-two-levels",
        ),
        (
            {
                "method": "minimisation",
                "factors": [{**AGE, "levels": {"a": ["below 30"], "b": ["Perhaps"]}}],
            },
            f"{FACTOR}.levels",
            "answer-in-no-level",
        ),
        (
            {"factors": [BIRDS], "quotas": {"pilot": QUOTAS["main"]}},
            "allocation.quotas",
            "quotas-and-places",
        ),
        (
            {"factors": [BIRDS], "quotas": {"main": {"novice": 18}}},
            "allocation.quotas.main",
            "strata-and-quotas",
        ),
        (
            {"factors": [BIRDS], "quotas": {"main": {"novice": 12, "watcher": 3}}},
            "allocation.quotas.main",
            "quotas-do-not-add-up",
        ),
        (
            {
                "method": "urn",
                "factors": [BIRDS],
                "quotas": {"main": {"novice": 10, "watcher": 8}},
            },
            "allocation.quotas.main.novice",
            "places-not-in-ratio",
        ),
    ],
)
def test_what_can_not_be_run_is_an_error(allocation, where, code):
    assert (where, code, "error") in told(declaring(**allocation))


@pytest.mark.parametrize(
    ("allocation", "where", "code", "besides"),
    [
        (
            {"method": "permuted_blocks", "block_sizes": [6]},
            "allocation.block_sizes",
            "guessable-blocks",
            set(),
        ),
        (
            {"method": "minimisation", "factors": [BIRDS], "preferred_probability": 1},
            "allocation.preferred_probability",
            "guessable-minimisation",
            {STAYS},
        ),
    ],
)
def test_an_arm_that_can_be_guessed_is_a_warning(allocation, where, code, besides):
    assert told(declaring(**allocation)) == {(where, code, "warning")} | besides


def test_seven_arms_have_too_many_orders():
    protocol = declaring(method="complete_rotation", participants={"main": 21})
    heavier = {key: arm.model_copy(update={"weight": 3}) for key, arm in protocol.arms.items()}
    assert ("allocation.method", "many-orders", "error") in told(
        protocol.model_copy(update={"arms": heavier})
    )


def test_a_question_that_makes_strata_may_turn_nobody_away():
    idle = [
        problem
        for allocation in ({}, {"method": "minimisation", "factors": [BIRDS, AGE]})
        for problem in problems_of(declaring(**allocation), None)
        if problem.code == "everybody-accepted"
    ]
    assert [problem.where for problem in idle] == [("stages", 1, "questions", 1, "accepted")]
