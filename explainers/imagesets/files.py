"""Image sets made of files: every file is opened once, and every bad one is named."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from experiments.digest import sha256_json
from experiments.manifest import Species
from explainers.images import ImageProblem, ImageRecord, ImageSet, Split, picture_digest
from explainers.imagesets.reading import UnusablePicture, read_picture

_SPELT = {
    "glaucous_winged_gull": "Glaucous-winged Gull",
    "heermann_gull": "Heermann's Gull",
    "ring_billed_gull": "Ring-billed Gull",
    "slaty_backed_gull": "Slaty-backed Gull",
}


@dataclass(frozen=True)
class Candidate:
    """A file that an image set claims."""

    origin: str
    species: str
    split: Split


class FileImageSet(ImageSet):
    """Pictures in files below one folder.

    Files that can't be used, and second copies of the same pixels, are in `problems`.
    """

    seed = None
    spec = None

    def __init__(
        self,
        kind: str,
        folder: Path,
        candidates: Iterable[Candidate],
        *,
        licence: str,
        problems: Iterable[ImageProblem] = (),
    ) -> None:
        self.kind = kind
        self.licence = licence
        self.folder = folder
        found = list(problems)
        kept = list(self._scan(sorted(candidates, key=lambda c: c.origin), found))
        self.records = tuple(sorted((r for r, _ in kept), key=lambda record: record.key))
        self.problems = tuple(found)
        names = {record.species for record in self.records}
        self.species = tuple(Species(key=name, name=species_name(name)) for name in sorted(names))
        self.digest = sha256_json(sorted([r.key, r.species, r.split, d] for r, d in kept))

    def open(self, record: ImageRecord) -> Image.Image:
        """Return the picture of a record."""
        return read_picture(self.folder / record.origin)

    def _scan(
        self, candidates: list[Candidate], problems: list[ImageProblem]
    ) -> Iterable[tuple[ImageRecord, str]]:
        first: dict[str, Candidate] = {}
        named: dict[str, Candidate] = {}
        for candidate in candidates:
            try:
                digest = picture_digest(read_picture(self.folder / candidate.origin))
            except UnusablePicture as reason:
                problems.append(ImageProblem(candidate.origin, str(reason)))
                continue
            if digest in first:
                problems.append(ImageProblem(candidate.origin, _doubled(candidate, first[digest])))
                continue
            record = _record(candidate)
            if record.key in named:
                other = named[record.key].origin
                problems.append(
                    ImageProblem(candidate.origin, f"has the name of {other}: rename it")
                )
                continue
            first[digest] = named[record.key] = candidate
            yield record, digest


def species_key(folder_name: str) -> str:
    """Return the key of a species from a folder's name, such as `061.Heermann_Gull`."""
    bare = re.sub(r"^\d+\.", "", folder_name)
    return re.sub(r"[^a-z0-9]+", "_", bare.lower()).strip("_")


def species_name(key: str) -> str:
    """Return the name people read.

    A folder's name has lost hyphens and apostrophes; for the gulls of CUB they are put back.
    """
    return _SPELT.get(key) or " ".join(word.capitalize() for word in key.split("_"))


def _record(candidate: Candidate) -> ImageRecord:
    stem = re.sub(r"[^a-z0-9_.-]+", "-", Path(candidate.origin).stem.lower())
    return ImageRecord(
        key=f"{candidate.species}-{stem}",
        species=candidate.species,
        split=candidate.split,
        origin=candidate.origin,
    )


def _doubled(candidate: Candidate, first: Candidate) -> str:
    if candidate.species != first.species:
        return f"is mislabelled here or there: the same pixels as {first.origin} ({first.species})"
    return f"is a duplicate of {first.origin}"
