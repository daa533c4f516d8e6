"""Drawn gulls: pictures for the demo that need no download and belong to everybody (CC0).

Four species that differ, as in the field, in mantle, wing tips, bill and legs. A picture is
decided by (seed, species, number) alone, at any count.
"""

import random
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from experiments.digest import derive_seed, sha256_json
from experiments.manifest import Species
from explainers.images import ImageRecord, ImageSet
from explainers.imagesets.files import species_name

SIZE = 224
_OVERSAMPLING = 3
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Marks:
    """The field marks of a species."""

    mantle: Colour
    wing_tip: Colour
    bill: Colour
    legs: Colour
    ring: Colour | None = None
    spot: Colour | None = None
    bill_tip: Colour | None = None


_BLACK: Colour = (28, 28, 32)
MARKS = {
    "california_gull": Marks(
        (128, 138, 150), _BLACK, (226, 190, 60), (170, 176, 92), ring=_BLACK, spot=(190, 40, 30)
    ),
    "herring_gull": Marks(
        (176, 184, 192), _BLACK, (232, 194, 60), (222, 158, 158), spot=(205, 45, 35)
    ),
    "ivory_gull": Marks(
        (238, 238, 236), (236, 236, 234), (112, 132, 142), _BLACK, bill_tip=(226, 190, 80)
    ),
    "ring_billed_gull": Marks((182, 189, 196), _BLACK, (236, 204, 70), (222, 196, 62), ring=_BLACK),
}


class DrawnGulls(ImageSet):
    """`count` drawings of each species; every fifth is held out."""

    kind = "gulls"
    licence = "CC0"
    problems = ()

    def __init__(self, count: int, seed: int) -> None:
        self.seed = seed
        self.species = tuple(Species(key=key, name=species_name(key)) for key in sorted(MARKS))
        self.records = tuple(
            ImageRecord(
                key=f"{key}-{number:04}",
                species=key,
                split="test" if number % 5 == 0 else "train",
                origin=f"drawn {key} {number}",
            )
            for key in sorted(MARKS)
            for number in range(count)
        )
        self.digest = sha256_json(["gulls-1", seed, count])

    def open(self, record: ImageRecord) -> Image.Image:
        """Draw the picture of a record."""
        return draw_gull(MARKS[record.species], derive_seed(self.seed or 0, record.key))


def draw_gull(marks: Marks, seed: int) -> Image.Image:
    """Return a picture of a standing gull, (224, 224), RGB."""
    chance = random.Random(seed)
    side = SIZE * _OVERSAMPLING
    canvas = _background(chance, side)
    bird = Image.new("RGBA", (side, side))
    _Gull(ImageDraw.Draw(bird), marks, chance, side).draw()
    if chance.random() < 0.5:
        bird = bird.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    bird = bird.rotate(chance.uniform(-8, 8), Image.Resampling.BICUBIC)
    canvas.paste(bird, (0, 0), bird)
    picture = canvas.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    return picture.filter(ImageFilter.GaussianBlur(chance.uniform(0.0, 0.9)))


def _background(chance: random.Random, side: int) -> Image.Image:
    sky = _shade(chance, (176, 200, 220), 28)
    ground = _shade(chance, chance.choice([(92, 128, 146), (168, 152, 122), (110, 110, 112)]), 22)
    small = Image.new("RGB", (8, 8), sky)
    horizon = chance.randrange(3, 6)
    for row in range(8):
        for column in range(8):
            base = sky if row < horizon else ground
            small.putpixel((column, row), _shade(chance, base, 12))
    return small.resize((side, side), Image.Resampling.BICUBIC)


def _shade(chance: random.Random, colour: Colour, spread: int) -> Colour:
    shift = chance.randint(-spread, spread)
    red, green, blue = (min(255, max(0, part + shift)) for part in colour)
    return red, green, blue


