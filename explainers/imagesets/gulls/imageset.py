"""Drawn gulls as an image set."""

import numpy as np
from PIL import Image

from experiments.digest import derive_seed, sha256_json
from experiments.manifest import Species
from explainers.errors import ExplainersError
from explainers.images import ImageRecord, ImageSet
from explainers.imagesets.files import species_name
from explainers.imagesets.gulls.difficulty import difficulty_of
from explainers.imagesets.gulls.drawing import Drawing, draw
from explainers.imagesets.gulls.marks import (
    MARK_PARTS,
    SPECIES,
    Marks,
    marks_of,
    telling_marks,
    telling_parts,
)
from explainers.imagesets.gulls.scene import Scene, scene_of

# Raise it when a change moves a single pixel: networks and builds know their pictures by it.
VERSION = 3
SMALLEST_SIZE = 32


class DrawnGulls(ImageSet):
    """`count` drawings of each species; every fifth is held out.

    A picture is decided by seed, species, number, difficulty and size, at any count.

    Parameters
    ----------
    count
        Pictures a species.
    seed
        Of all randomness.
    difficulty
        How hard the marks are to see, 0 to 1.
    size
        Side of the pictures in pixels.
    """

    kind = "gulls"
    seed: int
    licence = "CC0"
    problems = ()

    def __init__(self, count: int, seed: int, *, difficulty: float = 0.5, size: int = 224) -> None:
        if size < SMALLEST_SIZE:
            raise ExplainersError(f"size={size}: drawn gulls need at least {SMALLEST_SIZE} pixels.")
        self.seed = seed
        self.difficulty, self.size = difficulty, size
        self._difficulty = difficulty_of(difficulty)
        self.species = tuple(Species(key=key, name=species_name(key)) for key in sorted(SPECIES))
        self.records = tuple(
            ImageRecord(
                key=f"{key}-{number:04}",
                species=key,
                split="test" if number % 5 == 0 else "train",
                origin=f"drawn {key} {number}",
            )
            for key in sorted(SPECIES)
            for number in range(count)
        )
        self.spec = f"gulls:{count}?difficulty={difficulty}&size={size}"
        self.digest = sha256_json(["gulls", VERSION, seed, count, difficulty, size])

    def open(self, record: ImageRecord) -> Image.Image:
        """Draw the picture of a record."""
        return self.truth(record).picture

    def truth(self, record: ImageRecord) -> Drawing:
        """Draw a record, with its visible parts and its marks."""
        return draw(self.marks(record), self.scene(record), self.size)

    def twin(self, record: ImageRecord, mark: str, other: str) -> Drawing:
        """Draw a record once more with one mark as the same bird of another species had it.

        Parameters
        ----------
        record
            The picture to change.
        mark
            One of `MARK_PARTS`.
        other
            Key of the species that lends the mark.
        """
        if mark not in MARK_PARTS:
            raise ExplainersError(f"{mark!r} is no mark. Use {', '.join(MARK_PARTS)}.")
        if other not in SPECIES:
            raise ExplainersError(f"{other!r} is no species. Use {', '.join(SPECIES)}.")
        lent = {mark: getattr(self._marks(record, other), mark)}
        marks = Marks(**{**vars(self.marks(record)), **lent})
        return draw(marks, self.scene(record), self.size)

    def assorted(self, species: str, number: int) -> list[ImageRecord]:
        """Return up to `number` records of a species, its poses in turn."""
        poses: dict[str, list[ImageRecord]] = {"standing": [], "flying": [], "swimming": []}
        for record in self.records:
            if record.species == species:
                poses[self.scene(record).pose].append(record)
        chosen: list[ImageRecord] = []
        while len(chosen) < number and any(poses.values()):
            for pose in ("standing", "flying", "standing", "swimming"):
                if poses[pose] and len(chosen) < number:
                    chosen.append(poses[pose].pop(0))
        return chosen

    def telling_marks(self, species: str, other: str) -> tuple[str, ...]:
        """Return the marks on which no two birds of these species agree at this difficulty."""
        return telling_marks(species, other, self._difficulty.similarity)

    def telling_parts(self, species: str, other: str) -> tuple[str, ...]:
        """Return the parts, in the order of `PARTS`, that show such a mark."""
        return telling_parts(species, other, self._difficulty.similarity)

    def marks(self, record: ImageRecord) -> Marks:
        """Return the marks of a record's bird."""
        return self._marks(record, record.species)

    def scene(self, record: ImageRecord) -> Scene:
        """Return all that a record shows beside the marks."""
        return scene_of(derive_seed(self.seed, record.key), self._difficulty)

    def _marks(self, record: ImageRecord, species: str) -> Marks:
        chance = np.random.default_rng(derive_seed(self.seed, record.key, "marks"))
        deviates = {mark: float(chance.triangular(-1, 0, 1)) for mark in MARK_PARTS}
        return marks_of(species, deviates, self._difficulty.similarity)
