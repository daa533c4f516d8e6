import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.differences import differences, picture_differences
from experiments.loading import load_protocol, read_document
from experiments.schema import Protocol
from tests.unit.experiments.test_checks import DEMO

OLD = load_protocol(DEMO).protocol
FIELDS = read_document(DEMO.read_text(encoding="utf-8")).value


def edited(old: str, new: str) -> Protocol:
    text = DEMO.read_text(encoding="utf-8")
    assert old in text
    return Protocol.model_validate(read_document(text.replace(old, new, 1)).value)


def test_a_protocol_does_not_differ_from_itself():
    assert differences(OLD, OLD) == ()


@pytest.mark.parametrize(
    ("old", "new", "where", "touches"),
    [
        ("slug: gulls-demo", "slug: other", "slug", ()),
        ("seed: 20260101", "seed: 5", "seed", ("participants",)),
        ("title: Telling gulls apart", "title: Gulls", "title", ("participants",)),
        ("block_sizes: [3, 6]", "block_sizes: [6, 9]", "allocation.block_sizes", ("allocation",)),
        (
            *("main: 300", "main: 600", "allocation.participants.main"),
            ("allocation",),
        ),
        ("alpha: 0.05", "alpha: 0.01", "analysis.alpha", ("analysis",)),
        (
            "placebo: {training: placebo, assessment: placebo}",
            "placebo: {weight: 2, training: placebo, assessment: placebo}",
            "arms.placebo.weight",
            ("allocation",),
        ),
        (
            "placebo: {training: placebo, assessment: placebo}",
            "placebo: {training: placebo, assessment: none}",
            "arms.placebo.assessment",
            ("participants",),
        ),
        (
            "stimuli: {per_species: 4, split: test}",
            "stimuli: {per_species: 5, split: test}",
            "stages.assessment.stimuli.per_species",
            ("participants",),
        ),
        (
            "how hard did you have".replace("how", "How"),
            "How long did you have",
            "stages.questionnaire.items.effort.text",
            ("participants",),
        ),
    ],
)
def test_a_difference_has_its_path_and_what_it_alters(old, new, where, touches):
    (found,) = differences(OLD, edited(old, new))
    assert (found.where, found.touches, found.kind) == (where, touches, "changed")


def test_a_stage_put_in_between_is_one_difference():
    stages = FIELDS["stages"]
    extra = {"kind": "instructions", "key": "rest", "title": "Rest", "pages": ["Have a rest."]}
    new = Protocol.model_validate({**FIELDS, "stages": [*stages[:4], extra, *stages[4:]]})
    (found,) = differences(OLD, new)
    assert (found.where, found.kind) == ("stages.rest", "added")
    assert (found.old, found.new["pages"]) == (None, ["Have a rest."])
    (back,) = differences(new, OLD)
    assert (back.where, back.kind, back.new) == ("stages.rest", "removed", None)


def test_stages_in_another_order_are_one_difference():
    stages = [*FIELDS["stages"]]
    stages[1], stages[2] = stages[2], stages[1]
    (found,) = differences(OLD, Protocol.model_validate({**FIELDS, "stages": stages}))
    assert (found.where, found.kind) == ("stages", "reordered")
    assert found.new.index("quiz") < found.new.index("instructions")


def test_an_arm_more_alters_what_is_seen_and_the_allocation():
    arm = {"training": "heatmap", "assessment": "none"}
    new = Protocol.model_validate({**FIELDS, "arms": {**FIELDS["arms"], "taught": arm}})
    (found,) = differences(OLD, new)
    assert (found.where, found.touches) == ("arms.taught", ("participants", "allocation"))


def test_a_contrast_is_told_by_the_arms_it_compares():
    new = edited("{arm: placebo, against: none}", "{arm: heatmap, against: placebo}")
    found = {(one.where, one.kind) for one in differences(OLD, new)}
    assert found == {
        ("analysis.contrasts.placebo against none", "removed"),
        ("analysis.contrasts.heatmap against placebo", "added"),
    }


def test_a_default_that_is_written_out_is_no_difference():
    assert (
        differences(OLD, edited("correction: holm", "correction: holm\n  model: mixed_logit")) == ()
    )


@given(st.permutations(list(FIELDS["stages"][1:-1])), st.integers(0, 2**40))
def test_differences_are_the_same_both_ways(stages, seed):
    whole = [FIELDS["stages"][0], *stages, FIELDS["stages"][-1]]
    new = Protocol.model_validate({**FIELDS, "seed": seed, "stages": whole})
    there, back = differences(OLD, new), differences(new, OLD)
    assert {one.where for one in there} == {one.where for one in back}
    assert {(one.where, str(one.old), str(one.new)) for one in there} == {
        (one.where, str(one.new), str(one.old)) for one in back
    }


def test_other_pictures_are_told_stage_by_stage():
    old = {"manifest_digest": "a", "selection": {"training": ["x"], "assessment": ["y"]}}
    new = {"manifest_digest": "b", "selection": {"training": ["x"], "assessment": ["z"]}}
    found = picture_differences(old, new)
    assert [one.where for one in found] == [
        "pictures.manifest_digest",
        "pictures.selection.assessment",
    ]
    assert all(one.touches == ("participants",) for one in found)
