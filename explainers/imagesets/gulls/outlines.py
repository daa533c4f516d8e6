"""Smooth outlines, the patches of the picture they cover, and the roundness they suggest."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Points = NDArray[np.float64]
Plane = NDArray[np.floating[Any]]

_STEPS = np.linspace(0, 1, 8, endpoint=False)
_SPLINE = 0.5 * np.stack(
    [
        -_STEPS + 2 * _STEPS**2 - _STEPS**3,
        2 - 5 * _STEPS**2 + 3 * _STEPS**3,
        _STEPS + 4 * _STEPS**2 - 3 * _STEPS**3,
        -(_STEPS**2) + _STEPS**3,
    ],
    axis=1,
)
_NEIGHBOURS = np.array([-1, 0, 1, 2])
_CIRCLE = np.linspace(0, 2 * np.pi, 24, endpoint=False)
_CIRCLE = np.stack([np.cos(_CIRCLE), np.sin(_CIRCLE)], axis=1)
_GRID = 48
_SWEEPS = 18


@dataclass(frozen=True)
class Patch:
    """Coverage, 0 to 1, of a rectangle of the picture whose corner is (top, left)."""

    top: int
    left: int
    cover: Plane

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the picture."""
        height, width = self.cover.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)

    def grown(self, margin: float, size: int) -> "Patch":
        """Return the same coverage with more room around it, inside the picture."""
        room = int(margin) + 1
        top, left = max(0, self.top - room), max(0, self.left - room)
        bottom = min(size, self.top + self.cover.shape[0] + room)
        right = min(size, self.left + self.cover.shape[1] + room)
        cover = np.zeros((bottom - top, right - left), np.float32)
        inner = np.s_[self.top - top :, self.left - left :]
        cover[inner][: self.cover.shape[0], : self.cover.shape[1]] = self.cover
        return Patch(top, left, cover)

    def on(self, size: int) -> Plane:
        """Return the coverage of the whole picture, (size, size)."""
        plane = np.zeros((size, size), np.float32)
        plane[self.window] = self.cover
        return plane


def closed(points: Points) -> Points:
    """Return a smooth closed curve through the points; a point given twice is a corner."""
    around = points[(np.arange(len(points))[:, None] + _NEIGHBOURS) % len(points)]
    return np.asarray((_SPLINE @ around).reshape(-1, 2))


def smooth(points: list[tuple[float, float]]) -> Points:
    """Return the smooth closed curve through points that are written down."""
    return closed(np.array(points))


def along(points: Points) -> Points:
    """Return a smooth open curve from the first point to the last."""
    ends = np.concatenate([points[:1], points, points[-1:]])
    around = np.stack([ends[shift : len(ends) - 3 + shift] for shift in range(4)], axis=1)
    return np.concatenate([(_SPLINE @ around).reshape(-1, 2), points[-1:]])


def ellipse(centre: Points, wide: float, high: float, turn: float = 0.0) -> Points:
    """Return an ellipse's outline; `turn` in radians."""
    cosine, sine = np.cos(turn), np.sin(turn)
    axes = np.array([[wide * cosine, wide * sine], [-high * sine, high * cosine]])
    return np.asarray(centre + _CIRCLE @ axes)


def tube(points: Points, widths: Points) -> Points:
    """Return the outline of a limb along a line, with its half width at every point."""
    ahead = np.gradient(points, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True) + 1e-9
    side = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) * widths[:, None]
    return np.concatenate([points + side, (points - side)[::-1]])


def rotation(angle: float) -> Points:
    """Return the matrix that turns by an angle in radians, from x towards y."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, -sine], [sine, cosine]])


def raster(outlines: list[Points], size: int, *, fine: int = 2) -> Patch | None:
    """Return what the union of outlines, in pixels, covers of a picture; None when nothing.

    Parameters
    ----------
    outlines
        Closed curves, (N, 2) as x and y.
    size
        Side of the picture.
    fine
        Samples a pixel, along each side.
    """
    every = np.concatenate(outlines)
    low = np.maximum(np.floor(every.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(every.max(axis=0)).astype(int) + 1, size)
    if (high <= low).any():
        return None
    width, height = (high - low).tolist()
    image = Image.new("L", (width * fine, height * fine))
    pen = ImageDraw.Draw(image)
    for outline in outlines:
        pen.polygon(((outline - low) * fine).ravel().tolist(), fill=255)
    return Patch(int(low[1]), int(low[0]), as_plane(image.reduce(fine)) / np.float32(255))


def joined(patches: list[Patch], size: int) -> Plane:
    """Return what any of the patches covers of the whole picture."""
    plane = np.zeros((size, size), np.float32)
    for patch in patches:
        plane[patch.window] = np.maximum(plane[patch.window], patch.cover)
    return plane


def as_plane(image: Image.Image) -> Plane:
    """Return the values of a one-channel image."""
    return np.asarray(image, np.float32)


def noise(chance: np.random.Generator, size: int, along: int, across: int) -> Plane:
    """Return smooth noise, `along` by `across` cells."""
    return resized(chance.standard_normal((across, along)).astype(np.float32), size)


def resized(plane: Plane, size: int) -> Plane:
    """Return a plane at another size, smooth."""
    image = Image.fromarray(plane).resize((size, size), Image.Resampling.BICUBIC)
    return as_plane(image)


def softened(plane: Plane, radius: float) -> Plane:
    """Return a plane of values 0 to 1, blurred; the radius is a deviation in pixels."""
    image = Image.fromarray((np.clip(plane, 0, 1) * np.float32(255)).astype(np.uint8))
    blurred = image.filter(ImageFilter.BoxBlur(radius * 1.73))
    return as_plane(blurred) / np.float32(255)


def inflated(cover: Plane) -> tuple[Plane, Plane, Plane]:
    """Return the unit normals (x, y, z) of the round body whose silhouette is `cover`.

    The membrane equation with the silhouette as its border is solved on a coarse grid: for a disc
    its root is a sphere.
    """
    size = cover.shape[0]
    shape = as_plane(Image.fromarray(cover).resize((_GRID, _GRID), Image.Resampling.BOX))
    grid = np.zeros((_GRID // 4, _GRID // 4), np.float32)
    for step in (4, 2, 1):
        side = _GRID // step
        coarse = shape.reshape(side, step, side, step).mean(axis=(1, 3))
        grid = _relaxed(resized(grid, side) if step < 4 else grid, coarse, side)
    square = grid * 4
    down, right = np.gradient(square)
    x, y = right * np.float32(-_GRID / 2), down * np.float32(-_GRID / 2)
    length = np.sqrt(x * x + y * y + np.maximum(square, np.float32(2e-4)))
    x, y = resized(x / length, size), resized(y / length, size)
    return x, y, np.sqrt(np.maximum(1 - x * x - y * y, 0))


def _relaxed(grid: Plane, shape: Plane, side: int) -> Plane:
    padded = np.zeros((side + 2, side + 2), np.float32)
    inner = padded[1:-1, 1:-1]
    inner[:] = grid * shape
    quarter, push = shape * np.float32(0.25), shape * np.float32(1.0 / (4 * side * side))
    for _ in range(_SWEEPS):
        around = padded[:-2, 1:-1] + padded[2:, 1:-1]
        around += padded[1:-1, :-2]
        around += padded[1:-1, 2:]
        around *= quarter
        np.add(around, push, out=inner)
    return inner.copy()
