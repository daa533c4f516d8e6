"""Reports of small exports: who is counted where, and what the page says of it."""

import json

import pytest

from analysis.__main__ import main
from analysis.effects import arms_in_order
from analysis.errors import ExportError
from analysis.report import ExportChoices, write_report
from experiments.schema import AnalysisPlan, Contrast
from tests.unit.analysis.exports import Run, write_export


def people(stage="main", **more):
    """Three people an arm whose accuracies differ."""
    return [
        Run(arm, right, stage, **more)
        for arm, rights in (("none", (1, 2, 3)), ("placebo", (1, 2, 2)), ("heatmap", (2, 3, 4)))
        for right in rights
    ]


@pytest.fixture
def report(tmp_path):
    """A function that writes an export and its report, and returns results and page."""

    def make(runs, left_out=None, *, stage=None, plan=None, **more):
        folder = write_export(
            tmp_path / "export", runs, left_out, study_stage="closed", **(plan or {})
        )
        write_report(
            folder, tmp_path / "out", ExportChoices(stage=stage, exploratory=False, **more)
        )
        text = (tmp_path / "out" / "results.json").read_text(encoding="utf-8")
        results = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))
        return results, (tmp_path / "out" / "report.html").read_text(encoding="utf-8")

    return make


def flow_of(results):
    return {row["arm"]: row for row in results["flow"]["arms"]}


DELETED = {
    "withdrawn_participants": 4,
    "by_stage": {"pilot": {"none": 1}, "main": {"heatmap": 2, "placebo": 1}},
}


@pytest.mark.parametrize(
    ("stage", "deleted", "allocated"),
    [("main", {"none": 0, "placebo": 1, "heatmap": 2}, 12), ("pilot", {"none": 1}, 10)],
)
def test_deleted_participants_are_placed_in_their_stage_and_arm(report, stage, deleted, allocated):
    results, page = report([*people("pilot"), *people("main")], DELETED, stage=stage)
    flow = flow_of(results)
    assert {arm: flow[arm]["answers_deleted"] for arm in deleted} == deleted
    assert results["flow"]["allocated"] == allocated
    assert results["flow"]["analysed"] == 9
    told = "".join(f"<td>{row['answers_deleted']}</td>" for row in flow.values())
    assert f"<td>withdrew, answers deleted</td>{told}" in page
    for row in flow.values():
        ended = ("completed", "screened_out", "withdrawn", "active", "answers_deleted")
        assert row["allocated"] == sum(row[key] for key in ended)


@pytest.mark.parametrize(
    ("left_out", "word"),
    [
        ({"withdrawn_participants": 1, "withdrawn_by_arm": {"none": 1}}, "older Larus"),
        ({"withdrawn_participants": 2, "by_stage": {"main": {"none": 1}}}, "but 1 by stage"),
        ({"withdrawn_participants": 1, "by_stage": {"main": {"lost": 1}}}, "no arm 'lost'"),
        ({"withdrawn_participants": 1, "by_stage": {"later": {"none": 1}}}, "left_out.by_stage"),
        ({"withdrawn_participants": 0, "by_stage": {}, "more": 1}, "left_out.more"),
    ],
)
def test_counts_of_deleted_participants_that_can_not_be_right_are_refused(report, left_out, word):
    with pytest.raises(ExportError, match=word):
        report(people(), left_out)


def test_a_session_without_an_arm_breaks_the_contract(report):
    with pytest.raises(
        ExportError, match="1 sessions that were completed or have trials have no arm"
    ):
        report([*people(), Run("")])


def test_bots_are_left_out_and_counted_where_people_took_part(report):
    results, page = report([*people(), Run("heatmap", 0, is_bot=True), Run("none", is_bot=True)])
    flow = flow_of(results)
    assert results["flow"]["analysed"] == 9
    assert results["flow"]["allocated"] == 11
    assert {arm: row["simulated_left_out"] for arm, row in flow.items()} == {
        "none": 1,
        "placebo": 0,
        "heatmap": 1,
    }
    assert results["estimates"][0]["n_participants"] == 6
    assert results["quality"]["analysed_answers"] == 36
    assert "SIMULATED" not in page
    assert "<td>simulated, left out</td><td>1</td><td>1</td><td>0</td>" in page
    assert "Simulated and left out, because people took part as well: 2." in page


def test_bots_among_people_are_analysed_on_request_and_told_loudly(report):
    bot = Run("heatmap", 0, is_bot=True)
    results, page = report([*people(), bot], with_bots=True)
    assert results["flow"]["analysed"] == 10
    assert "SIMULATED PARTICIPANTS:</strong> 1 of 10 sessions" in page


