"""What an image set is: pictures of known species, each in the train or the test split."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from experiments.digest import sha256_bytes
from experiments.manifest import Species

Split = Literal["train", "test"]


@dataclass(frozen=True)
class ImageRecord:
    """One picture of an image set.

    Attributes
    ----------
    key
        Stable lower-case name, unique in the set, such as `ivory_gull-0012`.
    species
        Key of the species it shows.
    split
        Networks are fitted to `train`; `test` is held out.
    origin
        Path inside the set's folder, or the name of a drawn picture.
    """

    key: str
    species: str
    split: Split
    origin: str


@dataclass(frozen=True)
class ImageProblem:
    """A file that is not in the set, and why."""

    origin: str
    reason: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.reason}"


class ImageSet(ABC):
    """Pictures with their species and split, known by one digest.

    Attributes
    ----------
    kind
        `cub`, `folder` or `gulls`.
    licence
        Terms under which the pictures may be used.
    seed
        Of drawn pictures; None for files.
    spec
        Text that, with the seed, draws the same pictures; None for files. Another processor may
        round a few pixels otherwise, by one step.
    species
        In the order of a network's outputs.
    records
        The pictures, sorted by key.
    problems
        Files that were left out, each with its reason.
    digest
        SHA-256 over every picture's key, species, split and pixels.
    """

    kind: str
    licence: str
    seed: int | None
    spec: str | None
    species: tuple[Species, ...]
    records: tuple[ImageRecord, ...]
    problems: tuple[ImageProblem, ...]
    digest: str

    @abstractmethod
    def open(self, record: ImageRecord) -> Image.Image:
        """Return the picture: RGB, 8 bits, upright, without metadata."""

    def of_split(self, split: Split) -> tuple[ImageRecord, ...]:
        """Return the records of one split."""
        return tuple(record for record in self.records if record.split == split)

    def labels(self, records: Sequence[ImageRecord]) -> list[int]:
        """Return the position of each record's species among the network's outputs."""
        positions = {species.key: index for index, species in enumerate(self.species)}
        return [positions[record.species] for record in records]


def picture_digest(image: Image.Image) -> str:
    """Return the SHA-256 of a picture's size and RGB pixels, whatever file it came from."""
    width, height = image.size
    return sha256_bytes(f"{width}x{height}:".encode() + image.convert("RGB").tobytes())
