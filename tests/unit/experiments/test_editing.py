"""Changing the text of a protocol: comments stay, what is made can be frozen."""

import pytest

from experiments.arm_editing import ArmMeets, set_arms
from experiments.checks import check_loaded
from experiments.editing import (
    EditError,
    edit,
    exclude_stimulus,
    set_analysis,
    set_fields,
    set_participants,
    set_payment,
    set_pictures,
)
from experiments.loading import load_text
from experiments.templates import protocol_from_template, templates
from tests.unit.experiments.test_checks import demo_manifest

OFFERED = {
    "none": {"display": "none"},
    "gradcam": {
        "display": "heatmap",
        "explanation": "gradcam",
        "interactions": ("opacity", "flip"),
    },
}


def text_of(name: str = "three-arms") -> str:
    return protocol_from_template(name, seed=1)


def arms_of(**met: str) -> list[ArmMeets]:
    return [
        ArmMeets(key, {"practice": ("none",), "training": (one,), "assessment": (one,)})
        for key, one in met.items()
    ]


def with_arms(text: str, **met: str):
    changed = edit(text, lambda document: set_arms(document, arms_of(**met), OFFERED))
    return changed, load_text(changed).protocol


@pytest.mark.parametrize("template", [one.name for one in templates()])
def test_an_edit_that_changes_nothing_leaves_every_line(template):
    text = text_of(template)
    protocol = load_text(text).protocol
    species, places = list(protocol.species), dict(protocol.allocation.participants)

    def same(document):
        set_fields(document, {"slug": protocol.slug, "title": protocol.title})
        set_pictures(document, species, {})
        set_participants(document, places)
        set_payment(document, None)
        meets = [
            ArmMeets(
                key,
                {
                    phase: arm.conditions_in(phase)
                    for phase in ("practice", "training", "assessment")
                    if phase in document["arms"][key]
                },
            )
            for key, arm in protocol.arms.items()
        ]
        set_arms(document, meets, OFFERED)

    assert edit(text, same) == text


def test_comments_and_other_lines_stay():
    text = text_of()
    changed = edit(text, lambda document: set_fields(document, {"title": "Bills: 2"}))
    gone = set(text.splitlines()) - set(changed.splitlines())
    assert gone == {"title: Telling gulls apart"}
    assert "title: 'Bills: 2'" in changed


def test_new_arms_bring_their_conditions_and_fit_the_rest():
    changed, protocol = with_arms(
        text_of(), none="none", placebo="placebo", heatmap="heatmap", other="gradcam"
    )
    assert protocol.conditions["gradcam"].interactions == ("opacity", "flip")
    assert protocol.allocation.block_sizes == (4, 8)
    assert protocol.allocation.participants == {"pilot": 32, "main": 300}
    pairs = [(one.arm, one.against) for one in protocol.analysis.contrasts]
    assert pairs == [("heatmap", "none"), ("heatmap", "placebo"), ("other", "none")]
    manifest = demo_manifest(explanations=("igos", "placebo", "gradcam"))
    assert check_loaded(load_text(changed), manifest).findings == ()


def test_arms_that_go_take_their_conditions_and_contrasts_along():
    _, protocol = with_arms(text_of(), none="none", heatmap="heatmap")
    assert set(protocol.conditions) == {"none", "heatmap"}
    assert [(one.arm, one.against) for one in protocol.analysis.contrasts] == [("heatmap", "none")]
    assert protocol.allocation.block_sizes == (4, 8) or all(
        size % 2 == 0 for size in protocol.allocation.block_sizes
    )


def test_arms_of_other_names_are_compared_too():
    _, protocol = with_arms(text_of(), plain="none", shown="heatmap", other="placebo")
    pairs = [(one.arm, one.against) for one in protocol.analysis.contrasts]
    assert pairs == [("shown", "plain"), ("other", "plain")]


def test_pictures_numbers_and_payment_are_written_where_they_belong():
    def change(document):
        set_pictures(document, ["ivory_gull", "herring_gull"], {"training": 2, "assessment": 5})
        set_participants(document, {"pilot": None, "main": 100})
        set_analysis(document, alpha=0.01, smallest_effect=None)
        set_payment(document, {"currency": "EUR", "cents": 250, "minutes": 12})

    protocol = load_text(edit(text_of(), change)).protocol
    assert protocol.species == ("ivory_gull", "herring_gull")
    counts = {stage.key: stage.stimuli.per_species for stage in protocol.trials_stages()}
    assert counts == {"practice": 1, "training": 2, "assessment": 5}
    assert protocol.allocation.participants == {"main": 102}
    assert (protocol.analysis.alpha, protocol.analysis.smallest_effect) == (0.01, None)
    assert protocol.payment.cents == 250


def test_a_payment_that_is_changed_keeps_its_bonus():
    bonus = "payment: {currency: EUR, cents: 1, minutes: 9, bonus: {cents_per_right_answer: 5}}\n"
    text = bonus + text_of()
    paid = {"currency": "EUR", "cents": 300, "minutes": 9}
    protocol = load_text(edit(text, lambda document: set_payment(document, paid))).protocol
    assert (protocol.payment.cents, protocol.payment.bonus.cents_per_right_answer) == (300, 5)
    unpaid = load_text(edit(text, lambda document: set_payment(document, None))).protocol
    assert unpaid.payment is None


def test_a_picture_is_left_out_once_with_its_first_reason():
    def change(document):
        exclude_stimulus(document, "ivory_gull-001", "two birds")
        exclude_stimulus(document, "ivory_gull-002", "blurred: all of it")
        exclude_stimulus(document, "ivory_gull-001", "again")

    protocol = load_text(edit(text_of(), change)).protocol
    assert [(one.key, one.reason) for one in protocol.exclude] == [
        ("ivory_gull-001", "two birds"),
        ("ivory_gull-002", "blurred: all of it"),
    ]


@pytest.mark.parametrize("text", ["a: [", "- a\n", "", "a: 1\na: 2\n"])
def test_what_can_not_be_read_is_not_changed(text):
    with pytest.raises(EditError):
        edit(text, lambda document: None)
