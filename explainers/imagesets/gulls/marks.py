"""The field marks of eight gull species: a mean and a spread for each.

A spread is half a range: a bird's value lies in mean ± spread, so two species differ reliably in a
mark when their ranges do not meet. Adults are described; young birds enter as noise of the scene.

Sources
-------
Grey of the upper parts is a step of the Kodak Gray Scale (0 white to 19 black), as field guides
give it since S. N. G. Howell & J. Dunn, *Gulls of the Americas* (2007), table 3. Checked against
quotations of that table: Glaucous-winged 5 to 6 with primaries 6 to 8 (birdingimagequalitytool
.blogspot.com, "Grey Scales and Gulls", parts 1 to 3), Slaty-backed 9.5 to 11.5 (pioneerbirding
.blogspot.com, 2 December 2008). The other ranges are rounded from the same literature without the
book at hand. Bare parts: Herring, Western and California after tertial.us/gulls (S. Hampton),
Ring-billed and Herring after Parks Canada's list of Point Pelee, Ivory after the Norwegian Polar
Institute and allaboutbirds.org, Heermann's after utahbirds.org. Colours in sRGB are our own choice
within those words. Bill depth is slightly exaggerated.

Against photographs
-------------------
A test compares the table with what annotators of CUB-200-2011 saw on the eight species. They
disagree where CUB shows young birds (Slaty-backed: dark bills, brown; Ivory: spots), where it has
no word (greenish legs of California, flesh-coloured legs of the large gulls), and where folded
black wing tips were counted to the back or the tail (California above all).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

Colour = tuple[float, float, float]
Value = float | Colour

PARTS: tuple[str, ...] = ("bill", "eye", "mantle", "wing_tip", "legs", "head", "tail", "body")


@dataclass(frozen=True)
class Marks:
    """What a bird of a species looks like; greys are Kodak steps, colours sRGB from 0 to 255.

    Attributes
    ----------
    mantle_grey
        Grey of back and upper wing.
    wing_tip_grey
        Grey of the outer primaries.
    mirrors
        White mirrors on the outermost primaries, counted; the last one in part.
    primary_tips
        Size of the white tips of the primaries, 0 to about 1.
    bill_base, bill_tip
        Colours of the bill; the tip begins behind the ring.
    ring
        Black ring around the bill, 0 (none) to about 1 (broad, complete).
    gonys_spot
        Red spot on the lower mandible, 0 (none) to about 1 (large).
    bill_depth
        Depth at the gonys over the length of a Herring Gull's bill.
    bill_length
        Length over that of a Herring Gull's bill.
    iris, orbital_ring
        Colours of the eye and of the bare skin around it.
    legs
        Colour of legs and feet.
    head_grey, body_grey
        Grey of head and of underparts.
    tail_band
        Grey of the tail before its white edge; 0 is an all-white tail.
    """

    mantle_grey: float
    wing_tip_grey: float
    mirrors: float
    primary_tips: float
    bill_base: Colour
    bill_tip: Colour
    ring: float
    gonys_spot: float
    bill_depth: float
    bill_length: float
    iris: Colour
    orbital_ring: Colour
    legs: Colour
    head_grey: float
    body_grey: float
    tail_band: float


MARK_PARTS: dict[str, tuple[str, ...]] = {
    "mantle_grey": ("mantle",),
    "wing_tip_grey": ("wing_tip",),
    "mirrors": ("wing_tip",),
    "primary_tips": ("wing_tip",),
    "bill_base": ("bill",),
    "bill_tip": ("bill",),
    "ring": ("bill",),
    "gonys_spot": ("bill",),
    "bill_depth": ("bill",),
    "bill_length": ("bill",),
    "iris": ("eye",),
    "orbital_ring": ("eye",),
    "legs": ("legs",),
    "head_grey": ("head",),
    "body_grey": ("body",),
    "tail_band": ("tail",),
}

_SPREADS = Marks(
    mantle_grey=0.7,
    wing_tip_grey=1.5,
    mirrors=0.4,
    primary_tips=0.15,
    bill_base=(16, 16, 16),
    bill_tip=(16, 16, 16),
    ring=0.12,
    gonys_spot=0.15,
    bill_depth=0.015,
    bill_length=0.04,
    iris=(14, 14, 14),
    orbital_ring=(16, 16, 16),
    legs=(16, 16, 16),
    head_grey=0.4,
    body_grey=0.4,
    tail_band=0.3,
)


@dataclass(frozen=True)
class Range:
    """Means and spreads of a species' marks."""

    mean: Marks
    spread: Marks

    def at(self, deviates: Mapping[str, float]) -> Marks:
        """Return the bird that lies `deviates` (each -1 to 1) spreads from the mean."""
        values: dict[str, Any] = {
            name: _shift(getattr(self.mean, name), getattr(self.spread, name), deviates[name])
            for name in MARK_PARTS
        }
        return Marks(**values)


