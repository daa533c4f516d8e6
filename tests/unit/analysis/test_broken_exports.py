"""Exports that are damaged, empty or extreme: each command says so in a clear word."""

import json

import pytest

from analysis.__main__ import main
from experiments.files import write_checksums
from experiments.schema import InterimLooks
from tests.unit.analysis.exports import PICTURES, Run, write_export

PEOPLE = [
    Run(arm, right) for arm in ("none", "heatmap", "placebo") for right in (1, 2, 3) for _ in "ab"
]
FORMULA = "correct ~ arm + (1|participant) + (1|stimulus)"
COMMANDS = {
    "report": lambda folder: ["report", str(folder), "--out", str(folder.parent / "out")],
    "fit": lambda folder: ["fit", "--table", str(folder), "--formula", FORMULA],
    "convert": lambda folder: [
        *("convert", str(folder), "--to", "bids-beh"),
        *("--out", str(folder.parent / "out")),
    ],
    "monitor": lambda folder: ["monitor", str(folder)],
}


def _no_file(folder):
    (folder / "tables/trials.csv").unlink()


def _changed_byte(folder):
    path = folder / "tables/responses.csv"
    path.write_bytes(path.read_bytes().replace(b"false", b"falsE", 1))


def _no_checksums(folder):
    (folder / "SHA256SUMS").unlink()


def _another_file(folder):
    (folder / "extra.csv").write_text("x")


def _other_version(folder):
    record = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    (folder / "export.json").write_text(json.dumps({**record, "schema_version": "99"}))
    write_checksums(folder)


def _no_folder(folder):
    folder.rename(folder.with_name("elsewhere"))


DAMAGED = {
    "a missing file": (_no_file, "trials.csv is missing"),
    "a changed byte": (_changed_byte, "tables/responses.csv has changed"),
    "no checksums": (_no_checksums, "SHA256SUMS is missing"),
    "a file too many": (_another_file, "extra.csv is not listed"),
    "another schema version": (_other_version, "export.json says schema version '99'"),
    "no folder": (_no_folder, "is not a f"),
}


def export_of(runs, tmp_path, command="monitor"):
    """An export whose only look is due at once; without looks for what waits until they end."""
    looks = None if command in ("report", "fit") else InterimLooks(information_fractions=(0.01,))
    return write_export(tmp_path / "export", runs, places=18, interim_looks=looks)


def without_progress(err):
    """The lines that say more than what is being done."""
    return [line for line in err.splitlines() if not line.endswith(" …")]


def run(command, folder, capsys):
    status = main(COMMANDS[command](folder))
    printed = capsys.readouterr()
    return status, printed.out, printed.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_export_is_refused_in_one_line_and_nothing_is_written(
    tmp_path, capsys, damage, command
):
    spoil, word = DAMAGED[damage]
    folder = export_of(PEOPLE, tmp_path)
    spoil(folder)
    there = sorted(tmp_path.iterdir())
    status, out, err = run(command, folder, capsys)
    assert status == 2
    assert out == ""
    (told,) = without_progress(err)
    assert told.startswith("error: ")
    assert word in err
    assert sorted(tmp_path.iterdir()) == there


@pytest.mark.parametrize("command", ["report", "monitor"])
def test_a_stage_nobody_was_in_is_named(tmp_path, capsys, command):
    folder = export_of(PEOPLE, tmp_path, command)
    assert main([*COMMANDS[command](folder), "--stage", "pilot"]) == 2
    assert "no session of stage pilot" in capsys.readouterr().err


NO_ARM = "arm heatmap has 0 analysed participants; at least 2 are needed"
NO_WRONG = "is 1 in every row: there is nothing to explain"
NO_RIGHT = "is 0 in every row: there is nothing to explain"
NOBODY = "no session: nobody has taken part"
WROTE = "wrote "
EXTREME = {
    "one arm empty": (
        [one for one in PEOPLE if one.arm != "heatmap"],
        {"report": (0, NO_ARM), "fit": (0, "armplacebo"), "monitor": (0, NO_ARM)},
    ),
    "all answers right": (
        [Run(one.arm, PICTURES) for one in PEOPLE],
        {"report": (0, NO_WRONG), "fit": (2, NO_WRONG), "monitor": (0, NO_WRONG)},
    ),
    "all answers wrong": (
        [Run(one.arm, 0) for one in PEOPLE],
        {"report": (0, NO_RIGHT), "fit": (2, NO_RIGHT), "monitor": (0, NO_RIGHT)},
    ),
    "one participant": (
        [Run("none", 2)],
        {"report": (0, NO_ARM), "fit": (2, "arm has one level only"), "monitor": (0, NO_ARM)},
    ),
    "nobody": ([], {"report": (2, NOBODY), "fit": (2, NOBODY), "monitor": (2, NOBODY)}),
    "nobody who finished": (
        [Run(one.arm, one.right, state="active") for one in PEOPLE],
        {
            "report": (0, NO_ARM),
            "fit": (2, "exclusions leave nobody of stage main"),
            "monitor": (0, "(0 of 18 analysed)"),
        },
    ),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("extreme", EXTREME)
def test_an_extreme_export_gets_a_clear_word(tmp_path, capsys, extreme, command):
    runs, expected = EXTREME[extreme]
    status, word = {"convert": (0, WROTE), **expected}[command]
    found, out, err = run(command, export_of(runs, tmp_path, command), capsys)
    assert found == status
    assert word in (err if status else out)
    assert len(without_progress(err)) == (1 if status else 0)