class _Gull:
    """Draws one bird that looks to the right, in its own coordinates from 0 to 1."""

    def __init__(
        self, pen: ImageDraw.ImageDraw, marks: Marks, chance: random.Random, side: int
    ) -> None:
        self.pen, self.marks, self.chance = pen, marks, chance
        self.scale = side * chance.uniform(0.62, 0.9)
        self.left = (side - self.scale) * chance.uniform(0.15, 0.85)
        self.top = (side - self.scale) * chance.uniform(0.2, 0.9)
        self.light = chance.randint(-14, 8)

    def draw(self) -> None:
        """Back to front: legs, tail, body, wing, head, bill, eye."""
        self._legs()
        white = self._lit((240, 240, 238))
        self._shape([(0.02, 0.50), (0.26, 0.46), (0.26, 0.58), (0.05, 0.57)], white)
        self._ellipse(0.16, 0.38, 0.78, 0.68, white)
        self._ellipse(0.24, 0.52, 0.74, 0.69, self._lit((206, 208, 210)))
        self._ellipse(0.20, 0.40, 0.77, 0.65, white)
        self._wing()
        self._shape([(0.60, 0.48), (0.64, 0.30), (0.80, 0.30), (0.77, 0.56)], white)
        self._ellipse(0.62, 0.20, 0.84, 0.40, white)
        self._bill()
        self._ellipse(0.755, 0.262, 0.785, 0.292, _BLACK)

    def _wing(self) -> None:
        mantle = self._lit(self.marks.mantle)
        wing = [(0.66, 0.42), (0.52, 0.37), (0.30, 0.41), (0.10, 0.50), (0.24, 0.56), (0.52, 0.59)]
        self._shape(wing, mantle)
        tip = self._lit(self.marks.wing_tip)
        self._shape([(0.27, 0.46), (-0.01, 0.53), (0.01, 0.56), (0.24, 0.55)], tip)
        if self.marks.wing_tip == _BLACK:
            for x in (0.05, 0.11):
                self._ellipse(x, 0.525, x + 0.022, 0.543, (240, 240, 238))

    def _bill(self) -> None:
        bill = self._lit(self.marks.bill)
        self._shape(
            [(0.82, 0.27), (0.95, 0.295), (0.965, 0.335), (0.92, 0.335), (0.82, 0.335)], bill
        )
        if self.marks.bill_tip:
            self._shape(
                [(0.92, 0.29), (0.95, 0.295), (0.965, 0.335), (0.92, 0.335)], self.marks.bill_tip
            )
        if self.marks.ring:
            self._shape(
                [(0.905, 0.286), (0.93, 0.291), (0.93, 0.335), (0.905, 0.335)], self.marks.ring
            )
        if self.marks.spot:
            shift = -0.035 if self.marks.ring else 0.0
            self._ellipse(0.895 + shift, 0.312, 0.93 + shift, 0.338, self.marks.spot)

    def _legs(self) -> None:
        legs = self._lit(self.marks.legs)
        for x in (0.44, 0.53):
            self._shape([(x, 0.64), (x + 0.022, 0.64), (x + 0.022, 0.88), (x, 0.88)], legs)
            self._shape(
                [(x - 0.01, 0.87), (x + 0.08, 0.885), (x + 0.08, 0.90), (x - 0.01, 0.895)], legs
            )

    def _lit(self, colour: Colour) -> Colour:
        red, green, blue = (min(255, max(0, part + self.light)) for part in colour)
        return red, green, blue

    def _point(self, x: float, y: float) -> tuple[float, float]:
        return self.left + x * self.scale, self.top + y * self.scale

    def _shape(self, points: list[tuple[float, float]], colour: Colour) -> None:
        self.pen.polygon([self._point(x, y) for x, y in points], fill=(*colour, 255))

    def _ellipse(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        self.pen.ellipse([self._point(x0, y0), self._point(x1, y1)], fill=(*colour, 255))
