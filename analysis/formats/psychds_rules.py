"""The rules of Psych-DS 1.x, checked on a folder whoever made it.

Codes, severities and their meaning are those of the Psych-DS schema (validator 1.5,
https://psychds-docs.readthedocs.io). Of JSON-LD only what the schema needs is read: the context and
type of the data set, and the names in `variableMeasured`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from analysis.formats.psychds_tables import header_issues, read_rows

DESCRIPTION_NAME = "dataset_description.json"
DIRECTORY_METADATA_NAME = "file_metadata.json"
IGNORE_NAME = ".psychds-ignore"
_TABLE_EXTENSIONS = (".csv", ".tsv")
_DATA_FILE = re.compile(r"([a-z]+-[a-zA-Z0-9]+)(_[a-z]+-[a-zA-Z0-9]+)*_data\.(csv|tsv)")
_KEYWORDS = {
    *("study", "site", "subject", "session", "task", "condition", "trial", "stimulus"),
    "description",
}
_REQUIRED = ("name", "description", "variableMeasured")
_RECOMMENDED = (
    *("author", "citation", "license", "funder", "url", "identifier", "privacyPolicy"),
    "keywords",
)
_DIRECTORIES = ("analysis", "results", "materials", "documentation")
_DOCUMENTS = ("README", "CHANGES")


@dataclass(frozen=True)
class Issue:
    """One rule that a folder breaks.

    Attributes
    ----------
    severity
        An error makes the data set invalid; a warning doesn't.
    code
        As the Psych-DS schema names it.
    path
        Within the folder.
    """

    severity: Literal["error", "warning"]
    code: str
    path: str
    what: str

    def sentence(self) -> str:
        """Return the issue as one line."""
        return f"{self.path}: {self.severity}: {self.code}: {self.what}"


def validate(folder: Path) -> list[Issue]:
    """Return every rule of Psych-DS that a folder breaks, errors first.

    Parameters
    ----------
    folder
        The root of the data set, where `dataset_description.json` lies.
    """
    paths = _paths(folder)
    issues = [*_missing_elements(folder, paths), *_stray_files(folder, paths)]
    metadata, faults = _read_metadata(folder, paths)
    issues += faults
    if DESCRIPTION_NAME in metadata:
        issues += _dataset_type(metadata[DESCRIPTION_NAME])
        issues += _data_files(folder, paths, metadata)
    return sorted(issues, key=lambda issue: (issue.severity, issue.path, issue.code))


def _paths(folder: Path) -> list[str]:
    """Return the files that count, relative to the folder."""
    found = sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )
    ignore = folder / IGNORE_NAME
    lines = ignore.read_text(encoding="utf-8").splitlines() if ignore.is_file() else []
    patterns = [line.strip().strip("/") for line in lines if line.strip() and line[0] != "#"]
    return [path for path in found if not any(_is_ignored(path, pattern) for pattern in patterns)]


def _is_ignored(path: str, pattern: str) -> bool:
    parts = PurePosixPath(path)
    return any(
        fnmatchcase(part.as_posix(), pattern) or fnmatchcase(part.name, pattern)
        for part in (parts, *parts.parents)
    )


def _missing_elements(folder: Path, paths: list[str]) -> Iterator[Issue]:
    if DESCRIPTION_NAME not in paths:
        yield Issue("error", "MISSING_DATASET_DESCRIPTION", DESCRIPTION_NAME, "is missing.")
    if not (folder / "data").is_dir():
        yield Issue("error", "MISSING_DATA_DIRECTORY", "data", "the folder is missing.")
    elif not any(_DATA_FILE.fullmatch(PurePosixPath(path).name) for path in _tables(paths)):
        yield Issue(
            "error", "MISSING_DATAFILE", "data", "no file below it is called KEY-VALUE_data.csv."
        )
    for name in _DOCUMENTS:
        if not any(f"{name}{ending}" in paths for ending in (".md", ".txt")):
            yield Issue("warning", f"MISSING_{name}_DOC", f"{name}.md", "is recommended.")
    for name in _DIRECTORIES:
        if not (folder / name).is_dir():
            yield Issue("warning", f"MISSING_{name.upper()}_DIRECTORY", name, "is recommended.")
    if not (folder / IGNORE_NAME).is_file():
        yield Issue("warning", "MISSING_PSYCHDSIGNORE", IGNORE_NAME, "is recommended.")
    if not any(PurePosixPath(path).name == DIRECTORY_METADATA_NAME for path in paths):
        yield Issue(
            "warning", "MISSING_DIRECTORY_METADATA", f"data/{DIRECTORY_METADATA_NAME}", "is absent."
        )


def _stray_files(folder: Path, paths: list[str]) -> Iterator[Issue]:
    for path in paths:
        name = PurePosixPath(path)
        if (folder / path).stat().st_size == 0:
            yield Issue("warning", "FILE_EMPTY", path, "is empty.")
        if name.name == DESCRIPTION_NAME and path != DESCRIPTION_NAME:
            yield Issue("warning", "WRONG_METADATA_LOCATION", path, "belongs to the root.")
        elif _is_unspecified(name):
            yield Issue("warning", "FILE_NOT_CHECKED", path, f"list it in {IGNORE_NAME}.")
        if name.parts[0] == "data" and _is_wrong_kind(name):
            yield Issue("error", "EXTENSION_MISMATCH", path, "data are .csv or .tsv.")


def _is_unspecified(path: PurePosixPath) -> bool:
    if len(path.parts) > 1:
        return path.parts[0] not in ("data", "products", *_DIRECTORIES)
    return path.stem not in _DOCUMENTS and path.name not in (DESCRIPTION_NAME, IGNORE_NAME)


def _is_wrong_kind(path: PurePosixPath) -> bool:
    return path.stem.endswith("_data") and path.suffix not in (*_TABLE_EXTENSIONS, ".json")


def _tables(paths: Iterable[str]) -> list[str]:
    return [
        path
        for path in paths
        if path.startswith("data/") and PurePosixPath(path).suffix in _TABLE_EXTENSIONS
    ]


def _read_metadata(folder: Path, paths: list[str]) -> tuple[dict[str, dict[str, Any]], list[Issue]]:
    found: dict[str, dict[str, Any]] = {}
    issues: list[Issue] = []
    for path in paths:
        if not _is_metadata(PurePosixPath(path)):
            continue
        try:
            value = json.loads((folder / path).read_bytes().decode("utf-8"))
        except UnicodeDecodeError:
            issues.append(Issue("error", "JSON_ENCODING_ERROR", path, "is not UTF-8."))
        except ValueError as error:
            issues.append(Issue("error", "INVALID_JSON_FORMATTING", path, f"{error}."))
        else:
            if isinstance(value, dict):
                found[path] = value
            else:
                issues.append(
                    Issue("error", "INVALID_JSONLD_FORMATTING", path, "must hold a JSON object.")
                )
    return found, issues


def _is_metadata(path: PurePosixPath) -> bool:
    if path.as_posix() == DESCRIPTION_NAME:
        return True
    in_data = path.parts[0] == "data" and path.suffix == ".json"
    return in_data and (path.stem.endswith("_data") or path.name == DIRECTORY_METADATA_NAME)


def _dataset_type(description: dict[str, Any]) -> Iterator[Issue]:
    kind = description.get("@type", description.get("type"))
    if kind is None:
        yield Issue("error", "MISSING_DATASET_TYPE", DESCRIPTION_NAME, '"@type" is missing.')
    elif kind not in ("Dataset", ["Dataset"]):
        yield Issue(
            "error", "INCORRECT_DATASET_TYPE", DESCRIPTION_NAME, '"@type" must be "Dataset".'
        )
    if "schema.org" not in json.dumps(description.get("@context", "")):
        yield Issue(
            "error",
            "JSON_KEY_REQUIRED",
            DESCRIPTION_NAME,
            '"@context" must be "https://schema.org/": without it no key has a meaning.',
        )


def _data_files(
    folder: Path, paths: list[str], metadata: dict[str, dict[str, Any]]
) -> Iterator[Issue]:
    measured: set[str] = set()
    columns: set[str] = set()
    for path in _tables(paths):
        name = PurePosixPath(path).name
        if not _DATA_FILE.fullmatch(name):
            yield Issue(
                "error",
                "FILENAME_KEYWORD_FORMATTING_ERROR",
                path,
                "must be KEY-VALUE pairs of lower-case keys and alphanumeric values, joined by "
                '"_", that end with "_data.csv".',
            )
            continue
        yield from _unofficial_keywords(path, name)
        own = _compiled(path, metadata)
        yield from _keys(path, own, paths)
        header, rows, fault = read_rows(folder / path)
        if fault:
            yield Issue("error", "CSV_FORMATTING_ERROR", path, fault)
            continue
        for code, what in header_issues(header, rows):
            yield Issue("error", code, path, what)
        declared, untyped = _variables(own)
        if untyped:
            yield Issue("warning", "OBJECT_TYPE_MISSING", path, '"@type" of a variable is missing.')
        if undeclared := [column for column in header if column not in declared]:
            yield Issue(
                "error",
                "CSV_COLUMN_MISSING_FROM_METADATA",
                path,
                f"variableMeasured lacks the columns {', '.join(undeclared)}.",
            )
        measured |= set(declared)
        columns |= set(header)
    if unmeasured := sorted(measured - columns):
        yield Issue(
            "error",
            "VARIABLE_MISSING_FROM_CSV_COLUMNS",
            DESCRIPTION_NAME,
            f"no data file has the variables {', '.join(unmeasured)}.",
        )


def _unofficial_keywords(path: str, name: str) -> Iterator[Issue]:
    keys = [pair.partition("-")[0] for pair in name.rpartition("_")[0].split("_")]
    if unofficial := sorted(set(keys) - _KEYWORDS):
        yield Issue(
            "warning",
            "FILENAME_UNOFFICIAL_KEYWORD_WARNING",
            path,
            f"the keywords {', '.join(unofficial)} are not Psych-DS' own.",
        )


def _compiled(path: str, metadata: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what describes a data file: a lower file replaces the keys of a higher one."""
    file = PurePosixPath(path)
    folders = [parent for parent in reversed(file.parents) if parent.parts]
    chain = [
        DESCRIPTION_NAME,
        *(f"{parent}/{DIRECTORY_METADATA_NAME}" for parent in folders),
        file.with_suffix(".json").as_posix(),
    ]
    compiled: dict[str, Any] = {}
    for name in chain:
        compiled |= metadata.get(name, {})
    return compiled


def _keys(path: str, own: dict[str, Any], paths: list[str]) -> Iterator[Issue]:
    if missing := [key for key in _REQUIRED if not own.get(key)]:
        yield Issue("error", "JSON_KEY_REQUIRED", path, f"its metadata lack {', '.join(missing)}.")
    if missing := [key for key in _RECOMMENDED if not own.get(key)]:
        yield Issue(
            "warning", "JSON_KEY_RECOMMENDED", path, f"its metadata lack {', '.join(missing)}."
        )
    if PurePosixPath(path).with_suffix(".json").as_posix() not in paths:
        yield Issue("warning", "MISSING_SIDECAR_METADATA", path, "has no .json beside it.")


def _variables(own: dict[str, Any]) -> tuple[list[str], bool]:
    """Return the names in variableMeasured, and whether one of them has no type."""
    listed = own.get("variableMeasured", [])
    entries = listed if isinstance(listed, list) else [listed]
    names = [entry.get("name") if isinstance(entry, dict) else entry for entry in entries]
    untyped = any(isinstance(entry, dict) and "@type" not in entry for entry in entries)
    return [str(name) for name in names], untyped
