"""A folder with one sub-folder a species."""

from pathlib import Path

from experiments.digest import derive_seed
from explainers.errors import ExplainersError
from explainers.images import ImageProblem, Split
from explainers.imagesets.files import Candidate, FileImageSet, species_key

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}


def open_folder(folder: Path, seed: int) -> FileImageSet:
    """Open `folder/SPECIES/PICTURE`; one picture in five is held out, decided by its path."""
    if not folder.is_dir():
        raise ExplainersError(f"{folder} is not a folder.")
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


def _split(origin: str, seed: int) -> Split:
    return "test" if derive_seed(seed, "split", origin) % 5 == 0 else "train"
