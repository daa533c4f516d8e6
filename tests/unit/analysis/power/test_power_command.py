"""`python -m analysis power`, from a protocol file to a record, a figure and lines."""

import signal
import subprocess
import sys
import time

import pytest

from analysis.__main__ import main
from experiments.power_record import (
    PowerRecordError,
    of_protocol,
    read_power_record,
)
from tests.unit.analysis.power.studies import DEMO, demo


@pytest.fixture
def protocol_file(tmp_path):
    """The demo study with the quickest test a plan can name."""
    path = tmp_path / "quick.yaml"
    path.write_text(
        DEMO.read_text().replace("  alpha: 0.05", "  alpha: 0.05\n  model: two_way_cluster")
    )
    return path


def options(protocol_file, out, *more):
    return ["power", str(protocol_file), "--out", str(out), "--respondents", "attentive", *more]


def test_a_protocol_becomes_a_record_a_figure_and_lines(protocol_file, tmp_path, capsys):
    out = tmp_path / "new" / "p.json"
    sizes = ["--participants", "12,24", "--effects", ".1,.2", "--studies", "12", "--accuracy", ".6"]
    assert main(options(protocol_file, out, *sizes)) == 0
    record = read_power_record(out)
    assert record.protocol.sha256 == of_protocol(demo(model="two_way_cluster"))
    assert [(row.participants, row.effect, row.arm) for row in record.rows[:4]] == [
        (12, 0.0, "heatmap"),
        (12, 0.0, "placebo"),
        (12, 0.1, "heatmap"),
        (12, 0.1, "placebo"),
    ]
    assert len(record.rows) == 2 * 3 * 2
    assert all(row.studies == 12 for row in record.rows)
    assert {row.difference for row in record.rows if row.arm == "placebo"} == {0.0}
    assert record.assumptions.accuracy == 0.6
    assert record.assumptions.shares_of_effect == {"heatmap": 1.0}
    assert record.test == "two-way cluster-robust logit"
    assert len(record.families) == 6
    assert {row.note for row in record.detectable if row.arm == "placebo"} == {
        "no arm of it has the effect"
    }
    assert out.with_suffix(".svg").read_text().lstrip().startswith("<?xml")
    assert out.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in sorted(out.parent.iterdir())] == ["p.json", "p.png", "p.svg"]
    printed = capsys.readouterr().out
    assert "right in 60.0% of the trials" in printed
    assert "heatmap - none" in printed
    first = out.read_bytes()
    assert main(options(protocol_file, out, *sizes)) == 0
    assert out.read_bytes() == first


def test_what_can_not_be_simulated_is_told_in_a_line(protocol_file, tmp_path, capsys):
    out = tmp_path / "p.json"
    for more, told in [
        (["--arm", "sag"], "no arm sag"),
        (["--pictures", "18"], "18 pictures can't be shared equally"),
        (["--accuracy", ".99"], "can't be reached"),
        (["--respondents", "nobody"], "no response model 'nobody'"),
    ]:
        assert main(options(protocol_file, out, *more)) == 2
        assert told in capsys.readouterr().err
    broken = tmp_path / "broken.yaml"
    broken.write_text(protocol_file.read_text().replace("against: none", "against: nobody", 1))
    assert main(options(broken, out)) == 2
    error = capsys.readouterr().err
    assert "before it is sound" in error
    assert "there is no arm 'nobody'" in error
    assert not out.exists()
    with pytest.raises(SystemExit):
        main(options(protocol_file, out, "--effects", "5"))
    assert "write .05 for 5 points" in capsys.readouterr().err


def test_stopped_by_ctrl_c_it_goes_on_where_it_was(protocol_file, tmp_path):
    out = tmp_path / "p.json"
    sizes = ["--participants", "12", "--effects", ".1", "--studies", "80", "--jobs", "2"]
    command = [sys.executable, "-m", "analysis", *options(protocol_file, out, *sizes)]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    journal = out.with_name("p.json.journal")
    try:
        _wait_for(lambda: journal.is_file() and len(journal.read_text().splitlines()) > 2)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=300)
    finally:
        running.kill()
    assert running.returncode == 130
    assert f"of 160 studies are kept in {journal}" in told
    assert "Traceback" not in told
    kept = journal.read_text().splitlines()
    assert 2 < len(kept) < 17
    assert not out.exists()
    finished = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    assert finished.returncode == 0
    assert all(row.studies == 80 for row in read_power_record(out).rows)
    assert not journal.exists()


def _wait_for(condition, seconds=300.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.02)


def test_records_that_can_not_be_read_are_told(tmp_path):
    path = tmp_path / "r.json"
    with pytest.raises(PowerRecordError, match="can't be read"):
        read_power_record(path)
    path.write_text('{"schema_version": "9"}')
    with pytest.raises(PowerRecordError, match="schema_version"):
        read_power_record(path)
