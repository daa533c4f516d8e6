"""Interrupted or divided, a run finds the same."""

import json
from dataclasses import replace

import pytest

from analysis.errors import PowerError
from analysis.power.journal import Journal
from analysis.power.runs import run_studies
from analysis.power.studies import Point, Run, Studies
from tests.unit.analysis.power.studies import LIVELY, demo


@pytest.fixture
def run() -> Run:
    # The quickest test a plan can name: what is tested here is the counting.
    protocol = demo(model="two_way_cluster")
    differences = [(0.0, 0.0), (0.3, 0.0)]
    points = tuple(
        Point(12, 12, effect, {"heatmap": 8 * effect}, told)
        for effect, told in zip((0.0, 0.3), differences, strict=True)
    )
    return Run(protocol, LIVELY, points, studies=14, seed=5)


def quiet(done, total):
    return None


class StoppedError(Exception):
    pass


def test_the_result_depends_neither_on_processes_nor_on_interruptions(run, tmp_path):
    whole = run_studies(run, _journal(tmp_path / "a", run), jobs=1, progress=quiet)
    divided = run_studies(run, _journal(tmp_path / "b", run), jobs=2, progress=quiet)
    assert divided == whole
    assert [counts.studies for counts in whole] == [14, 14]
    assert whole[1].significant[0] > whole[0].significant[0]
    assert all(counts.wrong_direction == (0, 0) for counts in whole)

    told = []

    def stop_after_two_pieces(done, total):
        told.append((done, total))
        if done == 14:
            raise StoppedError

    journal = _journal(tmp_path / "c", run)
    with pytest.raises(StoppedError):
        run_studies(run, journal, jobs=1, progress=stop_after_two_pieces)
    assert told == [(0, 28), (10, 28), (14, 28)]
    with journal.path.open("a") as stream:
        stream.write('{"at": [1, 0], "cou')  # cut off in the middle of a line
    told.clear()
    again = run_studies(run, journal, jobs=1, progress=lambda *own: told.append(own))
    assert told[0] == (14, 28)
    assert again == whole
    lines = [json.loads(line) for line in journal.path.read_text().splitlines()]
    assert [line["at"] for line in lines[1:]] == [[0, 0], [0, 10], [1, 0], [1, 10]]


def _journal(path, run) -> Journal:
    return Journal(path, run.fingerprint())


def test_a_journal_of_another_run_is_refused(run, tmp_path):
    small = replace(run, studies=1, points=run.points[:1])
    run_studies(small, _journal(tmp_path / "j", small), jobs=1, progress=quiet)
    other = replace(small, seed=6)
    with pytest.raises(PowerError, match="another run"):
        run_studies(other, _journal(tmp_path / "j", other), jobs=1, progress=quiet)


def test_more_points_change_no_study(run):
    alone = replace(run, points=run.points[1:])
    assert Studies(alone).trials(0, 3).equals(Studies(run).trials(1, 3))
    assert not Studies(run).trials(0, 3).equals(Studies(run).trials(1, 3))
