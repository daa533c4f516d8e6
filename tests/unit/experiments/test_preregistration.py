"""The preregistration says what the protocol says."""

from dataclasses import replace

import pytest

from experiments.duration import expected_duration
from experiments.loading import load_protocol, load_text
from experiments.preregistration import Plan, preregistration
from experiments.templates import templates
from tests.factories import DEMO
from tests.integration.studyapp.allocating import DECLARED, FACTORS, SCREENING
from tests.unit.experiments.test_checks import demo_manifest
from tests.unit.experiments.test_templates import manifest_for


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
    assert "when 250 participants have completed the study" in text
    assert "of each contrast, without a correction" in text


BETWEEN = "A randomised study with {} groups of participants."
BLOCKS = "Consent allocates each participant to a group in the ratio {} by permuted blocks of {} in"
TOLD = {
    "two-arms": (BETWEEN.format("two"), BLOCKS.format("1:1", "2 or 4")),
    "three-arms": (BETWEEN.format("three"), BLOCKS.format("1:1:1", "3 or 6")),
    "training-only": (
        BETWEEN.format("four"),
        "- **training_only**: no explanation in practice and assessment, the igos explanation in "
        "learning",
    ),
    "within": (
        "All participants are one group. Everybody meets several conditions: pictures are given to "
        "them by counterbalanced lists",
        "Conditions come in blocks, in orders of balanced Latin squares.",
        "Nobody is allocated: there is one group. Each participant's place in it gives their list",
        "There are no groups to be blind to.",
        "90 participants who consent. Recruiting ends when every place has been given.",
    ),
    "advice": (
        BETWEEN.format("two"),
        "(which species is it, asked first without the explanation, then with it, without feedback",
    ),
    "counterfactual": (
        BETWEEN.format("three"),
        "practise on 5 pictures, one of each species, none of which the classifier named wrongly",
    ),
    "learning": (
        BETWEEN.format("five"),
        "are tested beforehand on 8 pictures, two of each species",
        "are tested with explanations at hand on 8 pictures",
    ),
    "reliance": (
        "Participants work with pictures of eight species and an image classifier",
        "two of which the classifier named wrongly (is the classifier’s answer right",
    ),
}


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.name)
@pytest.mark.parametrize("form", ["osf", "aspredicted"])
def test_each_template_is_told_as_it_is_and_before_it_happens(template, form):
    protocol = load_protocol(template.path).protocol
    text = preregistration(
        Plan(protocol, manifest_for(template), expected_duration(protocol)), form
    )
    # Only the Open Science Framework asks for a description.
    told = [one for one in TOLD[template.name] if form == "osf" or "image classifier" not in one]
    assert [sentence for sentence in told if sentence not in text] == []
    past = ("of birds", "; answered", "practised", "were tested", "A debriefing said", "one groups")
    assert [word for word in past if word in text] == []
    if template.name == "within":
        assert "randomised study" not in text and "allocates" not in text


GIVEN_AGAIN = f"""\
  method: permuted_blocks
  block_sizes: [3, 6]
  participants: {{pilot: 6, main: 90}}
  {FACTORS}
  quotas: {{pilot: {{novice: 3, watcher: 3}}, main: {{novice: 60, watcher: 30}}}}
  release_after_hours: 24
"""


def test_strata_places_given_again_and_pictures_left_out_are_told():
    text = DEMO.read_text(encoding="utf-8").replace(DECLARED, GIVEN_AGAIN)
    text = text.replace("\n  - kind: instructions", SCREENING, 1)
    left_out = "exclude: [{key: ivory_gull-1, reason: Two gulls.}, {key: x, reason: blurred}]"
    protocol = load_text(text.replace("\nconditions:", f"\n{left_out}\nconditions:", 1)).protocol
    told = preregistration(Plan(protocol, demo_manifest(), expected_duration(protocol)), "osf")
    for sentence in (
        "The answers to questions before the trials (birds) allocate each participant to a group",
        "permuted blocks of 3 or 6 in random order, within each stratum",
        "Factors are birds (novice: “No”; watcher: “Yes”).",
        "24 hours after consent is given to the next participant of the same stratum.",
        "90 places; more people than that may consent.",
        "who ends before that has consented and gets none.",
        "Of the places 60 are of the stratum novice and 30 are of the stratum watcher. Who falls "
        "into a stratum whose places are all held consents, too, and gets none.",
        "Who returns after theirs was taken back may still finish, in the group they were in. "
        "[Whether they count",
        "Recruiting ends when every place is held.",
        "answer one question about who may take part",
        "without ivory_gull-1 (Two gulls) and x (blurred); classifier",
    ):
        assert sentence in told
    assert "90 participants who consent" not in told.lower()
