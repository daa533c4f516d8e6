"""An export folder, verified and in memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn, get_args

import pandas as pd
from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from analysis.errors import ExportError
from analysis.tables import read_table
from experiments.columns import EXPORT_SCHEMA_VERSION, TABLES
from experiments.digest import sha256_file, sha256_json
from experiments.files import CHECKSUMS_NAME, ChecksumError, verify_checksums
from experiments.manifest import MANIFEST_NAME, Manifest, ManifestError, read_manifest
from experiments.schema import Protocol, RecruitmentStage


class LeftOut(BaseModel):
    """What the export doesn't hold: participants who asked for their answers to be deleted.

    Attributes
    ----------
    by_stage
        Their number by recruitment stage and arm; what is not named is 0.
    before_allocation
        How many of them had no arm yet, by recruitment stage; what is not named is 0.
    """

    model_config = ConfigDict(extra="forbid")

    withdrawn_participants: NonNegativeInt
    by_stage: dict[RecruitmentStage, dict[str, NonNegativeInt]]
    before_allocation: dict[RecruitmentStage, NonNegativeInt] = {}

    def of_stage(self, stage: RecruitmentStage) -> int:
        """Return how many of a recruitment stage there are."""
        placed = sum(self.by_stage.get(stage, {}).values())
        return placed + self.before_allocation.get(stage, 0)


class ExportRecord(BaseModel):
    """`export.json`.

    Attributes
    ----------
    study_stage
        Of the study when it was exported: `closed` when nobody can answer any more. None in
        exports of a Larus that didn't tell.
    allocation_seed
        What the allocation was drawn with; told only once the study is closed.
    """

    schema_version: Literal["1"]
    larus_version: str
    study: str
    study_stage: Literal["rehearsal", "frozen", "pilot", "open", "paused", "closed"] | None = None
    protocol_digest: str
    exported_at: str
    allocation_seed: int | None = None
    left_out: LeftOut
    rows: dict[str, int]


@dataclass(frozen=True)
class StudyData:
    """A study as exported.

    Attributes
    ----------
    protocol
        The frozen protocol that every session followed.
    protocol_digest, manifest_digest
        SHA-256 of what was frozen, and of the stimulus manifest frozen with it.
    export_digest
        SHA-256 of `SHA256SUMS`: names every byte of the export at once.
    manifest
        The stimuli as they were frozen: pictures, network, explanations.
    tables
        The tables of `experiments.columns.TABLES` by name.
    """

    folder: Path
    protocol: Protocol
    protocol_digest: str
    manifest_digest: str
    export_digest: str
    record: ExportRecord
    manifest: Manifest
    tables: Mapping[str, pd.DataFrame]

    @property
    def species_names(self) -> dict[str, str]:
        """Return the species of the study as participants read them, by key."""
        names = {species.key: species.name for species in self.manifest.species}
        return {key: names.get(key, key) for key in self.protocol.species}


def load_study(folder: Path) -> StudyData:
    """Read an export folder.

    Parameters
    ----------
    folder
        As `manage.py export_study` wrote it.

    Raises
    ------
    ExportError
        When a file is missing, changed or unlisted (all are named), the version is another, the
        protocol isn't the one its digest names, or a table breaks its contract.
    """
    if not folder.is_dir():
        raise ExportError(f"{folder} is not a folder. Name the folder that `export_study` wrote.")
    try:
        verify_checksums(folder)
    except ChecksumError as error:
        raise ExportError(f"{error} Copy the export again from where it was made.") from error
    record = _read_record(folder)
    protocol, digest, manifest_digest = _read_protocol(folder)
    tables = {name: read_table(folder, table) for name, table in TABLES.items()}
    _check_consistency(protocol, digest, record, tables)
    return StudyData(
        folder=folder,
        protocol=protocol,
        protocol_digest=digest,
        manifest_digest=manifest_digest,
        export_digest=sha256_file(folder / CHECKSUMS_NAME),
        record=record,
        manifest=_read_manifest(folder),
        tables=tables,
    )


def refuse_inside(folder: Path, out: Path) -> None:
    """Stop before anything is written into an export, whose every byte is checksummed.

    Raises
    ------
    ExportError
        When `out` is the export or lies in it.
    """
    if out.resolve().is_relative_to(folder.resolve()):
        raise ExportError(f"{out} lies inside the export, which must not change.")


def _read_json(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    if not path.is_file():
        raise ExportError(f"{name} is missing from {folder}. Export the study again.")
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ExportError(f"{name} in {folder} is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise ExportError(f"{name} in {folder} must hold a JSON object.")
    return value


def _read_record(folder: Path) -> ExportRecord:
    value = _read_json(folder, "export.json")
    version = value.get("schema_version")
    if version != EXPORT_SCHEMA_VERSION:
        raise ExportError(
            f"export.json says schema version {version!r}, but this program reads "
            f"{EXPORT_SCHEMA_VERSION!r}. Use the release of Larus that wrote the export."
        )
    left_out = value.get("left_out")
    if isinstance(left_out, dict) and "withdrawn_by_arm" in left_out:
        raise ExportError(
            "export.json counts deleted participants over both recruitment stages at once "
            "(left_out.withdrawn_by_arm), so that they can't be placed: an older Larus wrote it. "
            "Export the study again."
        )
    try:
        return ExportRecord.model_validate(value)
    except ValidationError as error:
        _refuse("export.json", error)


def _read_protocol(folder: Path) -> tuple[Protocol, str, str]:
    value = _read_json(folder, "protocol.json")
    digest, frozen = value.get("digest"), value.get("frozen")
    if not isinstance(digest, str) or not isinstance(frozen, dict):
        raise ExportError("protocol.json must hold `digest` and `frozen`. Export the study again.")
    if sha256_json(frozen) != digest:
        raise ExportError(
            f"protocol.json holds a protocol other than its digest {digest[:12]}… names: "
            "it was changed after freezing, so the plan in it can't be trusted."
        )
    try:
        protocol = Protocol.model_validate(_with_model(frozen.get("protocol")))
    except ValidationError as error:
        _refuse("protocol.json", error)
    return protocol, digest, str(frozen.get("manifest_digest", ""))


def _with_model(protocol: Any) -> Any:
    """Write out what a plan meant that was frozen before plans named their model (ADR 3)."""
    plan = protocol.get("analysis") if isinstance(protocol, dict) else None
    if not isinstance(plan, dict) or "model" in plan:
        return protocol
    meant = {**plan, "model": "two_way_cluster", "secondary": []}
    return {**protocol, "analysis": meant}


def _read_manifest(folder: Path) -> Manifest:
    try:
        return read_manifest(folder / MANIFEST_NAME)
    except ManifestError as error:
        raise ExportError(f"The export's stimulus manifest can't be read: {error}") from error


def _refuse(name: str, error: ValidationError) -> NoReturn:
    problems = "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors()
    )
    raise ExportError(f"{name} is not what this program reads: {problems}.") from error


def _check_consistency(
    protocol: Protocol, digest: str, record: ExportRecord, tables: Mapping[str, pd.DataFrame]
) -> None:
    problems = [
        *_unknown(tables, "sessions", "participant", "participants"),
        *_unknown(tables, "trials", "session", "sessions"),
        *_unknown(tables, "responses", "trial", "trials"),
        *_wrong_counts(record, tables),
        *_wrong_deletions(record.left_out),
        *_foreign_arms(protocol, record.left_out, tables["sessions"]),
        *_without_arm(tables),
        *_other_protocols(digest, record, tables["sessions"]),
        *_doubled_answers(tables["responses"]),
    ]
    if problems:
        raise ExportError("The tables contradict each other: " + "; ".join(problems) + ".")


def _unknown(tables: Mapping[str, pd.DataFrame], table: str, column: str, other: str) -> list[str]:
    unknown = ~tables[table][column].isin(tables[other][column])
    count = int(unknown.sum())
    return [f"{count} rows of {table} name a {column} that {other} lacks"] if count else []


def _wrong_counts(record: ExportRecord, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    return [
        f"{name} has {len(tables[name])} rows but export.json says {rows}"
        for name, rows in record.rows.items()
        if name in tables and len(tables[name]) != rows
    ]


def _wrong_deletions(left_out: LeftOut) -> list[str]:
    stages: tuple[RecruitmentStage, ...] = get_args(RecruitmentStage)
    placed = sum(left_out.of_stage(stage) for stage in stages)
    total = left_out.withdrawn_participants
    if placed == total:
        return []
    return [f"export.json counts {total} deleted participants, but {placed} by stage and arm"]


def _foreign_arms(protocol: Protocol, left_out: LeftOut, sessions: pd.DataFrame) -> list[str]:
    named = set(sessions["arm"].dropna()).union(*left_out.by_stage.values())
    foreign = sorted(named - set(protocol.arms))
    return [f"the protocol has no arm {arm!r}" for arm in foreign]


def _without_arm(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Find sessions that came further than one can without an arm: trials are made for it."""
    sessions = tables["sessions"]
    has_trials = sessions["session"].isin(tables["trials"]["session"])
    came_far = has_trials | (sessions["state"] == "completed")
    count = int((sessions["arm"].isna() & came_far).sum())
    return [f"{count} sessions that were completed or have trials have no arm"] if count else []


def _other_protocols(digest: str, record: ExportRecord, sessions: pd.DataFrame) -> list[str]:
    digests = {record.protocol_digest, *sessions["protocol_digest"]}
    others = sorted(digests - {digest})
    return [f"protocol.json is {digest[:12]}… but {other[:12]}… was followed" for other in others]


def _doubled_answers(responses: pd.DataFrame) -> list[str]:
    counting = responses.loc[~responses["is_conflict"], "trial"]
    doubled = int(counting.duplicated().sum())
    return [f"{doubled} trials have more than one answer that counts"] if doubled else []