def _species(mean: Marks, **spreads: Value) -> Range:
    return Range(mean, replace(_SPREADS, **spreads))  # type: ignore[arg-type]


_PALE_TIP: Colour = (236, 212, 122)
SPECIES: dict[str, Range] = {
    "california_gull": _species(
        Marks(
            mantle_grey=6.3, wing_tip_grey=16.5, mirrors=2.0, primary_tips=0.7,
            bill_base=(234, 194, 62), bill_tip=_PALE_TIP, ring=0.5, gonys_spot=0.75,
            bill_depth=0.33, bill_length=0.96, iris=(48, 36, 30),
            orbital_ring=(206, 56, 40), legs=(178, 176, 84),
            head_grey=0.0, body_grey=0.0, tail_band=0.0,
        ),
    ),
    "glaucous_winged_gull": _species(
        Marks(
            mantle_grey=5.5, wing_tip_grey=7.0, mirrors=1.4, primary_tips=0.6,
            bill_base=(232, 190, 64), bill_tip=_PALE_TIP, ring=0.0, gonys_spot=0.8,
            bill_depth=0.385, bill_length=1.0, iris=(58, 42, 32),
            orbital_ring=(196, 96, 138), legs=(202, 132, 142),
            head_grey=0.0, body_grey=0.0, tail_band=0.0,
        ),
        mantle_grey=0.5, wing_tip_grey=1.0,
    ),
    "heermann_gull": _species(
        Marks(
            mantle_grey=9.0, wing_tip_grey=16.0, mirrors=0.0, primary_tips=0.1,
            bill_base=(184, 42, 36), bill_tip=(30, 26, 28), ring=0.0, gonys_spot=0.0,
            bill_depth=0.345, bill_length=0.9, iris=(46, 34, 30),
            orbital_ring=(196, 40, 36), legs=(40, 38, 42),
            head_grey=0.6, body_grey=5.5, tail_band=16.0,
        ),
        mantle_grey=1.0, mirrors=0.0, primary_tips=0.1, head_grey=0.6, body_grey=1.2,
        tail_band=1.5, ring=0.0, gonys_spot=0.0,
    ),
    "herring_gull": _species(
        Marks(
            mantle_grey=4.0, wing_tip_grey=16.5, mirrors=1.6, primary_tips=0.6,
            bill_base=(234, 196, 66), bill_tip=_PALE_TIP, ring=0.0, gonys_spot=0.8,
            bill_depth=0.36, bill_length=1.0, iris=(234, 220, 130),
            orbital_ring=(230, 154, 40),
            legs=(214, 158, 152), head_grey=0.0, body_grey=0.0, tail_band=0.0,
        ),
    ),
    "ivory_gull": _species(
        Marks(
            mantle_grey=0.0, wing_tip_grey=0.0, mirrors=0.0, primary_tips=0.0,
            bill_base=(116, 136, 146), bill_tip=(230, 190, 74), ring=0.0, gonys_spot=0.0,
            bill_depth=0.32, bill_length=0.7, iris=(32, 27, 27),
            orbital_ring=(44, 38, 38), legs=(36, 35, 38),
            head_grey=0.0, body_grey=0.0, tail_band=0.0,
        ),
        mantle_grey=0.3, wing_tip_grey=0.3, mirrors=0.0, primary_tips=0.0, ring=0.0,
        gonys_spot=0.0,
    ),
    "ring_billed_gull": _species(
        Marks(
            mantle_grey=4.4, wing_tip_grey=16.5, mirrors=1.8, primary_tips=0.55,
            bill_base=(238, 206, 66), bill_tip=(236, 212, 110), ring=1.0, gonys_spot=0.0,
            bill_depth=0.31, bill_length=0.88, iris=(232, 214, 104),
            orbital_ring=(196, 50, 40),
            legs=(226, 194, 52), head_grey=0.0, body_grey=0.0, tail_band=0.0,
        ),
        mantle_grey=0.5, gonys_spot=0.0,
    ),
    "slaty_backed_gull": _species(
        Marks(
            mantle_grey=10.5, wing_tip_grey=16.5, mirrors=2.4, primary_tips=0.95,
            bill_base=(228, 202, 96), bill_tip=_PALE_TIP, ring=0.0, gonys_spot=0.85,
            bill_depth=0.38, bill_length=0.98, iris=(228, 214, 146),
            orbital_ring=(206, 66, 104),
            legs=(208, 92, 124), head_grey=0.0, body_grey=0.0, tail_band=0.0,
        ),
        mantle_grey=1.0,
    ),
    "western_gull": _species(
        Marks(
            mantle_grey=8.8, wing_tip_grey=17.0, mirrors=1.0, primary_tips=0.5,
            bill_base=(246, 172, 26), bill_tip=(240, 198, 86), ring=0.0, gonys_spot=0.95,
            bill_depth=0.425, bill_length=1.0, iris=(150, 112, 54),
            orbital_ring=(238, 182, 40),
            legs=(214, 168, 158), head_grey=0.0, body_grey=0.0, tail_band=0.0,
        ),
        mantle_grey=0.8,
    ),
}  # fmt: skip

