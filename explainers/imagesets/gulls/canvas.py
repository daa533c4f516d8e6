"""A stack of painted layers: colour, roundness, and which part of the bird each pixel shows."""

import numpy as np
from numpy.typing import NDArray

from explainers.imagesets.gulls.light import Rgb
from explainers.imagesets.gulls.marks import PARTS
from explainers.imagesets.gulls.outlines import Patch, Plane, Points, raster

Normals = tuple[Plane, Plane, Plane]
NOBODY = -1


class Layer:
    """One opaque piece with patterns on it; what lies below shows at its outer edge alone.

    Parameters
    ----------
    patch
        What the piece covers.
    colour
        Linear reflectance: one for all, or one a pixel of the patch.
    part
        Owner of its pixels; None keeps the owner they had.
    """

    def __init__(self, patch: Patch, colour: Rgb, part: str | None) -> None:
        self.patch = patch
        self.colour = np.empty((*patch.cover.shape, 3), np.float32)
        self.colour[:] = colour
        owner = NOBODY if part is None else PARTS.index(part)
        self.owner = np.full(patch.cover.shape, owner, np.int8)

    def add(self, patch: Patch | None, colour: Rgb, part: str | None) -> None:
        """Paint a pattern of one colour; what reaches beyond the piece is cut off.

        The pattern's pixels go to the part; with None they stay whose they were.
        """
        if patch is None:
            return
        own, other = self._overlap(patch)
        cover = patch.cover[other]
        below = self.colour[own]
        below += (colour - below) * cover[..., None]
        if part is not None:
            self.owner[own][cover > 0.5] = PARTS.index(part)

    def _overlap(self, patch: Patch) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """Return the windows, in this piece and in the patch, of what they share."""
        own, other = [], []
        for here, there in zip(self.patch.window, patch.window, strict=True):
            start = max(here.start, there.start)
            stop = max(start, min(here.stop, there.stop))
            own.append(slice(start - here.start, stop - here.start))
            other.append(slice(start - there.start, stop - there.start))
        return (own[0], own[1]), (other[0], other[1])


class Canvas:
    """What has been painted so far, back to front.

    Parameters
    ----------
    size
        Side of the picture.
    matrix, offset
        From the bird's frame to pixels.

    Attributes
    ----------
    colour
        Reflectance times coverage.
    cover
        How much of each pixel the bird fills.
    shade
        Share of the light that arrives.
    owner
        Index into `PARTS`, or -1.
    normals
        Right, down and towards the camera.
    """

    def __init__(self, size: int, matrix: Points, offset: Points) -> None:
        self.size = size
        self.matrix, self.offset = matrix, offset
        self.unit = float(abs(np.linalg.det(matrix)) ** 0.5)
        self.colour = np.zeros((size, size, 3), np.float32)
        self.cover = np.zeros((size, size), np.float32)
        self.shade = np.ones((size, size), np.float32)
        self.owner: NDArray[np.int8] = np.full((size, size), NOBODY, np.int8)
        flat = np.zeros((size, size), np.float32)
        self.normals: Normals = (flat, flat.copy(), flat + 1)

    def place(self, points: Points) -> Points:
        """Return points of the bird's frame in pixels."""
        return np.asarray(points @ self.matrix.T + self.offset)

    def patch(self, outlines: list[Points], *, fine: int = 2) -> Patch | None:
        """Return what outlines of the bird's frame cover."""
        return raster([self.place(outline) for outline in outlines], self.size, fine=fine)

    def paint(self, patch: Patch | None, colour: Rgb, part: str | None) -> None:
        """Cover a patch with a colour, as `Layer` takes it, and give it to a part."""
        if patch is not None:
            self.lay(Layer(patch, colour, part))

    def lay(self, layer: Layer) -> None:
        """Put a layer on top."""
        window, cover = layer.patch.window, layer.patch.cover
        kept = 1 - cover
        self.colour[window] *= kept[..., None]
        self.colour[window] += layer.colour * cover[..., None]
        self.cover[window] = 1 - (1 - self.cover[window]) * kept
        taken = (cover > 0.5) & (layer.owner != NOBODY)
        self.owner[window][taken] = layer.owner[taken]

    def stain(self, patch: Patch | None, colour: Rgb, part: str) -> None:
        """Colour what is there already, without new coverage."""
        if patch is None:
            return
        window, cover = patch.window, patch.cover
        there = self.cover[window]
        below = self.colour[window]
        below += (colour * there[..., None] - below) * cover[..., None]
        self.owner[window][(cover > 0.5) & (there > 0.5)] = PARTS.index(part)

    def darken(self, patch: Patch | None, share: float) -> None:
        """Keep a share of the light from a patch."""
        if patch is not None:
            self.shade[patch.window] *= 1 - np.float32(share) * patch.cover

    def round_off(self, patch: Patch | None, normals: Normals, share: float) -> None:
        """Mix the normals of a body into a patch."""
        if patch is None:
            return
        window = patch.window
        weight = patch.cover * np.float32(share)
        for own, other in zip(self.normals, normals, strict=True):
            own[window] += (other[window] - own[window]) * weight
