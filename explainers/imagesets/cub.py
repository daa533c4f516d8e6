"""CUB-200-2011 (Wah et al. 2011): as distributed, and as crops with an `images.csv`.

The pictures may be used for research; photographers keep their rights.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from explainers.errors import ExplainersError
from explainers.imagesets.files import Candidate, FileImageSet, species_key

LICENCE = "CUB-200-2011: research use, no redistribution"
_TABLES = ("images.txt", "image_class_labels.txt", "train_test_split.txt", "classes.txt")


class CubImageSet(FileImageSet):
    """CUB pictures with their annotations."""

    def parts(self) -> dict[str, dict[str, tuple[float, float]]]:
        """Return the visible parts of each picture: origin -> part -> (x, y) in pixels."""
        path = self.folder / "part_locations.csv"
        return _crop_parts(path) if path.is_file() else _distributed_parts(_root(self.folder))

    def boxes(self) -> dict[str, tuple[float, float, float, float]]:
        """Return the bird's box in the original: origin -> (x, y, width, height) in pixels."""
        path = self.folder / "images.csv"
        if path.is_file():
            return {
                row["crop_path"]: _box([row[f"box_{c}"] for c in "xywh"]) for row in _rows(path)
            }
        root = _root(self.folder)
        names = _table(root / "images.txt")
        lines = _table(root / "bounding_boxes.txt")
        return {f"images/{names[key]}": _box(text.split()) for key, text in lines.items()}


def open_cub(folder: Path, *, only: str = "") -> CubImageSet:
    """Open a CUB folder.

    Parameters
    ----------
    folder
        `CUB_200_2011`, the folder around it, or a folder of crops with `images.csv`.
    only
        Keep species whose key contains this text, such as `gull`.

    Raises
    ------
    ExplainersError
        When the folder has neither form.
    """
    if (folder / "images.csv").is_file():
        found, candidates = folder, _crops(folder)
    else:
        found = _root(folder)
        candidates = _distributed(found)
    kept = [candidate for candidate in candidates if only in candidate.species]
    if not kept:
        raise ExplainersError(f"{folder} has no species whose name contains {only!r}.")
    return CubImageSet("cub", found, kept, licence=LICENCE)


def _root(folder: Path) -> Path:
    for candidate in (folder, folder / "CUB_200_2011"):
        if all((candidate / name).is_file() for name in _TABLES):
            return candidate
    raise ExplainersError(
        f"{folder} is no CUB folder: it has neither images.csv (crops) nor {', '.join(_TABLES)}."
    )


def _crops(folder: Path) -> Iterator[Candidate]:
    for row in _rows(folder / "images.csv"):
        split = "train" if row["cub_is_training"] == "1" else "test"
        yield Candidate(row["crop_path"], species_key(row["species"]), split)  # type: ignore[arg-type]


def _distributed(root: Path) -> Iterator[Candidate]:
    classes = _table(root / "classes.txt")
    labels = _table(root / "image_class_labels.txt")
    training = _table(root / "train_test_split.txt")
    for key, name in _table(root / "images.txt").items():
        split = "train" if training.get(key) == "1" else "test"
        yield Candidate(f"images/{name}", species_key(classes[labels[key]]), split)  # type: ignore[arg-type]


def _crop_parts(path: Path) -> dict[str, dict[str, tuple[float, float]]]:
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for row in _rows(path):
        if row["visible"] == "1":
            place = (float(row["x_in_crop"]), float(row["y_in_crop"]))
            found.setdefault(row["crop_path"], {})[row["part"]] = place
    return found


def _distributed_parts(root: Path) -> dict[str, dict[str, tuple[float, float]]]:
    names = _table(root / "images.txt")
    parts = _table(root / "parts" / "parts.txt")
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for line in (root / "parts" / "part_locs.txt").read_text().splitlines():
        key, part, x, y, visible = line.split()
        if visible == "1":
            found.setdefault(f"images/{names[key]}", {})[parts[part]] = (float(x), float(y))
    return found


def _box(cells: list[str]) -> tuple[float, float, float, float]:
    x, y, width, height = (float(cell) for cell in cells)
    return x, y, width, height


def _table(path: Path) -> dict[str, str]:
    """Read lines of `id rest of the line`."""
    pairs = (line.split(maxsplit=1) for line in path.read_text().splitlines() if line.strip())
    return {key: rest.strip() for key, rest in pairs}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
