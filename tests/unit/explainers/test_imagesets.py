import json
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from explainers.__main__ import main
from explainers.errors import ExplainersError
from explainers.imagesets import open_image_set
from explainers.imagesets.opening import require_sound
from explainers.selection import choose_records


def save(path, seed, mode="RGB", size=(20, 16), **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(path, **options)


@pytest.fixture
def folder(tmp_path):
    for number in range(6):
        save(tmp_path / "Ivory_Gull" / f"{number}.png", number)
        save(tmp_path / "Herring_Gull" / f"{number}.png", 100 + number)
    return tmp_path


def test_a_folder_is_read_with_a_stable_split_and_digest(folder):
    images = open_image_set(f"folder:{folder}")
    assert [species.key for species in images.species] == ["herring_gull", "ivory_gull"]
    assert len(images.records) == 12
    assert images.digest == open_image_set(f"folder:{folder}").digest
    save(folder / "Ivory_Gull" / "0.png", 999)
    assert images.digest != open_image_set(f"folder:{folder}").digest


def test_every_bad_file_is_named_with_its_reason(folder):
    ivory = folder / "Ivory_Gull"
    save(ivory / "cmyk.jpg", 1000, mode="CMYK")
    (ivory / "text.jpg").write_text("not a picture")
    (ivory / "cut.jpg").write_bytes(b"")
    save(ivory / "whole.jpg", 1001, size=(200, 200))
    (ivory / "cut.jpg").write_bytes((ivory / "whole.jpg").read_bytes()[:3000])
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(ivory / "moving.gif", save_all=True, append_images=frames[1:])
    save(ivory / "copy.png", 1)
    save(ivory / "wrong.png", 103)
    (ivory / "notes.txt").write_text("x")
    Image.new("1", (9000, 9000)).save(ivory / "huge.png")
    images = open_image_set(f"folder:{folder}")
    reasons = {problem.origin.split("/")[1]: problem.reason for problem in images.problems}
    assert "CMYK" in reasons["cmyk.jpg"]
    assert "not a picture" in reasons["text.jpg"]
    assert "truncated" in reasons["cut.jpg"]
    assert "animated" in reasons["moving.gif"]
    assert "duplicate of Ivory_Gull/1.png" in reasons["copy.png"]
    assert "mislabelled" in reasons["wrong.png"]
    assert "file type" in reasons["notes.txt"]
    assert "bomb" in reasons["huge.png"]
    assert len(images.records) == 13
    with pytest.raises(ExplainersError, match="8 files"):
        require_sound(images, "stop")
    require_sound(images, "skip")


def write_cub(root):
    names = ["061.Heermann_Gull/H_1.jpg", "063.Ivory_Gull/I_1.jpg", "001.Albatross/A_1.jpg"]
    for number, name in enumerate(names):
        save(root / "images" / name, number)
    lines = {
        "images.txt": [f"{n} {name}" for n, name in enumerate(names, 1)],
        "image_class_labels.txt": ["1 61", "2 63", "3 1"],
        "classes.txt": ["1 001.Albatross", "61 061.Heermann_Gull", "63 063.Ivory_Gull"],
        "train_test_split.txt": ["1 1", "2 0", "3 1"],
        "bounding_boxes.txt": [f"{n} 1.0 2.0 3.0 4.0" for n in (1, 2, 3)],
        "parts/parts.txt": ["1 back", "2 beak"],
        "parts/part_locs.txt": ["1 1 5.0 6.0 1", "1 2 0.0 0.0 0"],
    }
    for name, content in lines.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("\n".join(content) + "\n")


@pytest.mark.parametrize("inner", ["", "CUB_200_2011"])
def test_cub_as_distributed_is_read_with_its_annotations(tmp_path, inner):
    write_cub((tmp_path / inner) if inner else tmp_path) if not inner else (
        (tmp_path / inner).mkdir(),
        write_cub(tmp_path / inner),
    )
    images = open_image_set(f"cub:{tmp_path}?only=gull")
    assert {r.key: r.split for r in images.records} == {
        "heermann_gull-h_1": "train",
        "ivory_gull-i_1": "test",
    }
    origin = "images/061.Heermann_Gull/H_1.jpg"
    assert images.parts() == {origin: {"back": (5.0, 6.0)}}
    assert images.boxes()[origin] == (1.0, 2.0, 3.0, 4.0)


def test_drawn_gulls_are_the_same_at_any_count_and_differ_by_seed():
    few, many = open_image_set("gulls:3"), open_image_set("gulls:9")
    record = few.records[1]
    assert many.open(record).tobytes() == few.open(record).tobytes()
    other = open_image_set("gulls:3", seed=1)
    assert other.open(record).tobytes() != few.open(record).tobytes()


def test_a_limit_is_spread_over_species_and_splits():
    chosen = choose_records(open_image_set("gulls:20"), limit=32)
    counts = {(r.species, r.split): 0 for r in chosen}
    for record in chosen:
        counts[record.species, record.split] += 1
    assert set(counts.values()) == {2}


def test_so_many_of_each_species_in_each_split_are_taken_where_there_are_so_many():
    images = open_image_set("gulls:20")
    chosen = choose_records(images, each=3, species=("ivory_gull", "herring_gull"))
    counts = Counter((record.species, record.split) for record in chosen)
    assert len(counts) == 4
    assert set(counts.values()) == {3}
    assert choose_records(images, each=99) == choose_records(images)


@pytest.mark.parametrize("spec", ["", "cats", "gulls:one", "folder:/nowhere", "cub:/nowhere"])
def test_a_text_that_names_no_set_is_refused(spec):
    with pytest.raises(ExplainersError):
        open_image_set(spec)


@pytest.mark.real_data
def test_the_real_crops_are_read_whole(real_data):
    images = open_image_set(f"cub:{real_data / 'gulls_cub'}")
    assert len(images.records) == 179
    assert images.problems == ()
    assert len(images.of_split("test")) == 89
    assert "beak" in images.parts()[images.records[0].origin]


def test_pictures_are_counted_by_species_and_split(tmp_path):
    assert main(["images", "gulls:5", "--counts", str(tmp_path / "counts.json")]) == 0
    counts = json.loads((tmp_path / "counts.json").read_text())
    images = open_image_set("gulls:5")
    assert list(counts) == [species.key for species in images.species]
    for species, own in counts.items():
        shown = [record.split for record in images.records if record.species == species]
        assert own == {split: shown.count(split) for split in ("train", "test")}


def test_user_errors_end_without_a_traceback():
    command = [sys.executable, "-m", "explainers", "images", "cats"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert "gulls:COUNT" in finished.stderr
    assert "Traceback" not in finished.stderr
