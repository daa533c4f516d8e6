"""Writing drawn gulls to a folder that needs no program to be understood.

A folder holds

- `SPECIES/KEY.png`: the pictures,
- `images.csv`: path, species, split and what is known of each scene,
- `masks/SPECIES/KEY.png`: which part of the bird each visible pixel shows, as palette indices,
- `parts.json`: the part that each index stands for (0 is no part of the bird),
- `marks.csv`: the field marks of each bird: greys in Kodak steps, colours as #rrggbb,
- `telling.csv`: for each ordered pair of species the marks and parts that tell them apart,
- `LICENCE.txt`.
"""

import csv
import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from pathlib import Path

import numpy as np
from PIL import Image

from experiments.files import folder_in_the_making
from explainers.errors import ExplainersError
from explainers.images import ImageRecord
from explainers.imagesets.gulls.drawing import Drawing
from explainers.imagesets.gulls.imageset import VERSION, DrawnGulls
from explainers.imagesets.gulls.marks import (
    MARK_PARTS,
    PARTS,
    SPECIES,
    Marks,
    Value,
)

Report = Callable[[str, int, int], None]
_Row = dict[str, object]

LICENCE_TEXT = """\
CC0 1.0 Universal

These pictures were drawn by a program, Larus (drawn gulls, version {version}), and show no real
bird. To the extent possible under law, whoever made them has waived all copyright and related
rights to them: https://creativecommons.org/publicdomain/zero/1.0/
"""
_PALETTE = (
    (0, 0, 0), (255, 196, 0), (255, 64, 64), (120, 132, 150), (24, 24, 96), (255, 128, 170),
    (240, 240, 240), (64, 160, 96), (176, 206, 232),
)  # fmt: skip


def write_gulls(images: DrawnGulls, folder: Path, report: Report) -> None:
    """Write an image set whole or not at all.

    Parameters
    ----------
    images
        The set to draw.
    folder
        A new folder; its parent is made when it is missing.
    report
        Told `(what, done, total)` after each picture.

    Raises
    ------
    ExplainersError
        When the folder exists already.
    """
    try:
        with folder_in_the_making(folder) as making:
            _write(images, making, report)
    except FileExistsError as error:
        raise ExplainersError(str(error)) from error


def mask_image(drawing: Drawing) -> Image.Image:
    """Return the parts as an indexed picture: 0 is background, then `PARTS` in order."""
    indices = np.zeros(drawing.picture.size[::-1], np.uint8)
    for number, part in enumerate(PARTS, 1):
        indices[drawing.parts[part]] = number
    mask = Image.fromarray(indices)
    mask.putpalette([level for colour in _PALETTE for level in colour])
    return mask


def _write(images: DrawnGulls, folder: Path, report: Report) -> None:
    for species in images.species:
        (folder / species.key).mkdir()
        (folder / "masks" / species.key).mkdir(parents=True)
    scenes, marks = [], []
    with ThreadPoolExecutor(os.cpu_count()) as painters:
        rows = painters.map(lambda record: _write_one(images, record, folder), images.records)
        for done, (scene, mark) in enumerate(rows, 1):
            scenes.append(scene)
            marks.append(mark)
            report("drawing gulls", done, len(images.records))
    _table(folder / "images.csv", scenes)
    _table(folder / "marks.csv", marks)
    _table(folder / "telling.csv", _telling_rows(images))
    legend = {"0": "none", **{str(number): part for number, part in enumerate(PARTS, 1)}}
    (folder / "parts.json").write_text(json.dumps(legend, indent=2) + "\n", encoding="utf-8")
    (folder / "LICENCE.txt").write_text(LICENCE_TEXT.format(version=VERSION), encoding="utf-8")


def _write_one(images: DrawnGulls, record: ImageRecord, folder: Path) -> tuple[_Row, _Row]:
    """Draw a picture with its mask; return its rows of images.csv and marks.csv."""
    drawing = images.truth(record)
    path = f"{record.species}/{record.key}.png"
    drawing.picture.save(folder / path)
    mask_image(drawing).save(folder / "masks" / path)
    marks: _Row = {"path": path, "species": record.species, **_mark_cells(drawing.marks)}
    return _scene_row(images, record, path, drawing), marks


def _scene_row(images: DrawnGulls, record: ImageRecord, path: str, drawing: Drawing) -> _Row:
    scene = images.scene(record)
    shown = {f"{part}_pixels": int(drawing.parts[part].sum()) for part in PARTS}
    return {
        "path": path,
        "species": record.species,
        "split": record.split,
        "key": record.key,
        "pose": scene.pose,
        "facing": "right" if scene.placing.facing > 0 else "left",
        "background": scene.background,
        "cover": scene.cover or "none",
        "difficulty": images.difficulty,
        "size": images.size,
        "seed": images.seed,
        **shown,
    }


def _mark_cells(marks: Marks) -> dict[str, str]:
    return {name: _cell(getattr(marks, name)) for name in MARK_PARTS}


def _cell(value: Value) -> str:
    if isinstance(value, tuple):
        return "#" + "".join(f"{round(level):02x}" for level in value)
    return f"{value:.3f}"


def _telling_rows(images: DrawnGulls) -> Iterable[dict[str, object]]:
    for species, other in permutations(SPECIES, 2):
        yield {
            "species": species,
            "other": other,
            "marks": " ".join(images.telling_marks(species, other)),
            "parts": " ".join(images.telling_parts(species, other)),
        }


def _table(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    every = list(rows)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(every[0]))
        writer.writeheader()
        writer.writerows(every)
