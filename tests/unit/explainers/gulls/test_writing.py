"""The folder that `images gulls --out` writes, and how it is read back."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from explainers.__main__ import main
from explainers.errors import ExplainersError
from explainers.imagesets import open_image_set
from explainers.imagesets.gulls import MARK_PARTS, PARTS, DrawnGulls
from explainers.imagesets.gulls.writing import write_gulls


def run(*words):
    return main([str(word) for word in words])


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written") / "gulls"
    sheet = folder / "sheet.png"
    options = ("--count", 3, "--seed", 1, "--difficulty", "hard", "--size", 64)
    assert run("images", "gulls", *options, "--out", folder, "--sheet", sheet) == 0
    return folder


def rows(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_pictures_masks_and_tables_agree_with_the_set(written):
    images = DrawnGulls(3, 1, difficulty=0.8, size=64)
    legend = json.loads((written / "parts.json").read_text())
    assert legend == {"0": "none", **{str(n): part for n, part in enumerate(PARTS, 1)}}
    scenes, marks = rows(written / "images.csv"), rows(written / "marks.csv")
    assert [row["path"] for row in scenes] == [row["path"] for row in marks]
    for record, scene, mark in zip(images.records, scenes, marks, strict=True):
        drawing = images.truth(record)
        assert (scene["species"], scene["split"]) == (record.species, record.split)
        assert (scene["key"], scene["difficulty"]) == (record.key, "0.8")
        with Image.open(written / scene["path"]) as picture:
            assert picture.tobytes() == drawing.picture.tobytes()
        with Image.open(written / "masks" / scene["path"]) as mask:
            assert mask.mode == "P"
            shown = np.asarray(mask)
        for number, part in enumerate(PARTS, 1):
            assert np.array_equal(shown == number, drawing.parts[part])
            assert int(scene[f"{part}_pixels"]) == drawing.parts[part].sum()
        assert set(MARK_PARTS) <= set(mark_names := set(marks[0])), mark_names
        assert float(mark["mantle_grey"]) == pytest.approx(drawing.marks.mantle_grey, abs=1e-3)
        assert mark["legs"].startswith("#")
    assert len(rows(written / "telling.csv")) == 56
    assert (written / "LICENCE.txt").read_text().startswith("CC0")


def test_the_folder_opens_as_an_image_set_with_its_splits(written):
    images = open_image_set(f"folder:{written}")
    drawn = DrawnGulls(3, 1, difficulty=0.8, size=64)
    assert [s.key for s in images.species] == [s.key for s in drawn.species]
    assert [s.name for s in images.species] == [s.name for s in drawn.species]
    assert [r.split for r in images.records] == [r.split for r in drawn.records]
    assert images.problems == ()
    assert images.licence.startswith("CC0")


def test_the_sheet_shows_every_species(written):
    with Image.open(written / "sheet.png") as sheet:
        assert sheet.height > 8 * 180
        assert sheet.width > 3 * 180


def test_nothing_is_left_of_a_write_that_fails(tmp_path):
    def stop(_what, done, _total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_gulls(DrawnGulls(2, 1, size=48), tmp_path / "gulls", stop)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_alone(tmp_path, capsys):
    assert run("images", "gulls", "--count", 2, "--out", tmp_path) == 2
    assert "exists already" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--count", "--difficulty", "--size"])
def test_options_of_drawn_gulls_are_refused_for_other_sets(option, tmp_path, capsys):
    assert run("images", f"folder:{tmp_path}", option, "64") == 2
    error = capsys.readouterr().err
    assert option in error
    assert "drawn gulls" in error


def test_a_number_said_twice_is_refused(capsys):
    assert run("images", "gulls:3", "--count", 4) == 2
    assert "once" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("path,species\na/b.png,a\n", "split"),
        ("path,species,split\na/b.png,a,dev\n", "line 2"),
        ("path,species,split\n../b.png,a,test\n", "inside"),
        ("path,species,split\n", "no pictures"),
    ],
)
def test_a_bad_table_is_refused_with_its_fault(tmp_path, table, told):
    (tmp_path / "images.csv").write_text(table)
    with pytest.raises(ExplainersError, match=told):
        open_image_set(f"folder:{tmp_path}")
