"""Setting the bird into its background: shadow on the ground, mirror in the water."""

import numpy as np
from PIL import Image, ImageFilter

from explainers.imagesets.gulls.canvas import NOBODY, Canvas
from explainers.imagesets.gulls.covers import Box, cover_up
from explainers.imagesets.gulls.light import Rgb, kodak, lit
from explainers.imagesets.gulls.marks import PARTS
from explainers.imagesets.gulls.outlines import Plane, softened
from explainers.imagesets.gulls.scene import Scene

# Mirrors show the bird in one grey, so that no mark shows outside its parts.
_MIRROR_STEP = 2.5


def composed(canvas: Canvas, back: Rgb, ground: Rgb, scene: Scene, box: Box) -> Rgb:
    """Return bird and background in linear light."""
    back = back * np.float32(scene.light.exposure * (0.62 + 0.42 * scene.light.direct))
    falling = lit(canvas.normals, canvas.shade, scene.light, ground)
    bird = canvas.colour * falling
    if scene.pose == "swimming":
        level = float(canvas.place(np.array([[0.0, scene.water_line]]))[0, 1])
        behind = _mirrored(canvas, falling * kodak(_MIRROR_STEP), back, scene, level)
        bird *= _above(canvas, scene, level)[..., None]
    elif scene.pose == "standing":
        behind = _shadowed(canvas, back, scene, box)
    else:
        behind = back
    mixed = behind * (1 - canvas.cover)[..., None] + bird
    return cover_up(np.asarray(mixed, np.float32), back, canvas, scene, box)


def _above(canvas: Canvas, scene: Scene, level: float) -> Plane:
    """Sink the bird to a slightly wavy water line; return what is left of each pixel."""
    size = canvas.size
    columns = np.linspace(0, 1, size, dtype=np.float32)
    phases = scene.stream("line").random(2) * 2 * np.pi
    wavy = level + size * 0.005 * (
        np.sin(2 * np.pi * 4.3 * columns + phases[0])
        + np.sin(2 * np.pi * 9.1 * columns + phases[1])
    )
    above = np.clip(wavy[None] - np.arange(size, dtype=np.float32)[:, None] + 0.5, 0, 1)
    canvas.cover *= above.astype(np.float32)
    canvas.owner[above < 0.5] = NOBODY
    return np.asarray(above, np.float32)


def _mirrored(canvas: Canvas, bird: Rgb, back: Rgb, scene: Scene, level: float) -> Rgb:
    """Return the water with the bird's broken mirror image below the water line."""
    size, rows = canvas.size, np.arange(canvas.size, dtype=np.float32)
    source = np.clip(2 * level - rows, 0, size - 1).astype(int)
    soft = 0.014 * size
    blurred = Image.fromarray((np.clip(bird, 0, 1) * 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(soft)
    )
    mirror = np.asarray(blurred, np.float32)[source] / np.float32(255)
    cover = softened(canvas.cover, soft)[source]
    shifts = _ripple(scene, size) * np.clip((rows - level) / (0.2 * size), 0.25, 1)
    columns = np.clip(np.arange(size)[None] + np.round(shifts)[:, None], 0, size - 1).astype(int)
    lines = np.arange(size)[:, None]
    mirror, cover = mirror[lines, columns], cover[lines, columns]
    below = np.clip(rows - level, 0, 1)
    fade = np.clip(1 - (rows - level) / (0.4 * size), 0, 1) * below
    share = (cover * (0.5 * fade[:, None]))[..., None].astype(np.float32)
    water = back + (mirror * np.float32(0.75) - back) * share
    contact = np.exp(-(((rows - level) / (0.012 * size)) ** 2)).astype(np.float32)
    return np.asarray(water * (1 - 0.45 * contact[:, None] * _met(canvas, level))[..., None])


def _met(canvas: Canvas, level: float) -> Plane:
    """Return where, across, the bird meets the water: (1, size)."""
    row = int(np.clip(level - 2, 0, canvas.size - 1))
    return np.asarray(canvas.cover[row][None])


def _ripple(scene: Scene, size: int) -> Plane:
    waves = scene.stream("mirror").standard_normal((1, 70)).astype(np.float32)
    stretched = Image.fromarray(waves).resize((size, 1), Image.Resampling.BICUBIC)
    return np.asarray(np.asarray(stretched, np.float32)[0] * (0.014 * size))


def _shadowed(canvas: Canvas, back: Rgb, scene: Scene, box: Box) -> Rgb:
    """Return the ground with the bird's shadow, flattened and sheared away from the sun."""
    size, sun = canvas.size, scene.light.sun
    rows = np.arange(size, dtype=np.float32)
    feet = box[3] - 0.03 * canvas.unit
    height = np.abs(rows - feet) / np.float32(0.3)
    source = np.clip(feet - height, 0, size - 1).astype(int)
    slope = np.float32(-sun[0] / max(0.3, -sun[1]))
    columns = (np.arange(size)[None] - (height * slope)[:, None]).astype(int)
    inside = (columns >= 0) & (columns < size) & (height < feet)[:, None]
    # The sun behind the camera throws the shadow away from it.
    away = rows < feet if sun[2] > 0.35 else rows > feet
    shape = canvas.cover[source[:, None], np.clip(columns, 0, size - 1)] * inside * away[:, None]
    soft = softened(shape, (0.006 + 0.022 * (1 - scene.light.direct)) * size)
    standing = (canvas.owner == PARTS.index("legs")) & (rows > feet - 0.04 * canvas.unit)[:, None]
    contact = softened(standing.astype(np.float32), 0.016 * size)
    dark = np.maximum(np.float32(0.12 + 0.6 * scene.light.direct) * soft, 0.7 * contact)
    return np.asarray(back * (1 - dark)[..., None])
