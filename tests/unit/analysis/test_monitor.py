"""Interim looks: what is shown, what is refused, and what the record keeps."""

import json
import re

import pytest

from analysis.__main__ import main
from analysis.looks import holm_over_looks
from analysis.sequential import alpha_spent, boundaries, nominal_level
from experiments.schema import Contrast, Exclusions, InterimLooks
from tests.unit.analysis.exports import Run, write_export

PLACES = 36
# Four pictures leave few degrees of freedom: a lenient level lets the planted difference cross.
ALPHA = 0.3
HALF = InterimLooks(information_fractions=(0.5,), spending="pocock")
# A difference that no boundary overlooks, with people who differ.
RIGHTS = {"none": (0, 1, 1, 2, 1, 0), "heatmap": (4, 3, 4, 4, 3, 4), "placebo": (1, 0, 1, 0, 1, 2)}


def people(each, **more):
    return [Run(arm, right, **more) for arm, rights in RIGHTS.items() for right in rights[:each]]


@pytest.fixture
def monitor(tmp_path, capsys):
    """A function that writes an export, monitors it and returns status, words and the record."""
    record = tmp_path / "gulls-demo-main-looks.json"
    written = []

    def run(runs, *words, looks=HALF, left_out=None, name=None, alpha=ALPHA, **plan):
        folder = tmp_path / (name or f"export-{len(written)}")
        if not folder.exists():
            written.append(folder)
            plan |= {"interim_looks": looks, "alpha": alpha}
            write_export(folder, runs, left_out, places=PLACES, **plan)
        status = main(["monitor", str(folder), *words])
        printed = capsys.readouterr()
        kept = json.loads(record.read_text(encoding="utf-8")) if record.exists() else None
        return status, printed.out + printed.err, kept

    return run


def tells_outcomes(words):
    """Whether a text tells a p value, an accuracy, or any arm of the protocol."""
    return bool(re.search(r"p [<=] \.|mean accuracy|against|heatmap|placebo", words))


def test_without_a_planned_look_only_blinded_counts_are_shown(monitor):
    runs = [
        *people(2, rt_ms=900, catch_right=True),
        Run("none", state="withdrawn", catch_right=False),
        Run("heatmap", state="active"),
        Run("placebo", state="screened_out"),
    ]
    left_out = {"withdrawn_participants": 1, "by_stage": {"main": {"none": 1}}}
    status, words, record = monitor(runs, looks=None, left_out=left_out)
    assert status == 0
    counts = {
        name.strip(): int(count)
        for count, name in re.findall(r"^ *(\d+) (.+)$", words, re.MULTILINE)
    }
    assert counts == {
        "participants planned": 36,
        "consented": 10,
        "of them SIMULATED": 0,
        "completed": 6,
        "unfinished": 1,
        "screened out": 1,
        "withdrew, answers kept": 1,
        "withdrew, answers deleted": 1,
        "simulated, left out": 0,
        "failed an attention check": 1,
        "answers that would count": 36,
        "of them without reaction time": 12,
        "participants analysed (after the plan's exclusions)": 6,
    }
    assert "No test: the frozen plan has no interim looks.\nOutcomes stay blinded." in words
    assert not tells_outcomes(words)
    assert record is None


def test_before_the_planned_look_nothing_is_tested(monitor):
    status, words, record = monitor(people(5))
    assert status == 0
    assert "the next look is planned at 0.5" in words
    assert "now it is 0.417 (15 of 36 analysed)" in words
    assert not tells_outcomes(words)
    assert record is None


