"""One picture: a bird with given marks in a given scene, and which pixels show what."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from explainers.imagesets.gulls.anatomy import Joints, Shapes, bill, folded, joints_of
from explainers.imagesets.gulls.anatomy import flying as spread
from explainers.imagesets.gulls.backgrounds import background
from explainers.imagesets.gulls.bird import Painter
from explainers.imagesets.gulls.canvas import Canvas
from explainers.imagesets.gulls.covers import Box
from explainers.imagesets.gulls.flight import Wing
from explainers.imagesets.gulls.marks import PARTS, Marks
from explainers.imagesets.gulls.outlines import rotation
from explainers.imagesets.gulls.photograph import photograph
from explainers.imagesets.gulls.scene import Scene
from explainers.imagesets.gulls.setting import composed

# The frame is fitted to a bird of this bill, so that twins that differ in the bill share it.
_USUAL_BILL = (0.37, 1.0)
_SQUASH = 1.42


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
    shapes = _shapes(scene, joints, (marks.bill_depth, marks.bill_length))
    usual = {**shapes, "bill": bill(joints, *_USUAL_BILL)}
    canvas, box = _fitted(usual, wings, scene, size)
    painter = Painter(canvas, marks, scene, joints)
    if wings:
        painter.flying(shapes, *wings)
    else:
        painter.folded(shapes)
    feet = box[3] / size
    back, ground = background(scene, size, feet)
    light = composed(canvas, back, ground, scene, box)
    return Drawing(photograph(light, scene), _parts(canvas), marks)


def _shapes(scene: Scene, joints: Joints, bill_size: tuple[float, float]) -> Shapes:
    if scene.pose == "flying":
        return spread(joints, bill_size)
    return folded(joints, bill_size, swimming=scene.pose == "swimming")


def _wings(joints: Joints, scene: Scene) -> tuple[Wing, Wing]:
    near, far, near_span, far_span = scene.posture.wings
    sweep = scene.posture.sweep
    return Wing(joints, near, near_span, sweep), Wing(joints, far, far_span, sweep)


def _fitted(shapes: Shapes, wings: tuple[Wing, ...], scene: Scene, size: int) -> tuple[Canvas, Box]:
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
    across, down = min(across, down * _SQUASH), min(down, across * _SQUASH)
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


def _parts(canvas: Canvas) -> dict[str, NDArray[np.bool_]]:
    return {part: canvas.owner == number for number, part in enumerate(PARTS)}
