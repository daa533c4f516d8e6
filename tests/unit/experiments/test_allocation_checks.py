"""Every way an allocation can be declared that can't be carried out, told with its line."""

import pytest

from experiments.checks import check_protocol
from tests.integration.studyapp.allocating import FACTORS, written
from tests.unit.experiments.test_checks import demo_manifest

BIRDS = '{stage: screening, item: birds, levels: {novice: ["No"], watcher: ["Yes"]}}'
QUOTAS = "quotas: {pilot: {novice: 6, watcher: 3}}"


def findings(tmp_path, allocation, asks):
    path = written(tmp_path, f"{{{allocation}}}", asks=asks)
    return check_protocol(path, demo_manifest()).findings


@pytest.mark.parametrize(
    "allocation",
    [
        "block_sizes: [3, 6], participants: {pilot: 9}",
        "method: simple, participants: {main: 10}",
        "method: latin_rotation, participants: {main: 9}",
        "method: complete_rotation, participants: {main: 9}",
        "method: urn, initial_balls: 2, participants: {main: 9}, release_after_hours: 24",
        f"method: minimisation, {FACTORS}, participants: {{main: 9}}",
        f"method: minimisation, {FACTORS}, participants: {{pilot: 9}}, {QUOTAS}",
        f"method: urn, {FACTORS}, participants: {{pilot: 9}}, {QUOTAS}",
    ],
)
def test_sound_allocations_have_no_finding(tmp_path, allocation):
    assert findings(tmp_path, allocation, asks=True) == ()


@pytest.mark.parametrize(
    ("allocation", "where", "what"),
    [
        ("method: urn, participants: {main: 10}", "participants.main", "10 participants can't"),
        ("method: urn, participants: {main: 9}, " + QUOTAS, "quotas", "no factors"),
        (f"method: urn, {FACTORS}, participants: {{pilot: 9}}", "factors", "does nothing with"),
        ("method: minimisation, participants: {main: 9}", "method", "nothing to minimise"),
        (
            f"method: minimisation, {FACTORS}, participants: {{main: 9}}, preferred_probability: 1",
            "preferred_probability",
            "can tell the next arm",
        ),
        (
            f"method: urn, {FACTORS}, participants: {{pilot: 9, main: 9}}, {QUOTAS}",
            "quotas",
            "do not both say how many the main stage",
        ),
        (
            f"method: urn, {FACTORS}, participants: {{pilot: 12}}, {QUOTAS}",
            "quotas.pilot",
            "add up to 9, not to 12",
        ),
        (
            f"method: urn, {FACTORS}, participants: {{pilot: 9}}, "
            "quotas: {pilot: {novice: 5, watcher: 4}}",
            "quotas.pilot.novice",
            "5 participants can't be divided",
        ),
        (
            f"method: urn, {FACTORS}, participants: {{pilot: 9}}, "
            "quotas: {pilot: {novices: 9}}",
            "quotas.pilot",
            "'novices' is not a stratum",
        ),
    ],
)
def test_an_allocation_that_cannot_be_carried_out_is_told(tmp_path, allocation, where, what):
    found = findings(tmp_path, allocation, asks=True)
    told = [f for f in found if f.where == f"allocation.{where}" and what in f.what]
    assert told, found
    assert told[0].do
    assert told[0].line


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("stage: screening", "stage: nowhere", "stage", "no screening or questionnaire 'nowhere'"),
        ("stage: screening", "stage: quiz", "stage", "no screening or questionnaire 'quiz'"),
        ("stage: screening", "stage: questionnaire", "stage", "comes after trials"),
        ("item: birds", "item: bats", "item", "no required question 'bats' with choices"),
        ('["No"]', '["Never"]', "levels.novice.0", "nobody who goes on answers 'Never'"),
        ('["No"]', '["Never"]', "levels", "the answer 'No' belongs to no level"),
        ('["Yes"]', '["Yes", "No"]', "levels.watcher.1", "belongs to the level 'novice' already"),
    ],
)
def test_a_factor_that_is_not_known_in_time_is_told(tmp_path, old, new, where, what):
    factors = f"factors: [{BIRDS.replace(old, new)}]"
    found = findings(tmp_path, f"method: minimisation, {factors}, participants: {{main: 9}}", True)
    told = [f for f in found if f.where == f"allocation.factors.0.{where}" and what in f.what]
    assert told, found
    assert told[0].do


def test_a_rotation_through_every_order_of_many_arms_is_told(tmp_path):
    path = written(tmp_path, "{method: complete_rotation, participants: {main: 9}}")
    text = path.read_text().replace("none: {training: none", "none: {weight: 5, training: none", 1)
    path.write_text(text.replace("main: 9", "main: 14", 1))
    (finding,) = check_protocol(path, demo_manifest()).findings
    assert finding.where == "allocation.method"
    assert "7 arms have 5040 orders" in finding.what


@pytest.mark.parametrize(
    ("allocation", "where", "what"),
    [
        ("method: coin, participants: {main: 9}", "allocation", 'unknown method "coin"'),
        ("method: urn, block_sizes: [3], participants: {main: 9}", "allocation.block_sizes", "not"),
        ("participants: {main: 9}", "allocation.block_sizes", "is missing"),
        ("method: urn, participants: {main: 0}", "allocation.participants.main", "0"),
    ],
)
def test_mistakes_of_shape_name_the_field(tmp_path, allocation, where, what):
    (finding,) = findings(tmp_path, allocation, asks=False)
    assert finding.where == where
    assert what in finding.what