def test_a_planned_look_tests_against_its_boundary_and_is_recorded(monitor):
    status, words, record = monitor(people(6))
    assert status == 0
    (look,) = record["looks"]
    assert (look["number"], look["is_last"], look["participants"]) == (1, False, 18)
    assert look["spending_fraction"] == 0.5
    assert look["alpha_spent"] == pytest.approx(alpha_spent(0.5, ALPHA, "pocock"))
    heatmap, placebo = look["contrasts"]
    # Holm over two contrasts: the smaller p against half of alpha.
    assert heatmap["level"] == pytest.approx(alpha_spent(0.5, ALPHA / 2, "pocock"), rel=1e-8)
    assert heatmap["crossed"]
    assert placebo["level"] == pytest.approx(alpha_spent(0.5, ALPHA, "pocock"), rel=1e-8)
    assert not placebo["crossed"]
    assert heatmap["ci_low"] < heatmap["estimate"] < heatmap["ci_high"]
    assert "Look 1, an interim look: 18 of 36 participants" in words
    assert re.search(r"heatmap against none: boundary crossed \(p [<=] [.0-9]+, boundary p", words)
    assert "placebo against none: boundary not crossed" in words


def test_the_same_export_gives_the_same_look_again(monitor):
    _, first, record = monitor(people(6), name="one")
    _, again, same = monitor(people(6), name="one")
    assert "recorded in" in first
    assert "made before, as recorded in" in again
    assert same == record


def test_between_looks_nothing_is_tested_and_at_the_end_all_alpha_is_spent(monitor):
    monitor(people(6))
    _, words, record = monitor([*people(6), *people(1)])
    assert "the next look is planned at 1" in words
    assert not tells_outcomes(words)
    assert len(record["looks"]) == 1
    _, words, record = monitor(people(6) * 2)
    last = record["looks"][1]
    assert (last["is_last"], last["spending_fraction"], last["participants"]) == (True, 1.0, 36)
    assert last["alpha_spent"] == pytest.approx(ALPHA)
    heatmap, placebo = last["contrasts"]
    assert heatmap["level"] is None
    assert heatmap["crossed"]
    # The contrast that crossed before leaves all of alpha to the other one.
    spent = [alpha_spent(at, ALPHA, "pocock") for at in (0.5, 1)]
    assert placebo["level"] == pytest.approx(nominal_level(boundaries((18, 36), spent)[-1]))
    assert "heatmap against none: crossed its boundary at an earlier look" in words
    _, words, _ = monitor(people(6) * 3)
    assert "look 2 was the last one" in words
    assert not tells_outcomes(words)


def test_a_study_that_ends_early_spends_what_is_left(monitor):
    monitor(people(6))
    _, words, record = monitor([*people(6), *people(1)], "--final")
    last = record["looks"][1]
    assert (last["is_last"], last["participants"], last["spending_fraction"]) == (True, 21, 1.0)
    assert "the last look: 21 of 36 participants, 0.3 of alpha 0.3 spent" in words


def test_a_full_study_whose_exclusions_keep_it_below_its_plan_is_over(monitor):
    runs = [*people(6), *[Run("none", state="withdrawn")] * 18]
    _, _, record = monitor(runs, looks=InterimLooks(information_fractions=(0.9,)))
    (look,) = record["looks"]
    assert (look["is_last"], look["participants"]) == (True, 18)


def test_a_study_that_gives_places_again_is_full_when_all_are_done(monitor):
    looks = InterimLooks(information_fractions=(0.9,))
    gone = [Run("none", state="withdrawn")] * 18
    released = [*people(6), *[Run("none", state="screened_out", is_released=True)] * 18]
    for runs, more in ((people(6) + gone, {"release_after_hours": 24}), (released, {})):
        _, words, record = monitor(runs, looks=looks, **more)
        assert record is None
        assert "the next look is planned at" in words


def test_who_has_no_arm_takes_no_place(monitor):
    runs = [*people(6), *[Run("", state="screened_out")] * 18]
    _, _, record = monitor(runs, looks=InterimLooks(information_fractions=(0.9,)))
    assert record is None


def test_closing_the_study_makes_the_look_the_last_one(monitor):
    _, _, record = monitor(people(4), study_stage="closed")
    (look,) = record["looks"]
    assert (look["is_last"], look["participants"], look["spending_fraction"]) == (True, 12, 1.0)


def test_fewer_participants_than_at_the_look_before_are_refused(monitor):
    monitor(people(6))
    status, words, record = monitor(people(5), "--final")
    assert status == 2
    assert "the looks before had 18" in words
    assert len(record["looks"]) == 1


