"""One picture: a bird with given marks in a given scene, and which pixels show what."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from explainers.imagesets.gulls.anatomy import Joints, Shapes, folded, joints_of
from explainers.imagesets.gulls.anatomy import flying as spread
from explainers.imagesets.gulls.backgrounds import background
from explainers.imagesets.gulls.bird import Painter
from explainers.imagesets.gulls.canvas import Canvas
from explainers.imagesets.gulls.covers import cover_up
from explainers.imagesets.gulls.flight import Wing
from explainers.imagesets.gulls.light import Rgb, lit
from explainers.imagesets.gulls.marks import PARTS, Marks
from explainers.imagesets.gulls.outlines import rotation, softened
from explainers.imagesets.gulls.photograph import photograph
from explainers.imagesets.gulls.scene import Scene

# The frame is fitted to a bird of this bill, so that twins that differ in the bill share it.
_USUAL_DEPTH = 0.42


@dataclass(frozen=True)
class Drawing:
    """A picture and the truth about it.

    Attributes
    ----------
    picture
        RGB, size x size.
    parts
        For each of `PARTS` its visible pixels, (size, size); no pixel belongs to two.
    marks
        The field marks that were drawn.
    """

    picture: Image.Image
    parts: dict[str, NDArray[np.bool_]]
    marks: Marks


def draw(marks: Marks, scene: Scene, size: int) -> Drawing:
    """Return the drawing of a bird in a scene."""
    joints = joints_of(scene.posture, flying=scene.pose == "flying")
    wings = _wings(joints, scene) if scene.pose == "flying" else ()
    shapes = _shapes(scene, joints, marks.bill_depth)
    canvas, box = _fitted(_shapes(scene, joints, _USUAL_DEPTH), wings, scene, size)
    painter = Painter(canvas, marks, scene, joints)
    if wings:
        painter.flying(shapes, *wings)
    else:
        painter.folded(shapes)
    feet = box[3] / size
    back, ground = background(scene, size, feet)
    light = _composed(canvas, back, ground, scene, box)
    return Drawing(photograph(light, scene), _parts(canvas), marks)


def _shapes(scene: Scene, joints: Joints, bill_depth: float) -> Shapes:
    if scene.pose == "flying":
        return spread(joints, bill_depth)
    return folded(joints, bill_depth, swimming=scene.pose == "swimming")


def _wings(joints: Joints, scene: Scene) -> tuple[Wing, Wing]:
    near, far, near_span, far_span = scene.posture.wings
    sweep = scene.posture.sweep
    return Wing(joints, near, near_span, sweep), Wing(joints, far, far_span, sweep)


def _fitted(
    shapes: Shapes, wings: tuple[Wing, ...], scene: Scene, size: int
) -> tuple[Canvas, tuple[float, float, float, float]]:
    """Fit the bird's box into the frame; return the canvas and the box in pixels."""
    outlines = [outline for name, found in shapes.items() if name != "skull" for outline in found]
    outlines += [outline for wing in wings for outline in wing.shapes()["wing"]]
    placing = scene.placing
    turn = rotation(placing.roll)
    points = np.concatenate(outlines) @ turn.T
    low, high = points.min(axis=0), points.max(axis=0)
    if scene.pose == "swimming":
        high[1] = scene.water_line + 0.14
    wide, tall = high - low
    across, down = placing.width * size / wide, placing.height * size / tall
    # A bird may be squashed like a CUB crop, but not into another animal.
    across, down = min(across, down * 1.22), min(down, across * 1.22)
    scale = np.diag([across * placing.facing, down])
    matrix = scale @ turn
    room = np.array([size - wide * across, size - tall * down])
    corner = room * np.array([placing.x, placing.y])
    left = low[0] * across if placing.facing > 0 else -high[0] * across
    offset = corner - np.array([left, low[1] * down])
    box = (*corner, *(corner + np.array([wide * across, tall * down])))
    return Canvas(size, matrix, offset), (
        float(box[0]),
        float(box[1]),
        float(box[2]),
        float(box[3]),
    )


