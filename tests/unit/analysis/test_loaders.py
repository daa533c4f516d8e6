"""The loaders that lie in an export: they read its tables with the codebook's types."""

import importlib.util
import shutil
import subprocess
from typing import get_args

import pytest

from analysis.load import load_study
from experiments.columns import TABLES
from experiments.schema import Phase
from tests.unit.analysis.exports import Run, write_export


@pytest.fixture
def export(tmp_path):
    runs = [Run("none", 1, rt_ms=812.5), Run("heatmap", 4, rt_ms=1001.25, catch_right=True)]
    return write_export(tmp_path / "export", runs)


def python_loader(export):
    """The module `load.py` of an export."""
    spec = importlib.util.spec_from_file_location("load", export / "load.py")
    loader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loader)
    return loader


def assert_loaded_as_analysed(tables, study):
    assert list(tables) == list(TABLES)
    for name, ours in study.tables.items():
        theirs = tables[name]
        assert list(theirs) == list(ours)
        for column in TABLES[name].columns:
            same = theirs[column.name].astype(object).where(theirs[column.name].notna(), None)
            expected = ours[column.name].astype(object).where(ours[column.name].notna(), None)
            assert same.tolist() == expected.tolist(), f"{name}.{column.name}"


def test_the_python_loader_gives_what_the_analysis_reads(export):
    loader = python_loader(export)
    tables = loader.load()
    assert_loaded_as_analysed(tables, load_study(export))
    phase = tables["trials"]["phase"].dtype
    assert list(phase.categories) == list(get_args(Phase))
    assert phase.ordered
    assert isinstance(tables["trials"]["choice_order"].iloc[0], list)
    assert tables["sessions"]["started_at"].dtype == "datetime64[us, UTC]"
    assert loader.load(export).keys() == tables.keys()
    (export / "tables" / "events.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"events\.csv"):
        loader.load(export)


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
    assert phases.split() == list(get_args(Phase))
    assert correct.split() == ["logical", str(int(tables["responses"]["correct"].sum()))]
    first = tables["sessions"].iloc[0]
    assert started.split() == ["POSIXct", first["started_at"].strftime("%Y-%m-%dT%H:%M:%S")]
    assert missing.split() == [str(int(tables["trials"]["stimulus"].isna().sum())), "integer"]
    assert times.split() == ["TRUE", str(first["seed"])]
