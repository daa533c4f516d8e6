"""Painting the bird: layers back to front, each owned by a part."""

import numpy as np

from explainers.imagesets.gulls.anatomy import Joints, Shapes, primary_tip
from explainers.imagesets.gulls.canvas import Canvas, Layer, Normals
from explainers.imagesets.gulls.flight import Wing
from explainers.imagesets.gulls.head import colour_head, paint_bill, paint_eye
from explainers.imagesets.gulls.light import kodak, linear
from explainers.imagesets.gulls.marks import Marks
from explainers.imagesets.gulls.outlines import (
    Patch,
    Plane,
    Points,
    ellipse,
    inflated,
    joined,
    noise,
    softened,
)
from explainers.imagesets.gulls.plumage import Plumage, engraved
from explainers.imagesets.gulls.scene import Scene

_TAIL_BAND = np.array([(-0.5, -0.2), (-0.765, -0.2), (-0.765, 0.3), (-0.5, 0.3)])
_TAIL_END = np.array([(-0.62, -0.3), (-0.9, -0.3), (-0.9, 0.3), (-0.62, 0.3)])
# The half plane behind the rump.
_BEHIND = np.array([(-0.4, -1.0), (-0.4, 1.0), (-2.0, 1.0), (-2.0, -1.0)])
_WHITE_STEP = 0.2


