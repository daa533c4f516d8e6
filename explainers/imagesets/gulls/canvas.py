"""A stack of painted patches: colour, roundness, and which part of the bird each pixel shows."""

import numpy as np
from numpy.typing import NDArray

from explainers.imagesets.gulls.light import Rgb
from explainers.imagesets.gulls.marks import PARTS
from explainers.imagesets.gulls.outlines import Patch, Plane, Points, raster

Normals = tuple[Plane, Plane, Plane]
_NONE = -1


class Canvas:
    """What has been painted so far, back to front.

    Parameters
    ----------
    size
        Side of the picture.
    matrix, offset
        From the bird's frame to pixels.
    """

    def __init__(self, size: int, matrix: Points, offset: Points) -> None:
        self.size = size
        self.matrix, self.offset = matrix, offset
        self.unit = float(abs(np.linalg.det(matrix)) ** 0.5)
        self.colour = np.zeros((size, size, 3), np.float32)
        self.cover = np.zeros((size, size), np.float32)
        self.shade = np.ones((size, size), np.float32)
        self.owner: NDArray[np.int8] = np.full((size, size), _NONE, np.int8)
        flat = np.zeros((size, size), np.float32)
        self.normals = (flat, flat.copy(), flat + 1)

    def place(self, points: Points) -> Points:
        """Return points of the bird's frame in pixels."""
        return np.asarray(points @ self.matrix.T + self.offset)

    def patch(self, outlines: list[Points], *, fine: int = 2) -> Patch | None:
        """Return what outlines of the bird's frame cover."""
        return raster([self.place(outline) for outline in outlines], self.size, fine=fine)

    def paint(
        self, patch: Patch | None, colour: Rgb, part: str | None, *, within: Plane | None = None
    ) -> None:
        """Cover a patch with a colour, (3,) or one a pixel of the picture, and give it to a part.

        Parameters
        ----------
        patch
            Where.
        colour
            Linear reflectance.
        part
            Owner of the pixels from now on; None keeps the owner.
        within
            Coverage of the whole picture that the patch is clipped to.
        """
        if patch is None:
            return
        window, cover = patch.window, patch.cover
        if within is not None:
            cover = cover * within[window]
        kept = (1 - cover)[..., None]
        paint = colour[window] if colour.ndim == 3 else colour
        self.colour[window] = self.colour[window] * kept + paint * cover[..., None]
        self.cover[window] = np.maximum(self.cover[window], cover)
        if part is not None:
            self.owner[window][cover > 0.5] = PARTS.index(part)

    def tint(self, cover: Plane, colour: Rgb, part: str | None = None) -> None:
        """Mix a colour in over the whole picture, without new coverage."""
        share = cover[..., None]
        self.colour = self.colour * (1 - share) + colour * share
        if part is not None:
            self.owner[cover > 0.5] = PARTS.index(part)

    def round_off(self, patch: Patch | None, normals: Normals, share: float) -> None:
        """Mix the normals of a body into a patch."""
        if patch is None:
            return
        window = patch.window
        weight = patch.cover * np.float32(share)
        for own, other in zip(self.normals, normals, strict=True):
            own[window] += (other[window] - own[window]) * weight
