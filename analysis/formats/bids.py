"""An export as BIDS behavioural data.

One `sub-LABEL/beh/sub-LABEL_task-TASK_beh.tsv` a participant, all described by one sidecar at the
root (BIDS' inheritance principle), `participants.tsv`, and each questionnaire in `phenotype/`.
Follows the Brain Imaging Data Structure 1.10.0, "Behavioral recordings" and "Phenotypic data"
(https://bids-specification.readthedocs.io). Times of reaction are in seconds there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import ExportError
from analysis.formats.bids_questionnaires import QUESTIONNAIRES, questionnaire
from analysis.formats.description import cautions, levels_of, summary
from analysis.formats.long_table import LONG, long_table
from analysis.formats.text import delimited, json_text
from analysis.load import StudyData
from experiments.columns import SESSIONS, Column
from experiments.files import write_atomically
from experiments.schema import Instructions, Questionnaire

BIDS_VERSION = "1.10.0"
_ID = Column("participant_id", "string", "label of the participant's folder")
_OF_PARTICIPANT = (
    *("participant", "session", "arm", "recruitment_stage", "is_bot", "state"),
    *("started_at", "finished_at", "quiz_attempts"),
)
# Ours to BIDS'. Our `response` is the identifier of the answer.
_RENAMED = {"response": "response_id", "choice": "response", "rt_ms": "response_time"}


def write_bids(study: StudyData, folder: Path) -> None:
    """Write a BIDS data set of behaviour into an empty folder.

    Raises
    ------
    ExportError
        When two pseudonyms differ only in characters that BIDS allows in no label.
    """
    labels = _labels(study.tables["sessions"]["participant"])
    task = label(study.protocol.slug)
    write_atomically(folder / "dataset_description.json", json_text(_description(study)))
    write_atomically(folder / "README.md", _readme(study).encode())
    _write_participants(study, labels, folder)
    _write_trials(study, labels, task, folder)
    for stage in study.protocol.stages:
        if isinstance(stage, Questionnaire):
            table, sidecar = questionnaire(study, stage, labels)
            place = folder / QUESTIONNAIRES / label(stage.key)
            columns = [Column(str(name), "string", "") for name in table.columns]
            write_atomically(place.with_suffix(".tsv"), _tsv(table, columns))
            write_atomically(place.with_suffix(".json"), json_text(sidecar))


def label(name: str) -> str:
    """Return a name with the letters and digits that BIDS allows in a label."""
    return "".join(character for character in name if character.isascii() and character.isalnum())


def _labels(participants: Iterable[str]) -> dict[str, str]:
    labels = {participant: f"sub-{label(participant)}" for participant in participants}
    if len(set(labels.values())) < len(labels) or "sub-" in labels.values():
        raise ExportError(
            "Two participants would share one BIDS label, which holds letters and digits only. "
            "Use --to psych-ds, which keeps pseudonyms as they are."
        )
    return labels


def _description(study: StudyData) -> dict[str, Any]:
    return {
        "Name": study.protocol.title,
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        "Authors": [study.protocol.researcher],
        "GeneratedBy": [{"Name": "Larus", "Version": study.record.larus_version}],
        "SourceDatasets": [{"Version": f"sha256:{study.export_digest}"}],
    }


def _write_participants(study: StudyData, labels: Mapping[str, str], folder: Path) -> None:
    sessions = study.tables["sessions"]
    table = sessions.assign(participant_id=sessions["participant"].map(labels))
    columns = [
        _ID,
        *(column for column in SESSIONS.columns if column.name in _OF_PARTICIPANT),
    ]
    ordered = table.sort_values("participant_id")
    write_atomically(folder / "participants.tsv", _tsv(ordered, columns))
    write_atomically(folder / "participants.json", json_text(_sidecar(columns, study)))


def _write_trials(study: StudyData, labels: Mapping[str, str], task: str, folder: Path) -> None:
    table = long_table(study).rename(columns=_RENAMED)
    table["response_time"] = table["response_time"] / 1000
    columns = bids_columns()
    for participant, trials in table.groupby("participant", sort=True):
        subject = labels[str(participant)]
        path = folder / subject / "beh" / f"{subject}_task-{task}_beh.tsv"
        write_atomically(path, _tsv(trials, columns))
    sidecar = {"TaskName": study.protocol.slug, **_instructions(study), **_sidecar(columns, study)}
    write_atomically(folder / f"task-{task}_beh.json", json_text(sidecar))


def bids_columns() -> list[Column]:
    """Return the columns of a `_beh.tsv`: what varies within a participant."""
    kept = [column for column in LONG.columns if column.name not in _OF_PARTICIPANT]
    return [_bids_column(column) for column in kept]


def _bids_column(column: Column) -> Column:
    renamed = replace(column, name=_RENAMED.get(column.name, column.name))
    return replace(renamed, unit="s") if renamed.name == "response_time" else renamed


def _instructions(study: StudyData) -> dict[str, str]:
    pages = [
        page
        for stage in study.protocol.stages
        if isinstance(stage, Instructions)
        for page in stage.pages
    ]
    return {"Instructions": "\n\n".join(pages)} if pages else {}


def _sidecar(columns: Iterable[Column], study: StudyData) -> dict[str, Any]:
    return {column.name: _described(column, study) for column in columns}


def _described(column: Column, study: StudyData) -> dict[str, Any]:
    told: dict[str, Any] = {"Description": column.meaning}
    if column.unit in ("s", "ms"):
        told["Units"] = column.unit
    plain = replace(column, name="choice") if column.name == "response" else column
    if levels := levels_of(plain, study.protocol):
        told["Levels"] = {level: study.species_names.get(level, level) for level in levels}
    return told


def _readme(study: StudyData) -> str:
    lines = [
        f"# {study.protocol.title}",
        summary(study),
        "Behavioural data in BIDS: a `_beh.tsv` a participant has one row a planned trial with the "
        "answer that counts (`n/a` where there is none); `response_time` is in seconds. "
        "`phenotype/` holds the questionnaires. Quiz attempts, events and contradicting later "
        "answers are in the export alone.",
        "Participants are known by pseudonyms only.",
        *cautions(study),
    ]
    return "\n\n".join(lines) + "\n"


def _tsv(table: pd.DataFrame, columns: Iterable[Column]) -> bytes:
    return delimited(table, columns, delimiter="\t", missing="n/a")