SIMILAR: dict[str, str] = {
    "california_gull": "ring_billed_gull",
    "glaucous_winged_gull": "herring_gull",
    "heermann_gull": "western_gull",
    "herring_gull": "glaucous_winged_gull",
    "ivory_gull": "glaucous_winged_gull",
    "ring_billed_gull": "california_gull",
    "slaty_backed_gull": "western_gull",
    "western_gull": "slaty_backed_gull",
}


def marks_of(species: str, deviates: Mapping[str, float], similarity: float = 0.0) -> Marks:
    """Return the marks of one bird.

    Parameters
    ----------
    species
        Key in `SPECIES`.
    deviates
        Where in its range each mark lies, from -1 to 1.
    similarity
        Share of the way to the same bird of the most similar species, below 0.5.
    """
    own = SPECIES[species].at(deviates)
    other = SPECIES[SIMILAR[species]].at(deviates)
    return _mixed(own, other, similarity)


def telling_marks(species: str, other: str, similarity: float = 0.0) -> tuple[str, ...]:
    """Return the marks on which two species differ by more than their spread, in field order.

    Parameters
    ----------
    species, other
        Keys in `SPECIES`.
    similarity
        As in `marks_of`. Each is pulled towards its own most similar species, so that marks which
        tell two species apart at first may not do so in the end.
    """
    one, two = _pulled(species, similarity), _pulled(other, similarity)
    return tuple(
        name
        for name in MARK_PARTS
        if distance(getattr(one.mean, name), getattr(two.mean, name))
        > _radius(getattr(one.spread, name)) + _radius(getattr(two.spread, name))
    )


def telling_parts(species: str, other: str, similarity: float = 0.0) -> tuple[str, ...]:
    """Return the parts, in the order of `PARTS`, that show a mark telling the two apart."""
    marks = telling_marks(species, other, similarity)
    shown = {part for mark in marks for part in MARK_PARTS[mark]}
    return tuple(part for part in PARTS if part in shown)


def _pulled(species: str, similarity: float) -> Range:
    """Return where the birds of a species lie once they are pulled to the most similar one."""
    own, other = SPECIES[species], SPECIES[SIMILAR[species]]
    return Range(
        _mixed(own.mean, other.mean, similarity), _mixed(own.spread, other.spread, similarity)
    )


def _mixed(one: Marks, two: Marks, share: float) -> Marks:
    values: dict[str, Any] = {
        name: _mix(getattr(one, name), getattr(two, name), share) for name in MARK_PARTS
    }
    return Marks(**values)


def distance(one: Value, two: Value) -> float:
    """Return how far two values of a mark are apart; colours in root mean square sRGB steps."""
    if isinstance(one, tuple) and isinstance(two, tuple):
        return float((sum((a - b) ** 2 for a, b in zip(one, two, strict=True)) / 3) ** 0.5)
    assert not isinstance(one, tuple) and not isinstance(two, tuple)
    return abs(one - two)


def _radius(spread: Value) -> float:
    return distance(spread, (0.0, 0.0, 0.0)) if isinstance(spread, tuple) else spread


def _shift(mean: Value, spread: Value, deviate: float) -> Value:
    if isinstance(mean, tuple) and isinstance(spread, tuple):
        parts = (min(255.0, max(0.0, m + s * deviate)) for m, s in zip(mean, spread, strict=True))
        red, green, blue = parts
        return red, green, blue
    assert not isinstance(mean, tuple) and not isinstance(spread, tuple)
    return max(0.0, mean + spread * deviate)


def _mix(one: Value, two: Value, share: float) -> Value:
    if isinstance(one, tuple) and isinstance(two, tuple):
        red, green, blue = (a + (b - a) * share for a, b in zip(one, two, strict=True))
        return red, green, blue
    assert not isinstance(one, tuple) and not isinstance(two, tuple)
    return one + (two - one) * share


assert tuple(MARK_PARTS) == tuple(field.name for field in fields(Marks))
