"""A real export: what its loader reads, and what it becomes in other formats."""

import json

import pandas as pd
import pytest
from django.core.management import call_command

from analysis.formats.psychds_rules import validate
from analysis.formats.write import FORMATS, convert
from analysis.load import load_study
from experiments.files import verify_checksums
from tests.unit.analysis.test_loaders import assert_loaded_as_analysed, python_loader

# An export is a transaction of its own.
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_real_export_loads_and_converts_to_every_format(study, tmp_path):
    call_command("run_bots", study.slug, "-n", "2", "--seed", "5")
    call_command("export_study", study.slug, "--out", str(tmp_path / "export"))
    loaded = load_study(tmp_path / "export")
    assert_loaded_as_analysed(python_loader(tmp_path / "export").load(), loaded)
    for to in FORMATS:
        convert(loaded, tmp_path / to, to)
        verify_checksums(tmp_path / to)
    assert not [one for one in validate(tmp_path / "psych-ds") if one.severity == "error"]
    answers = pd.read_csv(tmp_path / "jspsych" / "trials.csv")
    assert len(answers) == len(loaded.tables["responses"])
    assert (answers["time_elapsed"] > 0).all()
    bids = tmp_path / "bids-beh"
    assert len(pd.read_csv(bids / "participants.tsv", sep="\t")) == 2
    sidecar = json.loads((bids / "task-gullsdemo_beh.json").read_text(encoding="utf-8"))
    trials = sorted(bids.glob("sub-*/beh/*_beh.tsv"))
    assert len(trials) == 2
    assert set(pd.read_csv(trials[0], sep="\t").columns) <= set(sidecar)
