"""Each rule of Psych-DS, broken on purpose in a folder that keeps them all."""

import json
from pathlib import Path

import pytest

from analysis.__main__ import main
from analysis.formats.psychds_rules import validate

DATA = "data/study-gulls_subject-p1_data.csv"


@pytest.fixture
def dataset(tmp_path):
    """The smallest valid data set, with everything recommended beside it."""
    folder = tmp_path / "dataset"
    for name in ("data", "analysis", "results", "materials", "documentation"):
        (folder / name).mkdir(parents=True)
    for name in ("README.md", "CHANGES.md"):
        (folder / name).write_text("text\n")
    (folder / ".psychds-ignore").write_text("# nothing of these\nSHA256SUMS\nraw/\n*.log\n")
    recommended = ("author", "citation", "license", "funder", "url", "identifier", "privacyPolicy")
    describe(
        folder,
        **{"@context": "https://schema.org/", "@type": "Dataset"},
        **dict.fromkeys((*recommended, "keywords"), "known"),
        name="Gulls",
        description="People told gulls apart.",
        variableMeasured=[{"@type": "PropertyValue", "name": "rt"}, "choice"],
    )
    (folder / DATA).write_text("rt,choice\n812,ivory\n")
    (folder / DATA).with_suffix(".json").write_text("{}")
    (folder / "data/file_metadata.json").write_text("{}")
    return folder


def describe(folder: Path, name_of_file="dataset_description.json", **changes):
    """Change keys of a metadata file; None removes one."""
    path = folder / name_of_file
    own = json.loads(path.read_text()) if path.exists() else {}
    own |= changes
    path.write_text(json.dumps({key: value for key, value in own.items() if value is not None}))


def add(name, text):
    return lambda folder: (folder / name).write_text(text)


def broken(folder):
    return {(issue.code, issue.severity) for issue in validate(folder)}


def test_the_smallest_data_set_is_valid(dataset):
    assert validate(dataset) == []


def _without(name):
    def spoil(folder):
        path = folder / name
        path.unlink() if path.is_file() else path.rmdir()

    return spoil


def _with_keys(**changes):
    return lambda folder: describe(folder, **changes)


ERRORS = {
    "MISSING_DATASET_DESCRIPTION": _without("dataset_description.json"),
    "MISSING_DATAFILE": lambda folder: (folder / DATA).rename(folder / "data/gulls.csv"),
    "INVALID_JSON_FORMATTING": add("dataset_description.json", "{name: gulls}"),
    "INVALID_JSONLD_FORMATTING": add("dataset_description.json", "[]"),
    "JSON_ENCODING_ERROR": lambda folder: (folder / "dataset_description.json").write_bytes(
        '{"name": "Möwen"}'.encode("latin-1")
    ),
    "MISSING_DATASET_TYPE": _with_keys(**{"@type": None}),
    "INCORRECT_DATASET_TYPE": _with_keys(**{"@type": "Study"}),
    "FILENAME_KEYWORD_FORMATTING_ERROR": add("data/study-a-b_data.csv", "rt\n1\n"),
    "EXTENSION_MISMATCH": add("data/study-gulls_data.xlsx", "rt\n1\n"),
    "CSV_HEADER_MISSING": add(DATA, "rt,\n812,ivory\n"),
    "CSV_HEADER_REPEATED": add(DATA, "rt,choice,rt\n812,ivory,813\n"),
    "CSV_HEADER_LENGTH_MISMATCH": add(DATA, "rt,choice\n812\n"),
    "CSV_FORMATTING_ERROR": add(DATA, 'rt,choice\n812,"iv"ory\n'),
    "CSV_COLUMN_MISSING_FROM_METADATA": add(DATA, "rt,choice,arm\n812,ivory,none\n"),
    "VARIABLE_MISSING_FROM_CSV_COLUMNS": add(DATA, "rt\n812\n"),
}


@pytest.mark.parametrize("code", ERRORS)
def test_each_error_is_found_under_its_code(dataset, code):
    ERRORS[code](dataset)
    assert (code, "error") in broken(dataset)


@pytest.mark.parametrize("key", ["name", "description", "variableMeasured", "@context"])
def test_required_keys_are_required(dataset, key):
    describe(dataset, **{key: None})
    assert ("JSON_KEY_REQUIRED", "error") in broken(dataset)