@pytest.mark.parametrize(("more", "analysed"), [([], 9), (["--with-bots"], 10)])
def test_the_command_takes_the_request_for_bots(tmp_path, monkeypatch, more, analysed):
    folder = write_export(tmp_path / "export", [*people(), Run("none", is_bot=True)])
    monkeypatch.setattr(
        "sys.argv", ["analysis", "report", str(folder), "--without-exploratory", *more]
    )
    assert main() == 0
    results = json.loads((tmp_path / "export-report" / "results.json").read_text(encoding="utf-8"))
    assert results["flow"]["analysed"] == analysed


def test_a_rehearsal_of_bots_alone_is_analysed_and_told_loudly(report):
    results, page = report([*people("pilot", is_bot=True), *people("main")], stage="pilot")
    assert results["flow"]["analysed"] == 9
    assert "SIMULATED PARTICIPANTS:</strong> 9 of 9 sessions" in page
    assert "imulated, left out" not in page
    assert "Simulated and left out" not in page


def test_species_have_the_names_participants_read_and_the_protocols_order(report):
    results, page = report(people())
    assert [row["name"] for row in results["by_species"]] == [
        "California Gull",
        "Herring Gull",
        "Ivory Gull",
        "Ring Billed Gull",
    ]
    assert "<td>California Gull</td>" in page
    assert "california" not in page


def test_the_arm_compared_against_comes_first(report):
    results, _ = report(people())
    assert [row["arm"] for row in results["accuracy"]] == ["none", "heatmap", "placebo"]
    assert [row["arm"] for row in results["flow"]["arms"]] == ["none", "heatmap", "placebo"]
    plan = AnalysisPlan(contrasts=(Contrast(arm="z", against="b"), Contrast(arm="c", against="z")))
    assert arms_in_order(plan, ["a", "b", "c", "z"]) == ["b", "z", "c", "a"]


def test_the_headline_names_the_method_and_what_is_corrected(report):
    results, page = report(people())
    headline, other = results["headlines"]
    assert headline.startswith("heatmap against none: no difference was shown at alpha 0.05 ")
    first = results["estimates"][0]
    p = f"{first['p_adjusted']:.3f}".removeprefix("0")
    assert f"(mixed logit, likelihood ratio: p = {p}, adjusted by Holm)" in headline
    told = [f"{100 * first[key]:+.1f}" for key in ("estimate", "ci_low", "ci_high")]
    assert headline.endswith(
        "The difference is {} percentage points (95 % interval {} to {}, not adjusted).".format(
            *told
        ).replace("-", "−")
    )
    assert other.startswith("placebo against none: ")
    assert "p adj." in page


def test_a_headline_by_two_methods_names_both(report):
    results, _ = report(people(), plan={"model": "two_way_cluster"})
    assert "(two-way cluster-robust logit: p = " in results["headlines"][0]
    assert (
        "The difference is +25.0 percentage points (two-way cluster-robust difference: "
        in (results["headlines"][0])
    )


def test_a_plan_without_correction_says_nothing_of_adjusting(report):
    results, page = report(people(), plan={"correction": "none", "alpha": 0.01})
    assert "adjusted" not in " ".join(results["headlines"])
    assert "99 % interval" in results["headlines"][0]
    assert results["interval_level"] == 0.99
    assert "95 %" not in page
    assert "99 % interval" in page
    assert "p adj." not in page


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        (4, 4, "no confirmatory answer (can't be computed: Column correct is 1 in every row"),
        (0, 0, "no confirmatory answer (can't be computed: Column correct is 0 in every row"),
        (4, 0, "no difference was shown at alpha 0.05 (mixed logit"),
    ],
)
def test_a_report_is_written_when_arms_are_all_right_or_all_wrong(report, ours, theirs, told):
    runs = [Run(arm, ours if arm == "heatmap" else theirs) for arm in ("none", "heatmap")] * 3
    results, page = report(runs)
    assert results["headlines"][0].startswith(f"heatmap against none: {told}")
    assert "placebo has 0 analysed participants" in results["headlines"][1]
    assert "can&#39;t be computed: all answers within each arm are alike" in page
    assert "every answer of arm heatmap is" in page


def test_one_person_an_arm_is_reported_without_intervals(report):
    results, _ = report([Run("none"), Run("heatmap", 3), Run("placebo")])
    assert all(row["low"] is None for row in results["accuracy"])
    assert "1 analysed participants" in results["headlines"][0]
