"""The flow of participants: counted from the tables, held against a slow count of the rows."""

import csv
import json
import re
from xml.etree import ElementTree

import pytest

from analysis.exclusions import exclusion_reasons
from analysis.flow import ParticipantFlow, participant_flow
from analysis.load import load_study
from analysis.population import sessions_of, trials_with_answers
from analysis.report.flow_diagram import flow_diagram
from tests.unit.analysis.exports import Run, write_export
from tests.unit.analysis.simulated_exports import simulate_export

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    return simulate_export(tmp_path_factory.mktemp("flow") / "export", participants=60, seed=3)


def flow_of(folder, *, deleted=None, simulated=None, not_allocated=0) -> ParticipantFlow:
    study = load_study(folder)
    sessions = sessions_of(study, "main")
    trials = trials_with_answers(study, sessions)
    return participant_flow(
        sessions,
        trials,
        study.tables["events"],
        exclusion_reasons(sessions, trials, study.protocol.analysis),
        arms=("none", "heatmap", "placebo"),
        protocol=study.protocol,
        deleted=deleted or {},
        simulated=simulated or {},
        not_allocated=not_allocated,
    )


def rows(folder, name):
    with (folder / "tables" / f"{name}.csv").open() as stream:
        return list(csv.DictReader(stream))


def test_every_count_is_that_of_the_rows(export):
    flow = flow_of(export)
    answered = {row["session"] for row in rows(export, "responses")}
    for arm in flow.arms:
        own = [row for row in rows(export, "sessions") if row["arm"] == arm.arm]
        states = [row["state"] for row in own]
        assert arm.allocated == len(own)
        assert arm.began == sum(row["session"] in answered for row in own)
        for state in ("completed", "screened_out", "withdrawn", "active"):
            assert getattr(arm, state) == states.count(state)


def test_nobody_is_lost_on_the_way(export):
    flow = flow_of(export, deleted={"none": 2}, simulated={"placebo": 3})
    assert flow.allocated == 65
    for arm in flow.arms:
        gone = arm.answers_deleted + arm.simulated_left_out
        assert sum(arm.dropped_out.values()) == (
            arm.screened_out + arm.withdrawn + arm.active + arm.answers_deleted
        )
        assert arm.allocated == arm.analysed + sum(arm.excluded.values()) + gone


def test_who_left_is_placed_where_the_event_log_saw_them_last(export):
    told = {way: count for arm in flow_of(export).arms for way, count in arm.dropped_out.items()}
    titles = {"quiz": "Before you start", "training": "Learning", "assessment": "Test yourself"}
    last = {}
    for row in rows(export, "events"):
        if row["kind"] == "stage_reached":
            last[row["session"]] = json.loads(row["data"])["stage_key"]
    ended = {row["session"]: row["state"] for row in rows(export, "sessions")}
    stopped = [last[one] for one, state in ended.items() if state == "active"]
    assert stopped
    for key, title in titles.items():
        assert (f"stopped at “{title}”" in told) == (key in stopped)
    assert "screened out at “Before you start”" in told


def test_the_diagram_draws_the_counts_of_each_arm(export):
    flow = flow_of(export)
    drawn = ElementTree.fromstring(flow_diagram(flow))
    words = [text.text or "" for text in drawn.iter(f"{SVG}text")]
    assert words.count(f"n = {flow.allocated}") == 1
    for arm in flow.arms:
        assert arm.arm in words
        assert f"n = {arm.analysed}" in words
    assert not re.search(r"style=|class=|href=", flow_diagram(flow))


def test_who_ended_before_the_allocation_is_counted_in_no_arm(tmp_path):
    runs = [Run("none"), Run("heatmap"), Run("", state="screened_out")]
    left_out = {"withdrawn_participants": 1, "by_stage": {}, "before_allocation": {"main": 1}}
    folder = write_export(tmp_path / "export", runs, left_out)
    assert load_study(folder).record.left_out.of_stage("main") == 1
    flow = flow_of(folder, not_allocated=1)
    assert (flow.allocated, flow.not_allocated, flow.analysed) == (2, 2, 2)
    words = [text.text for text in ElementTree.fromstring(flow_diagram(flow)).iter(f"{SVG}text")]
    assert words[1:7] == ["Consented", "n = 4", "not allocated", "2", "allocated at random", "2"]


def test_names_that_are_markup_stay_words(export):
    flow = flow_of(export)
    arms = tuple(
        type(arm)(**{**vars(arm), "arm": "<b>&", "dropped_out": {"<i>": 1}}) for arm in flow.arms
    )
    drawn = flow_diagram(ParticipantFlow(arms, 1, 0, 1, 0))
    ElementTree.fromstring(drawn)
    assert "<b>" not in drawn
    assert "&lt;i&gt;" in drawn