def _composed(
    canvas: Canvas, back: Rgb, ground: Rgb, scene: Scene, box: tuple[float, float, float, float]
) -> Rgb:
    back = back * np.float32(scene.light.exposure * (0.62 + 0.38 * scene.light.direct))
    if scene.pose == "swimming":
        level = canvas.place(np.array([[0.0, scene.water_line]]))[0, 1]
        bird = canvas.colour * lit(canvas.normals, canvas.shade, scene.light, ground)
        return cover_up(_floating(canvas, bird, back, scene, level), canvas, scene, box)
    if scene.pose == "standing":
        back = _cast_shadow(canvas, back, scene, box)
    bird = canvas.colour * lit(canvas.normals, canvas.shade, scene.light, ground)
    mixed = back + (bird - back) * canvas.cover[..., None]
    return cover_up(np.asarray(mixed, np.float32), canvas, scene, box)


def _floating(canvas: Canvas, bird: Rgb, back: Rgb, scene: Scene, level: float) -> Rgb:
    """Sink the bird to the water line and mirror it below."""
    size = canvas.size
    rows = np.arange(size, dtype=np.float32)
    chance = scene.stream("reflection")
    wobble = (chance.standard_normal(size) * 0.012 * size).astype(np.float32)
    above = np.clip(level - rows + 0.5, 0, 1)[:, None]
    ripple = np.zeros((size, size), np.float32) + above
    source = np.clip(2 * level - rows, 0, size - 1).astype(int)
    mirror = np.asarray(
        Image.fromarray((np.clip(bird, 0, 1) * 255).astype(np.uint8)).filter(
            ImageFilter.GaussianBlur(0.012 * size)
        ),
        np.float32,
    )[source] / np.float32(255)
    cover = softened(canvas.cover, 0.012 * size)[source]
    shifts = np.cumsum(wobble) * 0 + wobble
    columns = np.clip(
        np.arange(size)[None] + np.round(shifts)[:, None] * (rows[:, None] > level), 0, size - 1
    ).astype(int)
    mirror, cover = (
        mirror[np.arange(size)[:, None], columns],
        cover[np.arange(size)[:, None], columns],
    )
    fade = np.clip(1 - (rows - level) / np.float32(0.45 * size), 0, 1) * (rows > level)
    share = (cover * np.float32(0.42) * fade[:, None])[..., None]
    water = back + (mirror * np.float32(0.8) - back) * share
    canvas.cover *= ripple
    canvas.owner[ripple < 0.5] = -1
    return np.asarray(water + (bird - water) * canvas.cover[..., None], np.float32)


def _cast_shadow(
    canvas: Canvas, back: Rgb, scene: Scene, box: tuple[float, float, float, float]
) -> Rgb:
    """Lay the bird's shadow, flattened and sheared, on the ground."""
    size = canvas.size
    rows = np.arange(size, dtype=np.float32)
    feet = box[3] - 0.03 * canvas.unit
    sun = scene.light.sun
    flat = np.float32(0.28)
    height = np.abs(rows - feet) / flat
    source = np.clip(feet - height, 0, size - 1).astype(int)
    slope = -sun[0] / max(0.3, -sun[1])
    columns = (np.arange(size)[None] - (height * np.float32(slope))[:, None]).astype(int)
    inside = (columns >= 0) & (columns < size) & (height < feet)[:, None]
    behind = (rows > feet) if sun[2] < 0.35 else (rows < feet)
    shape = canvas.cover[source[:, None], np.clip(columns, 0, size - 1)]
    shape = shape * inside * behind[:, None]
    soft = softened(shape, 0.008 * size + 0.02 * size * (1 - scene.light.direct))
    dark = np.float32(0.25 + 0.45 * scene.light.direct)
    contact = softened(
        (
            (canvas.owner == PARTS.index("legs")) & (rows > feet - 0.05 * canvas.unit)[:, None]
        ).astype(np.float32),
        0.02 * size,
    )
    return np.asarray(back * (1 - np.maximum(dark * soft, 0.5 * contact))[..., None])


def _parts(canvas: Canvas) -> dict[str, NDArray[np.bool_]]:
    return {part: canvas.owner == number for number, part in enumerate(PARTS)}
