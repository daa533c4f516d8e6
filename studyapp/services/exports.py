"""Writing an export folder: whole, documented, checksummed, or not at all."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils import timezone

from experiments.columns import EXPORT_SCHEMA_VERSION, LOADERS, TABLES, Column, Table, codebook
from experiments.digest import canonical_json, sha256_file
from experiments.files import (
    CHECKSUMS_NAME,
    folder_in_the_making,
    write_atomically,
    write_checksums,
)
from studyapp import __version__
from studyapp.enums import AuditAction, StudyStage
from studyapp.exceptions import ExportRefused
from studyapp.models import Study
from studyapp.selectors.export_rows import left_out, rows_of
from studyapp.services.audit import record
from studyapp.services.snapshots import one_snapshot

_PARQUET_TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "datetime": pa.string(),
    "json": pa.string(),
}
# A spreadsheet runs a cell that begins like this; a quote in front keeps it text.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def export_study(*, study: Study, target: Path) -> dict[str, int]:
    """Write everything of a study into a new folder and return the rows of each table.

    All tables are read from one state of the database, so that they agree with each other. Files
    are written after that: nobody's answer waits for the disk.
    """
    if study.stage == StudyStage.REHEARSAL:
        raise ExportRefused(f"{study.slug} is a rehearsal: there are no data of a study in it.")
    with folder_in_the_making(target) as folder:
        counts = write_tables(study, folder)
        # Before the folder gets its name: no export exists that is not in the log.
        record(
            AuditAction.STUDY_EXPORTED,
            study=study,
            details={"checksums": sha256_file(folder / CHECKSUMS_NAME), "folder": str(target)},
        )
    return counts


def write_tables(study: Study, folder: Path) -> dict[str, int]:
    """Fill the folder of an export, and return the rows of each table."""
    with one_snapshot():
        rows = {
            name: [_ordered(table, row) for row in rows_of(name, study)]
            for name, table in TABLES.items()
        }
        counts = {name: len(kept) for name, kept in rows.items()}
        summary = _summary(study, counts)
    for name, table in TABLES.items():
        _write_table(folder, table, rows[name])
    _write_codebook(folder)
    _write_json(folder / "protocol.json", {"digest": study.digest, "frozen": study.frozen})
    _write_json(folder / "manifest.json", study.stimulus_set.manifest)
    _write_json(folder / "export.json", summary)
    for loader in LOADERS:
        write_atomically(folder / loader.name, loader.read_bytes())
    write_checksums(folder)
    return counts


def _summary(study: Study, counts: dict[str, int]) -> dict[str, Any]:
    return {
        "schema_version": EXPORT_SCHEMA_VERSION,
        "larus_version": __version__,
        "study": study.slug,
        "study_stage": study.stage,
        "protocol_digest": study.digest,
        "exported_at": timezone.now().isoformat(),
        # With it and the ledger anybody can allocate again; before the end it would tell the arms.
        "allocation_seed": study.allocation_seed if study.stage == StudyStage.CLOSED else None,
        "left_out": left_out(study),
        "rows": counts,
    }


def _write_table(folder: Path, table: Table, rows: list[dict[str, Any]]) -> None:
    write_atomically(folder / "tables" / f"{table.name}.csv", _csv(table, rows))
    schema = pa.schema([(c.name, _PARQUET_TYPES[c.type]) for c in table.columns])
    pq.write_table(
        pa.Table.from_pylist(rows, schema=schema), folder / "tables" / f"{table.name}.parquet"
    )


def _ordered(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {column.name: _value(column, row[column.name]) for column in table.columns}


def _value(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.type == "datetime":
        return value.isoformat()
    return canonical_json(value).decode() if column.type == "json" else value


def _csv(table: Table, rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names())
    writer.writerows(_cells(row.values()) for row in rows)
    return text.getvalue().encode()


def _cells(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, bool):
            yield "true" if value else "false"
        elif isinstance(value, str) and value.startswith(_FORMULA_STARTS):
            yield f"'{value}"
        else:
            yield "" if value is None else str(value)


def _write_codebook(folder: Path) -> None:
    rows = codebook()
    _write_json(folder / "codebook.json", rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "levels": "|".join(row["levels"])} for row in rows)
    write_atomically(folder / "codebook.csv", text.getvalue().encode())


def _write_json(path: Path, value: Any) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    write_atomically(path, (text + "\n").encode())
