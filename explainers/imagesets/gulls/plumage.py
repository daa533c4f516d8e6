"""Feathers: the coat's texture, frayed edges, brown of young birds."""

from functools import cached_property

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from explainers.imagesets.gulls.anatomy import Joints
from explainers.imagesets.gulls.canvas import Canvas
from explainers.imagesets.gulls.light import Rgb, linear
from explainers.imagesets.gulls.outlines import (
    Patch,
    Plane,
    Points,
    as_plane,
    joined,
    rotation,
    softened,
)
from explainers.imagesets.gulls.scene import Scene

BROWN = linear((132, 112, 92))
_ARC = np.stack(
    [np.cos(np.linspace(1.9, 4.4, 7)), np.sin(np.linspace(1.9, 4.4, 7))], axis=1
)  # the hind edge of a feather that points back
_ROWS = (
    ((0.24, -0.2), (-0.32, -0.17), 8, 0.042),
    ((0.28, -0.13), (-0.40, -0.10), 9, 0.05),
    ((0.27, -0.06), (-0.46, -0.03), 9, 0.058),
    ((0.26, 0.02), (-0.32, 0.04), 8, 0.05),
    ((0.18, 0.09), (-0.22, 0.10), 7, 0.045),
)
# The piece of the body's frame that carries the combed texture.
_LOW, _HIGH = np.array([-1.05, -0.5]), np.array([0.75, 0.5])


class Plumage:
    """The textures of one bird, equal whatever its marks are.

    Parameters
    ----------
    canvas, joints
        Where the bird is.
    scene
        Its randomness and how brown it is.
    """

    def __init__(self, canvas: Canvas, joints: Joints, scene: Scene) -> None:
        self.canvas, self.joints, self.scene = canvas, joints, scene

    @cached_property
    def fray(self) -> Plane:
        """Fine noise that frays edges between two colours."""
        return self._combed("fray", 46, 60)

    @cached_property
    def combed(self) -> Plane:
        """Noise along the feathers."""
        return self._combed("fine", 26, 84, broad=(9, 20))

    @cached_property
    def feathers(self) -> Plane:
        """Hind edges of the feathers of back and folded wing, as coverage."""
        chance = self.scene.stream("feathers")
        lines = []
        for first, last, number, size in _ROWS:
            shares = np.arange(number) + chance.uniform(-0.25, 0.25, number)
            shares /= number - 1
            for share, growth in zip(shares, chance.uniform(0.8, 1.15, number), strict=True):
                centre = np.array(first) + (np.array(last) - np.array(first)) * share
                reach = size * growth * (0.8 + 0.5 * share)
                arc = centre + _ARC * np.array([reach, reach * 0.55])
                lines.append(self.canvas.place(self.joints.on_body(arc)))
        drawn = engraved(lines, 0.007 * self.canvas.unit, self.canvas.size)
        return joined([drawn] if drawn else [], self.canvas.size)

    @cached_property
    def mottles(self) -> Plane | None:
        """Brown of immature feathers as coverage; None for adults."""
        if not self.scene.mottles:
            return None
        field = self._combed("mottles", 24, 30, broad=(6, 6))
        return np.asarray(np.clip((field - 0.35) * 1.4, 0, 1) * np.float32(self.scene.mottles))

    def coat(self, patch: Patch, grey: Rgb, *, relief: float, brown: float) -> Rgb:
        """Return the reflectance of plumage of a grey for every pixel of a patch.

        Parameters
        ----------
        patch
            Where.
        grey
            Linear reflectance.
        relief
            How clearly single feathers show.
        brown
            Share of the mottles that shows.
        """
        tone = 1 + np.float32(0.095 * relief) * self.combed[patch.window]
        if relief > 0.3:
            tone = tone - np.float32(0.2 * relief) * self.feathers[patch.window]
        colour = grey * tone[..., None]
        if self.mottles is not None:
            share = (self.mottles[patch.window] * np.float32(brown))[..., None]
            colour += (BROWN - colour) * share
        return colour

    def frayed(self, patch: Patch, width: float) -> Patch:
        """Return a patch whose edge is frayed over a width in body lengths."""
        wide = width * self.canvas.unit
        grown = patch.grown(2 * wide, self.canvas.size)
        soft = softened(grown.cover, wide)
        torn = soft + 0.5 * self.fray[grown.window] * soft * (1 - soft)
        return Patch(grown.top, grown.left, np.clip((torn - 0.5) * 3.5 + 0.5, 0, 1))

    def _combed(
        self, name: str, along: int, across: int, broad: tuple[int, int] | None = None
    ) -> Plane:
        """Return noise of deviation about 1 that follows the body, finer across than along."""
        chance = self.scene.stream(name)
        cells = chance.standard_normal((across, along))
        if broad:
            coarse = chance.standard_normal(broad[::-1]).astype(np.float32)
            smooth = Image.fromarray(coarse).resize((along, across), Image.Resampling.BICUBIC)
            cells = 0.65 * cells + 0.65 * as_plane(smooth)
        cells = np.clip(cells * 42 + 128, 0, 255)
        sheet = Image.fromarray(cells.astype(np.uint8))
        size = self.canvas.size
        to_body = np.linalg.inv(
            self.canvas.matrix
            @ rotation(-self.joints.posture.pitch)
            @ np.diag([1.0, self.joints.posture.plump])
        )
        scale = np.array([along, across]) / (_HIGH - _LOW)
        matrix = to_body * scale[:, None]
        shift = (-to_body @ self.canvas.offset - _LOW) * scale
        data = (*matrix[0], shift[0], *matrix[1], shift[1])
        laid = sheet.transform(
            (size, size), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR, fillcolor=128
        )
        return (as_plane(laid) - np.float32(128)) / np.float32(42)


def engraved(lines: list[Points], width: float, size: int) -> Patch | None:
    """Return soft lines, in pixels, as a patch; None when they lie outside the picture."""
    every = np.concatenate(lines)
    room = 2 * width + 3
    low = np.maximum(np.floor(every.min(axis=0) - room).astype(int), 0)
    high = np.minimum(np.ceil(every.max(axis=0) + room).astype(int), size)
    if (high <= low).any():
        return None
    image = Image.new("L", (int(high[0] - low[0]), int(high[1] - low[1])))
    pen = ImageDraw.Draw(image)
    for line in lines:
        pen.line((line - low).ravel().tolist(), fill=255, width=max(1, round(width)))
    soft = image.filter(ImageFilter.BoxBlur(max(0.6, width * 0.6) * 1.5))
    return Patch(int(low[1]), int(low[0]), as_plane(soft) / np.float32(255))
