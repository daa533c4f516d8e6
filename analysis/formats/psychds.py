"""An export as a Psych-DS data set: every table as it is, described in JSON-LD."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from analysis.formats.description import cautions, levels_of, summary
from analysis.formats.psychds_rules import DESCRIPTION_NAME, IGNORE_NAME
from analysis.formats.text import json_text
from analysis.load import StudyData
from experiments.columns import TABLES, Column, Table
from experiments.files import CHECKSUMS_NAME, write_atomically
from experiments.schema import Protocol

SCHEMA_VERSION = "Psych-DS 1.5.0"
_CONTEXT = {"@context": "https://schema.org/", "@type": "Dataset"}
_COPIED = {
    "codebook.csv": "documentation",
    "export.json": "documentation",
    "protocol.json": "materials",
    "manifest.json": "materials",
}


def write_psychds(study: StudyData, folder: Path) -> None:
    """Write a Psych-DS data set into an empty folder.

    The data files are the export's tables, byte for byte.

    Parameters
    ----------
    study
        As loaded, so that every checksum was right.
    folder
        Where to write.
    """
    for table in TABLES.values():
        stem = folder / "data" / data_stem(study.protocol, table)
        source = study.folder / "tables" / f"{table.name}.csv"
        write_atomically(stem.with_suffix(".csv"), source.read_bytes())
        write_atomically(stem.with_suffix(".json"), json_text(_sidecar(table, study.protocol)))
    write_atomically(folder / DESCRIPTION_NAME, json_text(_description(study)))
    for name, place in _COPIED.items():
        if (study.folder / name).is_file():
            write_atomically(folder / place / name, (study.folder / name).read_bytes())
    write_atomically(folder / "README.md", _readme(study).encode())
    write_atomically(folder / "CHANGES.md", _changes(study).encode())
    write_atomically(folder / IGNORE_NAME, f"{CHECKSUMS_NAME}\n".encode())


def data_stem(protocol: Protocol, table: Table) -> str:
    """Return a table's file name without ending; values may hold letters and digits only."""
    study = "".join(character for character in protocol.slug if character.isalnum())
    return f"study-{study}_description-{table.name.replace('_', '')}_data"


def _description(study: StudyData) -> dict[str, Any]:
    return {
        **_CONTEXT,
        "name": study.protocol.title,
        "description": summary(study),
        "schemaVersion": SCHEMA_VERSION,
        "author": [study.protocol.researcher],
        "identifier": f"sha256:{study.export_digest}",
        "keywords": ["explanations", "image classification", "human-subject study"],
        "variableMeasured": _all_variables(study.protocol),
    }


def _sidecar(table: Table, protocol: Protocol) -> dict[str, Any]:
    return {
        **_CONTEXT,
        "description": f"One row is {table.row}. Key: {', '.join(table.key)}.",
        "variableMeasured": [
            _variable(column, column.meaning, protocol) for column in table.columns
        ],
    }


def _all_variables(protocol: Protocol) -> list[dict[str, Any]]:
    """Describe every column name once; where tables mean different things by it, each is told."""
    named: dict[str, list[tuple[str, Column]]] = {}
    for table in TABLES.values():
        for column in table.columns:
            named.setdefault(column.name, []).append((table.name, column))
    return [_variable(uses[0][1], _meaning_of_all(uses), protocol) for uses in named.values()]


def _meaning_of_all(uses: Iterable[tuple[str, Column]]) -> str:
    by_meaning: dict[str, list[str]] = {}
    for table, column in uses:
        by_meaning.setdefault(column.meaning, []).append(table)
    if len(by_meaning) == 1:
        return next(iter(by_meaning))
    return "; ".join(f"in {', '.join(tables)}: {said}" for said, tables in by_meaning.items())


def _variable(column: Column, meaning: str, protocol: Protocol) -> dict[str, Any]:
    described: dict[str, Any] = {
        "@type": "PropertyValue",
        "name": column.name,
        "description": meaning,
    }
    if column.unit:
        described["unitText"] = column.unit
    if levels := levels_of(column, protocol):
        described["valueReference"] = list(levels)
    return described


def _readme(study: StudyData) -> str:
    lines = [
        f"# {study.protocol.title}",
        summary(study),
        "A Psych-DS data set (https://psych-ds.github.io). `data/` holds one table a file and, "
        "beside it, what its columns mean; `materials/` the frozen protocol and the pictures' "
        "manifest; `documentation/` the codebook and what was exported.",
        "`trials` has one row a planned trial, `responses` every answer: join them by `trial`, "
        "where `is_conflict` is false. An empty cell is a missing value.",
        "Participants are known by pseudonyms only.",
        *cautions(study),
        "`sha256sum --check SHA256SUMS` verifies every file. Licence, citation and funder are not "
        f"known to the study: add them to `{DESCRIPTION_NAME}`.",
    ]
    return "\n\n".join(lines) + "\n"


def _changes(study: StudyData) -> str:
    return f"# Changes\n\n- {study.record.exported_at}: exported by Larus.\n"