class Painter:
    """Paints one bird on a canvas."""

    def __init__(self, canvas: Canvas, marks: Marks, scene: Scene, joints: Joints) -> None:
        self.canvas, self.marks, self.scene, self.joints = canvas, marks, scene, joints
        self.plumage = Plumage(canvas, joints, scene)

    def folded(self, shapes: Shapes) -> None:
        """Paint a bird with folded wings."""
        canvas, marks = self.canvas, self.marks
        self._legs(shapes, "far_legs", 0.6)
        far = canvas.patch(shapes["far_primaries"], fine=3)
        canvas.paint(far, kodak(marks.wing_tip_grey) * np.float32(0.8), "wing_tip")
        self._tail(canvas.patch(shapes["tail"]))
        self._legs(shapes, "legs", 1.0)
        body = canvas.patch(shapes["body"] + shapes.get("thighs", []))
        if body is None:
            return
        self._body(body, shapes)
        silhouette = body.on(canvas.size)
        self._primaries(shapes)
        self._folded_wing(shapes, silhouette)
        self._round(shapes)
        paint_bill(canvas, marks, self.joints, shapes)
        paint_eye(canvas, marks, shapes)

    def flying(self, shapes: Shapes, near: Wing, far: Wing) -> None:
        """Paint a bird with spread wings."""
        canvas, marks = self.canvas, self.marks
        self._wing(far, shaded=0.94, below=False)
        self._tail(canvas.patch(shapes["tail"]))
        body = canvas.patch(shapes["body"])
        if body is not None:
            self._body(body, shapes)
            self._mantle(canvas.patch(shapes["mantle"]))
            whole = canvas.patch(shapes["body"] + shapes["tail"])
            if whole is not None:
                canvas.round_off(whole, inflated(whole.on(canvas.size)), 0.9)
            self._flatten_tail(shapes)
        paint_bill(canvas, marks, self.joints, shapes)
        paint_eye(canvas, marks, shapes)
        self._wing(near, shaded=1.0, below=near.angle > 0)

    def _body(self, patch: Patch, shapes: Shapes) -> None:
        grey = kodak(self.marks.body_grey)
        coat = self.plumage.coat(patch, grey, relief=0.28, brown=0.35)
        layer = Layer(patch, coat, "body")
        colour_head(layer, self.canvas, self.marks, self.scene, shapes)
        self.canvas.lay(layer)

    def _tail(self, patch: Patch | None) -> None:
        if patch is None:
            return
        canvas = self.canvas
        white = self.plumage.coat(patch, kodak(0.15), relief=0.25, brown=0.6)
        tail = Layer(patch, white, "tail")
        if self.marks.tail_band > 0.3:
            band = canvas.patch([self.joints.on_body(_TAIL_BAND)])
            tail.add(band, kodak(self.marks.tail_band), "tail")
        canvas.lay(tail)

    def _flatten_tail(self, shapes: Shapes) -> None:
        """Make a spread tail a flat fan of feathers."""
        canvas = self.canvas
        tail = canvas.patch([self.joints.on_body(_TAIL_END)])
        if tail is not None:
            level = np.zeros((canvas.size, canvas.size), np.float32)
            tail = tail.grown(0.06 * canvas.unit, canvas.size)
            soft = Patch(tail.top, tail.left, softened(tail.cover, 0.035 * canvas.unit))
            canvas.round_off(soft, (level, level - 0.2, level + 0.98), 0.7)
        lines = [canvas.place(line) for line in shapes["tail_feathers"]]
        canvas.darken(engraved(lines, 0.007 * canvas.unit, canvas.size), 0.22)

    def _mantle(self, patch: Patch | None) -> None:
        """Paint the grey saddle: on the body, and behind it where tertials reach beyond."""
        if patch is None:
            return
        frayed = self.plumage.frayed(patch, 0.012)
        coat = self.plumage.coat(frayed, kodak(self.marks.mantle_grey), relief=1.0, brown=0.55)
        behind = self.canvas.patch([self.joints.on_body(_BEHIND)])
        if behind is not None:
            beyond = frayed.cover * behind.on(self.canvas.size)[frayed.window]
            self.canvas.paint(Patch(frayed.top, frayed.left, beyond), coat, "mantle")
        self.canvas.stain(frayed, coat, "mantle")

    def _folded_wing(self, shapes: Shapes, silhouette: Plane) -> None:
        canvas = self.canvas
        saddle = canvas.patch(shapes["mantle"])
        hem = canvas.patch(shapes["hem"], fine=3)
        self._wing_shadow([patch for patch in (saddle, hem) if patch is not None])
        if hem is not None:
            white = kodak(max(_WHITE_STEP, 0.4 * self.marks.body_grey))
            canvas.paint(self.plumage.frayed(hem, 0.008), white, "body")
        self._mantle(saddle)
        scapulars = canvas.patch(shapes["scapulars"])
        if scapulars is not None:
            room = scapulars.grown(0.05 * canvas.unit, canvas.size)
            ridge = softened(room.cover, 0.012 * canvas.unit)
            low = np.roll(ridge, max(1, round(0.016 * canvas.unit)), axis=0)
            groove = np.clip(low - ridge, 0, 1) * silhouette[room.window]
            canvas.darken(Patch(room.top, room.left, groove), 0.2)

    def _wing_shadow(self, patches: list[Patch]) -> None:
        """Darken the flank just below the wing."""
        canvas = self.canvas
        wing = joined(patches, canvas.size)
        below = np.roll(wing, max(1, round(0.02 * canvas.unit)), axis=0)
        below = softened(below, 0.03 * canvas.unit)
        canvas.shade *= 1 - np.float32(0.5) * below * (1 - wing)

    def _primaries(self, shapes: Shapes) -> None:
        """Stack the folded primaries, the longest lowest, each with its white end."""
        canvas, marks = self.canvas, self.marks
        dark = kodak(marks.wing_tip_grey)
        for number, outline in enumerate(shapes["primaries"]):
            patch = canvas.patch([outline], fine=3)
            if patch is None:
                continue
            feather = Layer(patch, dark * np.float32(1.0 + 0.12 * number), "wing_tip")
            tip, turn = primary_tip(self.joints, number)
            spots = self._tip_spots(tip, turn, number)
            if spots:
                feather.add(canvas.patch(spots, fine=3), kodak(0.3), "wing_tip")
            canvas.lay(feather)

    def _tip_spots(self, tip: Points, turn: float, number: int) -> list[Points]:
        """Return the white end of a primary and the mirror that may show behind it."""
        back = np.array([np.cos(turn), np.sin(turn)])
        spots = []
        size = self.marks.primary_tips
        if size > 0.02:
            spots.append(ellipse(tip - back * 0.012, 0.034 * size, 0.03 * size, turn))
        mirror = min(1.0, self.marks.mirrors - number)
        if mirror > 0.05 and number < 2:
            low = np.array([-back[1], back[0]]) * 0.012
            spots.append(ellipse(tip - back * 0.105 - low, 0.042 * mirror, 0.018 * mirror, turn))
        return spots

    def _legs(self, shapes: Shapes, name: str, shade: float) -> None:
        if name in shapes:
            patch = self.canvas.patch(shapes[name], fine=3)
            self.canvas.paint(patch, linear(self.marks.legs) * np.float32(shade), "legs")

    def _round(self, shapes: Shapes) -> None:
        """Give body, wing and scapulars their bulges, the greatest first."""
        for names, share in (
            (("body", "thighs", "tail", "primaries"), 0.94),
            (("mantle", "hem", "primaries"), 0.5),
            (("scapulars",), 0.3),
        ):
            patch = self.canvas.patch(
                [outline for name in names for outline in shapes.get(name, [])]
            )
            if patch is not None:
                self.canvas.round_off(patch, inflated(patch.on(self.canvas.size)), share)

    # Spread wings

    def _wing(self, wing: Wing, *, shaded: float, below: bool) -> None:
        canvas, marks, shapes = self.canvas, self.marks, wing.shapes()
        patch = canvas.patch(shapes["wing"])
        if patch is None:
            return
        inside = patch.on(canvas.size)
        pale = np.float32(0.55 if below else 0.0)
        grey = kodak(marks.mantle_grey) * (1 - pale) + kodak(0.4) * pale
        lines = [canvas.place(line) for line in shapes["feathers"] + shapes["rows"]]
        edges = engraved(lines, 0.008 * canvas.unit, canvas.size)
        bands = noise(self.scene.stream("wing"), canvas.size, 10, 12)
        tone = ((1 + 0.03 * bands) * np.float32(shaded))[..., None]
        if edges is not None:
            tone[edges.window] *= 1 - 0.2 * edges.cover[..., None]
        layer = Layer(patch, grey * tone[patch.window], "mantle")
        layer.add(canvas.patch(shapes["hind"]), kodak(_WHITE_STEP), "body")
        layer.add(canvas.patch(shapes["wing_tip"]), kodak(marks.wing_tip_grey), "wing_tip")
        spots = self._wing_spots(wing, shapes)
        if spots:
            layer.add(canvas.patch(spots, fine=3), kodak(0.1), "wing_tip")
        canvas.lay(layer)
        # Of two spread wings the near one turns its upper side to the sky; an underside looks down.
        tilt = 0.3 if below or wing.angle > 0 else -0.3
        canvas.shade[patch.window] = canvas.shade[patch.window] * (1 - patch.cover) + patch.cover
        canvas.round_off(patch, _flat(inflated(inside), tilt), 1.0)

    def _wing_spots(self, wing: Wing, shapes: Shapes) -> list[Points]:
        """Return mirrors and the white ends of the primaries."""
        marks = self.marks
        spots = []
        for number in range(3):
            mirror = min(1.0, marks.mirrors - number)
            if mirror > 0.1:
                spots.append(wing.mirror(number, mirror))
        size = marks.primary_tips
        if size > 0.02:
            spots += [ellipse(end[0], 0.03 * size, 0.024 * size) for end in shapes["ends"]]
        return spots


def _flat(normals: Normals, tilt: float) -> Normals:
    """Return normals of a flatter body, tilted down by a share."""
    right, down, near = normals
    right, down = np.float32(0.5) * right, np.float32(0.5) * down + np.float32(tilt)
    length = np.sqrt(right * right + down * down + near * near) + np.float32(1e-6)
    return right / length, down / length, near / length
