"""A folder with one sub-folder a species."""

import csv
from pathlib import Path

from experiments.digest import derive_seed
from explainers.errors import ExplainersError
from explainers.images import ImageProblem, Split
from explainers.imagesets.files import Candidate, FileImageSet, species_key

_TABLE = "images.csv"
_COLUMNS = ("path", "species", "split")
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}


def open_folder(folder: Path, seed: int) -> FileImageSet:
    """Open `folder/SPECIES/PICTURE`.

    With an `images.csv` that has the columns path, species and split, the pictures it lists are
    the set, in its splits. Without one every picture counts, and one in five is held out, decided
    by its path.
    """
    if not folder.is_dir():
        raise ExplainersError(f"{folder} is not a folder.")
    if (folder / _TABLE).is_file():
        return FileImageSet("folder", folder, _listed(folder), licence=_licence(folder))
    candidates: list[Candidate] = []
    problems: list[ImageProblem] = []
    for path in sorted(folder.glob("*/*")):
        origin = path.relative_to(folder).as_posix()
        if path.suffix.lower() not in SUFFIXES:
            problems.append(ImageProblem(origin, "is not of a picture's file type"))
            continue
        candidates.append(Candidate(origin, species_key(path.parent.name), _split(origin, seed)))
    if not candidates:
        raise ExplainersError(
            f"{folder} has no pictures. It needs one sub-folder a species, with the pictures in it."
        )
    return FileImageSet("folder", folder, candidates, licence="not stated", problems=problems)


def _listed(folder: Path) -> list[Candidate]:
    """Return what `images.csv` lists; every bad line is named."""
    with (folder / _TABLE).open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise ExplainersError(
                f"{folder / _TABLE} lacks the columns {', '.join(missing)}. Add them, or remove "
                "the file: then every picture counts and one in five is held out."
            )
        rows = list(reader)
    bad = [
        f"line {number}: {row['path']!r} is of split {row['split']!r}"
        for number, row in enumerate(rows, 2)
        if row["split"] not in ("train", "test") or not _is_inside(row["path"])
    ]
    if bad or not rows:
        told = "; ".join(bad) or "no pictures"
        raise ExplainersError(
            f"{folder / _TABLE} has {told}. Paths lie inside the folder; a split is train or test."
        )
    return [
        Candidate(
            row["path"],
            species_key(row["species"]),
            "train" if row["split"] == "train" else "test",
        )
        for row in rows
    ]


def _is_inside(path: str) -> bool:
    given = Path(path)
    return not given.is_absolute() and ".." not in given.parts and bool(given.name)


def _licence(folder: Path) -> str:
    path = folder / "LICENCE.txt"
    first = path.read_text(encoding="utf-8").partition("\n")[0].strip() if path.is_file() else ""
    return first or "not stated"


def _split(origin: str, seed: int) -> Split:
    return "test" if derive_seed(seed, "split", origin) % 5 == 0 else "train"
