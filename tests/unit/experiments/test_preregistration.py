"""The preregistration says what the protocol says."""

from dataclasses import replace

import pytest

from experiments.duration import expected_duration
from experiments.loading import load_protocol
from experiments.preregistration import Plan, preregistration
from tests.factories import DEMO
from tests.unit.experiments.test_checks import demo_manifest


@pytest.fixture
def plan() -> Plan:
    protocol = load_protocol(DEMO).protocol
    return Plan(protocol, demo_manifest(), expected_duration(protocol))


def changed(plan: Plan, **analysis) -> Plan:
    """The same with another analysis plan."""
    whole = plan.protocol.model_dump()
    edited = whole | {"analysis": whole["analysis"] | analysis}
    return replace(plan, protocol=type(plan.protocol).model_validate(edited))


@pytest.mark.parametrize(("form", "questions"), [("osf", 16), ("aspredicted", 8)])
def test_every_question_of_a_form_is_answered(plan, form, questions):
    text = preregistration(plan, form)
    parts = text.split("\n## ")[1:]
    assert len(parts) == questions
    assert all(part.split("\n\n", 1)[1].strip() for part in parts)
    for told in (
        "heatmap against none",
        "300 participants".capitalize(),
        "Alpha is 0.05 of all planned contrasts together, by Holm",
        "who fail 2 or more attention checks",
        "permuted blocks of 3 or 6",
        "a placebo (the explanation of another picture)",
        "which is not frozen yet",
    ):
        assert told in text


def test_both_forms_say_the_same(plan):
    osf, aspredicted = (preregistration(plan, form) for form in ("osf", "aspredicted"))
    answers = {line for line in aspredicted.splitlines() if line and not line.startswith("#")}
    assert answers <= set(osf.splitlines())


def test_data_collected_already_are_owned_up_to(plan):
    assert "nobody has taken part" in preregistration(plan, "aspredicted")
    told = preregistration(replace(plan, begun=12, digest="ab" * 32), "aspredicted")
    assert "Yes: 12 participants" in told and "frozen, SHA-256 abab" in told


def test_looks_smallest_effect_and_stop_rule_are_told(plan):
    text = preregistration(
        changed(
            plan,
            interim_looks={"information_fractions": [0.5], "spending": "pocock"},
            smallest_effect=0.05,
            stop_rule={"completed": 250},
            correction="none",
        ),
        "osf",
    )
    assert "looks are taken at 50% of the participants" in text and "Pocock" in text
    assert "matters is 5.0%" in text
    assert "when 250 participants had completed the study" in text
    assert "of each contrast, without a correction" in text