@pytest.mark.parametrize("name", ["rowid", "row_id"])
def test_row_identifiers_are_unique(dataset, name):
    describe(dataset, variableMeasured=[name])
    (dataset / DATA).write_text(f"{name}\n1\n2\n")
    assert broken(dataset) == set()
    (dataset / DATA).write_text(f"{name}\n1\n1\n")
    assert broken(dataset) == {("ROWID_VALUES_NOT_UNIQUE", "error")}


def test_a_folder_without_data_is_no_data_set(dataset):
    for path in (dataset / "data").iterdir():
        path.unlink()
    (dataset / "data").rmdir()
    assert ("MISSING_DATA_DIRECTORY", "error") in broken(dataset)


WARNINGS = {
    "MISSING_README_DOC": _without("README.md"),
    "MISSING_CHANGES_DOC": _without("CHANGES.md"),
    "MISSING_ANALYSIS_DIRECTORY": _without("analysis"),
    "MISSING_RESULTS_DIRECTORY": _without("results"),
    "MISSING_MATERIALS_DIRECTORY": _without("materials"),
    "MISSING_DOCUMENTATION_DIRECTORY": _without("documentation"),
    "MISSING_PSYCHDSIGNORE": _without(".psychds-ignore"),
    "MISSING_SIDECAR_METADATA": _without(DATA.replace(".csv", ".json")),
    "MISSING_DIRECTORY_METADATA": _without("data/file_metadata.json"),
    "JSON_KEY_RECOMMENDED": _with_keys(license=None),
    "OBJECT_TYPE_MISSING": _with_keys(variableMeasured=[{"name": "rt"}, "choice"]),
    "FILENAME_UNOFFICIAL_KEYWORD_WARNING": lambda folder: (folder / DATA).rename(
        folder / "data/gull-ivory_data.csv"
    ),
    "FILE_EMPTY": add("results/none.txt", ""),
    "FILE_NOT_CHECKED": add("notes.txt", "text"),
    "WRONG_METADATA_LOCATION": add("documentation/dataset_description.json", "{}"),
}


@pytest.mark.parametrize("code", WARNINGS)
def test_each_recommendation_is_a_warning_that_keeps_the_set_valid(dataset, code):
    WARNINGS[code](dataset)
    found = validate(dataset)
    assert code in {issue.code for issue in found}
    assert {issue.severity for issue in found} == {"warning"}


def test_lower_metadata_replace_higher_ones(dataset):
    (dataset / "data/site-a").mkdir()
    (dataset / "data/site-a/subject-p2_data.tsv").write_text("rt\tarm\n812\tnone\n")
    describe(dataset, "data/site-a/file_metadata.json", variableMeasured=["rt", "arm"])
    assert ("CSV_COLUMN_MISSING_FROM_METADATA", "error") not in broken(dataset)
    describe(dataset, "data/site-a/subject-p2_data.json", variableMeasured=["rt"])
    assert ("CSV_COLUMN_MISSING_FROM_METADATA", "error") in broken(dataset)


def test_ignored_files_are_not_looked_at(dataset):
    (dataset / "SHA256SUMS").write_text("0  x\n")
    (dataset / "data/raw").mkdir()
    (dataset / "data/raw/anything.csv").write_text("a,a\n")
    (dataset / "run.log").write_text("")
    assert validate(dataset) == []


def test_the_command_tells_file_code_and_verdict(dataset, capsys):
    assert main(["validate-psychds", str(dataset)]) == 0
    assert "valid Psych-DS (0 errors, 0 warnings)" in capsys.readouterr().out
    (dataset / DATA).write_text("rt,choice,arm\n812,ivory,none\n")
    assert main(["validate-psychds", str(dataset)]) == 1
    told = capsys.readouterr().out
    assert f"{DATA}: error: CSV_COLUMN_MISSING_FROM_METADATA: variableMeasured lacks" in told
    assert "not valid Psych-DS (1 errors, 0 warnings)" in told
    assert main(["validate-psychds", str(dataset / "nowhere")]) == 2
    assert "is not a folder" in capsys.readouterr().err
