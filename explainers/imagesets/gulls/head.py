"""Painting head, bill and eye."""

import numpy as np

from explainers.imagesets.gulls.anatomy import Joints, Shapes, bill_band, gonys
from explainers.imagesets.gulls.canvas import Canvas, Layer
from explainers.imagesets.gulls.light import kodak, linear
from explainers.imagesets.gulls.marks import Marks
from explainers.imagesets.gulls.outlines import Patch, ellipse, noise, softened
from explainers.imagesets.gulls.plumage import BROWN, engraved
from explainers.imagesets.gulls.scene import Scene

_BLACK = linear((26, 24, 26))
_RED = linear((204, 42, 30))
_PUPIL = linear((14, 12, 12))
_GLINT = np.full(3, 1.1, np.float32)


def colour_head(body: Layer, canvas: Canvas, marks: Marks, scene: Scene, shapes: Shapes) -> None:
    """Colour the head on the layer of the body, with winter streaks; it fades into the neck."""
    skull = canvas.patch(shapes["skull"])
    if skull is None:
        return
    skull = skull.grown(0.12 * canvas.unit, canvas.size)
    # All of the skull is of the head's colour; it fades below, on the neck.
    fading = np.clip(2 * softened(skull.cover, 0.035 * canvas.unit), 0, 1)
    body.add(Patch(skull.top, skull.left, fading), kodak(marks.head_grey), None)
    body.add(skull, kodak(marks.head_grey), "head")
    if scene.streaks:
        streaks = noise(scene.stream("streaks"), canvas.size, 44, 70)[skull.window]
        cover = np.clip(streaks - 0.4, 0, 1) * np.float32(0.8 * scene.streaks)
        wide = softened(skull.cover, 0.06 * canvas.unit)
        body.add(Patch(skull.top, skull.left, cover * wide), BROWN, None)


def paint_bill(canvas: Canvas, marks: Marks, joints: Joints, shapes: Shapes) -> None:
    """Paint the bill: base, red spot, tip, ring, gape and nostril."""
    patch = canvas.patch(shapes["bill"], fine=4)
    if patch is None:
        return
    bill = Layer(patch, linear(marks.bill_base), "bill")
    if marks.gonys_spot > 0.02:
        spot = gonys(joints, marks.bill_depth, marks.bill_length, marks.gonys_spot)
        bill.add(canvas.patch([spot], fine=4), _RED, "bill")
    tip = bill_band(joints, marks.bill_length, 0.79, 1.3)
    bill.add(canvas.patch([tip], fine=4), linear(marks.bill_tip), "bill")
    if marks.ring > 0.02:
        half = 0.095 * marks.ring
        ring = bill_band(joints, marks.bill_length, 0.76 - half, 0.76 + half)
        bill.add(canvas.patch([ring], fine=4), _BLACK, "bill")
    canvas.lay(bill)
    lines = [canvas.place(line) for line in shapes["gape"]]
    canvas.darken(engraved(lines, 0.006 * canvas.unit, canvas.size), 0.6)
    _round_bill(canvas, joints, patch)


def _round_bill(canvas: Canvas, joints: Joints, patch: Patch) -> None:
    """Light the bill as a barrel along its axis."""
    low, high = canvas.place(joints.on_head(np.array([(0.22, -0.04), (0.22, 0.048)])))
    axis = high - low
    rows, columns = np.mgrid[patch.window]
    share = ((columns - low[0]) * axis[0] + (rows - low[1]) * axis[1]) / (axis @ axis)
    bent = np.clip(share * 2 - 1, -1, 1).astype(np.float32)
    across = (axis / np.linalg.norm(axis)).astype(np.float32)
    for normal, value in zip(
        canvas.normals,
        (bent * across[0], bent * across[1], np.sqrt(1 - 0.9 * bent**2)),
        strict=True,
    ):
        normal[patch.window] += (value - normal[patch.window]) * patch.cover


def paint_eye(canvas: Canvas, marks: Marks, shapes: Shapes) -> None:
    """Paint orbital ring, iris, pupil and glint, in a slight hollow."""
    eye = shapes["orbit"][0].mean(axis=0)
    hollow = canvas.patch([ellipse(eye, 0.05, 0.036)])
    if hollow is not None:
        hollow = hollow.grown(0.03 * canvas.unit, canvas.size)
        soft = softened(hollow.cover, 0.014 * canvas.unit)
        canvas.darken(Patch(hollow.top, hollow.left, soft), 0.2)
    for name, colour in (
        ("orbit", linear(marks.orbital_ring)),
        ("eye", linear(marks.iris)),
        ("pupil", _PUPIL),
        ("glint", _GLINT),
    ):
        canvas.paint(canvas.patch(shapes[name], fine=4), colour, "eye")
