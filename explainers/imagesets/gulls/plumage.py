"""Feathers: the texture of wings, the folded wing's tips, streaks and mottles."""

import numpy as np

from explainers.imagesets.gulls.outlines import Plane, Points, as_plane, ellipse, resized, softened
from explainers.imagesets.gulls.scene import Generator
from PIL import Image, ImageDraw

_ARC = np.stack(
    [np.cos(np.linspace(1.9, 4.4, 7)), np.sin(np.linspace(1.9, 4.4, 7))], axis=1
)  # the hind edge of a feather that points back


def scales(rows: list[tuple[Points, Points, int, float]], chance: Generator) -> list[Points]:
    """Return the hind edges of feathers in rows.

    Parameters
    ----------
    rows
        Of each row: first feather, last feather, number, size.
    chance
        Moves every feather a little.
    """
    found = []
    for first, last, number, size in rows:
        shares = (np.arange(number) + chance.uniform(-0.2, 0.2, number)) / max(1, number - 1)
        for share in shares:
            centre = first + (last - first) * share
            found.append(centre + _ARC * np.array([size, size * 0.62]))
    return found


def engraved(lines: list[Points], width: float, size: int) -> Plane:
    """Return soft lines as coverage of the whole picture."""
    image = Image.new("L", (size, size))
    pen = ImageDraw.Draw(image)
    for line in lines:
        pen.line(line.ravel().tolist(), fill=255, width=max(1, round(width)))
    return softened(as_plane(image) / np.float32(255), max(0.6, width * 0.6))


def grain(chance: Generator, size: int, along: int, across: int) -> Plane:
    """Return smooth noise of mean 0 and deviation about 1, finer across than along."""
    coarse = chance.standard_normal((across, along)).astype(np.float32)
    image = Image.fromarray(coarse).resize((size, size), Image.Resampling.BICUBIC)
    return as_plane(image)


def blotches(chance: Generator, size: int, cells: int, share: float) -> Plane:
    """Return blotches that cover about `share` of the picture, soft-edged."""
    field = resized(chance.standard_normal((cells, cells)).astype(np.float32), size)
    edge = np.float32(1.1 - 1.6 * share)
    return np.clip((field - edge) * np.float32(2.2), 0, 1)


def tip_places(tip: Points, root: Points, number: int) -> list[Points]:
    """Return where the tips of folded primaries lie, from the longest inwards."""
    shares = np.cumsum([0.0, *(0.16 * 0.93**k for k in range(number - 1))])
    return [tip + (root - tip) * share for share in shares]


def tip_spots(places: list[Points], size: float, turn: float) -> list[Points]:
    """Return the white ends of folded primaries."""
    return [ellipse(place, 0.036 * size, 0.021 * size, turn) for place in places]
