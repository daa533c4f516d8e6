"""Progress in a file: seldom, with the time left, and never without its last line."""

import pytest

from experiments.progress import PlainProgress


@pytest.fixture
def told():
    """Lines said, and a function that gives the steps of work that takes so many seconds each."""
    lines: list[str] = []
    now = [0.0]
    progress = PlainProgress(lines.append, clock=lambda: now[0])

    def work(what, seconds, steps, total):
        for done in range(1, steps + 1):
            now[0] += seconds
            progress(what, done, total)
        return progress

    return lines, work


def test_a_line_comes_every_ten_seconds_and_at_the_end(told):
    lines, work = told
    work("pictures", 1.0, 25, 25)
    assert lines == [
        "pictures: 10 of 25, about 15 s left",
        "pictures: 20 of 25, about 5 s left",
        "pictures: 25 of 25",
    ]


def test_slow_steps_are_told_one_by_one_and_longer_rests_in_minutes(told):
    lines, work = told
    work("explanations", 30.0, 2, 400)
    assert lines == [
        "explanations: 1 of 400, about 3 h 20 min left",
        "explanations: 2 of 400, about 3 h 19 min left",
    ]


def test_what_is_unsaid_at_the_end_is_said(told):
    lines, work = told
    progress = work("training, validation accuracy 0.91", 0.5, 3, 25)
    assert lines == []
    progress.finish()
    progress.finish()
    assert lines == ["training, validation accuracy 0.91: 3 of 25, about 11 s left"]


def test_each_kind_of_work_has_a_pace_of_its_own(told):
    lines, work = told
    work("pictures", 1.0, 5, 5)
    work("explanations", 6.0, 2, 4)
    assert lines == ["pictures: 5 of 5", "explanations: 2 of 4, about 12 s left"]