def test_an_export_after_the_look_that_keeps_fewer_makes_the_look_the_last_one(monitor):
    monitor(people(6))
    later = "2099-01-01T00:00:00+00:00"
    runs = [*people(6)[1:], Run("none", state="withdrawn")]
    _, words, record = monitor(runs, study_stage="closed", exported_at=later)
    (look,) = record["looks"]
    assert (look["is_last"], look["participants"]) == (True, 18)
    assert "Nobody more is analysed than at look 1" in words


def test_the_last_look_waits_for_who_can_still_finish(monitor):
    runs = [*people(6), *people(6, state="active")]
    keeps_all = {"exclusions": Exclusions(incomplete=False)}
    _, words, record = monitor(runs, **keeps_all)
    assert "the last look waits until no session can be finished any more" in words
    assert record is None


def test_when_every_contrast_has_crossed_nothing_is_left_to_test(monitor):
    contrasts = (Contrast(arm="heatmap", against="none"),)
    monitor(people(6), contrasts=contrasts)
    _, words, record = monitor(people(6) * 2, contrasts=contrasts)
    assert "every contrast has crossed its boundary at an earlier look" in words
    assert not tells_outcomes(words.replace("every contrast has crossed", ""))
    assert len(record["looks"]) == 1


def test_without_correction_every_contrast_has_the_whole_level(monitor):
    _, _, record = monitor(people(6), correction="none")
    levels = [row["level"] for row in record["looks"][0]["contrasts"]]
    assert levels == pytest.approx([alpha_spent(0.5, ALPHA, "pocock")] * 2)


def test_unblinding_without_a_look_needs_a_reason_and_leaves_a_trace(monitor):
    status, words, record = monitor(people(4), "--unblind", "  ", name="one")
    assert status == 2
    assert "--unblind needs a reason" in words
    assert record is None
    status, words, record = monitor(people(4), "--unblind", "a reviewer asked", name="one")
    assert status == 0
    assert "UNPLANNED UNBLINDING" in words
    assert "Reason: a reviewer asked" in words
    assert "heatmap: 4 participants, mean accuracy 0.938" in words
    assert "no confirmatory result" in words
    (trace,) = record["unblindings"]
    assert (trace["reason"], trace["participants"]) == ("a reviewer asked", 12)
    assert record["looks"] == []


def test_a_planned_look_needs_no_unblinding(monitor):
    status, words, record = monitor(people(6), "--unblind", "curious")
    assert status == 2
    assert "leave --unblind out" in words
    assert not tells_outcomes(words)
    assert record is None


def test_a_record_of_another_plan_or_no_record_at_all_is_refused(monitor, tmp_path):
    monitor(people(6))
    status, words, _ = monitor(people(6), alpha=0.01)
    assert status == 2
    assert "records looks at gulls-demo" in words
    (tmp_path / "gulls-demo-main-looks.json").write_text("{}")
    status, words, _ = monitor(people(6))
    assert status == 2
    assert "is not a record of looks" in words


def test_the_record_may_not_lie_in_the_export(monitor, tmp_path):
    status, words, _ = monitor(people(6), "--record", str(tmp_path / "one/looks.json"), name="one")
    assert status == 2
    assert "inside the export" in words


def test_a_stage_without_places_can_not_be_monitored(monitor):
    status, words, _ = monitor(people(1, stage="pilot"), "--stage", "main")
    assert status == 2
    assert "no session of stage main" in words


@pytest.mark.parametrize(
    ("p_values", "expected"),
    [
        ([0.02, 0.001], [(0.03, True), (0.01, True)]),
        ([0.02, 0.011], [(0.01, False), (0.01, False)]),
        ([None, 0.001], [(0.03, False), (0.01, True)]),
        ([0.04], [(0.03, False)]),
        ([], []),
    ],
)
def test_contrasts_are_tested_step_by_step(p_values, expected):
    levels = [0.01, 0.03][2 - len(p_values) :]
    assert holm_over_looks(p_values, levels) == expected
