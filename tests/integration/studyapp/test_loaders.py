"""The loaders that lie in an export: they read its tables with the codebook's types."""

import importlib.util
import json
import shutil
import subprocess

import pandas as pd
import pytest
from django.core.management import call_command

from analysis.formats.psychds_rules import validate
from analysis.formats.write import FORMATS, convert
from analysis.load import load_study
from experiments.columns import TABLES
from experiments.files import verify_checksums

# An export is a transaction of its own.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def export(study, tmp_path):
    call_command("run_bots", study.slug, "-n", "2", "--seed", "5")
    call_command("export_study", study.slug, "--out", str(tmp_path / "export"))
    return tmp_path / "export"


def test_the_python_loader_gives_what_the_analysis_reads(export):
    spec = importlib.util.spec_from_file_location("load", export / "load.py")
    loader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loader)
    tables = loader.load()
    study = load_study(export)
    assert list(tables) == list(TABLES)
    for name, ours in study.tables.items():
        theirs = tables[name]
        assert list(theirs) == list(ours)
        for column in TABLES[name].columns:
            same = theirs[column.name].astype(object).where(theirs[column.name].notna(), None)
            expected = ours[column.name].astype(object).where(ours[column.name].notna(), None)
            assert same.tolist() == expected.tolist(), f"{name}.{column.name}"
    phase = tables["trials"]["phase"].dtype
    assert list(phase.categories) == ["practice", "training", "assessment"]
    assert phase.ordered
    assert isinstance(tables["trials"]["choice_order"].iloc[0], list)
    assert tables["sessions"]["started_at"].dtype == "datetime64[us, UTC]"
    assert loader.load(export).keys() == tables.keys()


_R = """
source("load.R")
tables <- load_export(".")
cat(as.character(sapply(tables, nrow)), "\\n")
cat(levels(tables$trials$phase), "\\n")
cat(class(tables$responses$correct), sum(tables$responses$correct), "\\n")
started <- tables$sessions$started_at
cat(class(started)[1], format(started[1], "%Y-%m-%dT%H:%M:%S"), "\\n")
cat(sum(is.na(tables$trials$stimulus)), class(tables$trials$trial_index), "\\n")
cat(sum(tables$responses$rt_ms, na.rm = TRUE) > 0, tables$sessions$seed[1], "\\n")
"""


@pytest.mark.skipif(not shutil.which("Rscript"), reason="R ABSENT: load.R is not tried")
def test_the_r_loader_gives_factors_logicals_and_times(export):
    command = ["Rscript", "--vanilla", "-e", _R]
    finished = subprocess.run(
        command, cwd=export, capture_output=True, text=True, check=False, timeout=60
    )
    assert finished.returncode == 0, finished.stderr
    rows, phases, correct, started, missing, times = finished.stdout.splitlines()
    tables = load_study(export).tables
    assert rows.split() == [str(len(table)) for table in tables.values()]
    assert phases.split() == ["practice", "training", "assessment"]
    assert correct.split() == ["logical", str(int(tables["responses"]["correct"].sum()))]
    first = tables["sessions"].iloc[0]
    assert started.split() == ["POSIXct", first["started_at"].strftime("%Y-%m-%dT%H:%M:%S")]
    assert missing.split() == [str(int(tables["trials"]["stimulus"].isna().sum())), "integer"]
    assert times.split() == ["TRUE", str(first["seed"])]


def test_a_real_export_converts_to_every_format(export, tmp_path):
    study = load_study(export)
    for to in FORMATS:
        convert(study, tmp_path / to, to)
        verify_checksums(tmp_path / to)
    assert not [one for one in validate(tmp_path / "psych-ds") if one.severity == "error"]
    answers = pd.read_csv(tmp_path / "jspsych" / "trials.csv")
    assert len(answers) == len(study.tables["responses"])
    assert (answers["time_elapsed"] > 0).all()
    bids = tmp_path / "bids-beh"
    assert len(pd.read_csv(bids / "participants.tsv", sep="\t")) == 2
    sidecar = json.loads((bids / "task-gullsdemo_beh.json").read_text(encoding="utf-8"))
    trials = sorted(bids.glob("sub-*/beh/*_beh.tsv"))
    assert len(trials) == 2
    assert set(pd.read_csv(trials[0], sep="\t").columns) <= set(sidecar)
