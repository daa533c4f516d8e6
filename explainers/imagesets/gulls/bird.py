"""Painting the bird: layers back to front, each owned by a part."""

import numpy as np

from explainers.imagesets.gulls import plumage
from explainers.imagesets.gulls.anatomy import Joints, Shapes, bill_band, gonys
from explainers.imagesets.gulls.canvas import Canvas
from explainers.imagesets.gulls.flight import Wing
from explainers.imagesets.gulls.light import Rgb, kodak, linear
from explainers.imagesets.gulls.marks import Marks
from explainers.imagesets.gulls.outlines import Patch, Plane, inflated, softened
from explainers.imagesets.gulls.scene import Scene

_DARK = linear((26, 24, 26))
_WHITE = kodak(0.0)
_BROWN = linear((138, 118, 98))


class Painter:
    """Paints one bird on a canvas."""

    def __init__(self, canvas: Canvas, marks: Marks, scene: Scene, joints: Joints) -> None:
        self.canvas, self.marks, self.scene, self.joints = canvas, marks, scene, joints
        size = canvas.size
        self.mottles = (
            plumage.blotches(scene.stream("mottles"), size, 34, 0.45) * np.float32(scene.mottles)
            if scene.mottles
            else None
        )

    def folded(self, shapes: Shapes) -> None:
        """Paint a bird with folded wings."""
        canvas, marks = self.canvas, self.marks
        self._legs(shapes, "far_legs", 0.62)
        self._tail(canvas.patch(shapes["tail"]))
        self._legs(shapes, "legs", 1.0)
        body = canvas.patch(shapes["body"] + shapes.get("thighs", []))
        self._body(body)
        self._head(shapes, body)
        saddle = canvas.patch(shapes["mantle"])
        silhouette = body.on(canvas.size) if body else None
        skirt = canvas.patch(shapes["skirt"])
        self._primaries(shapes)
        canvas.paint(skirt, self._skirt_colour(), "body")
        self._wing_shadow(saddle, skirt)
        self._mantle(saddle, silhouette)
        self._round(shapes, saddle)
        self._bill(shapes)
        self._eye(shapes)

    def flying(self, shapes: Shapes, near: Wing, far: Wing) -> None:
        """Paint a bird with spread wings."""
        canvas = self.canvas
        self._wing(far, shaded=0.94, below=False)
        self._tail(canvas.patch(shapes["tail"]))
        body = canvas.patch(shapes["body"])
        self._body(body)
        self._head(shapes, body)
        silhouette = body.on(canvas.size) if body else None
        self._mantle(canvas.patch(shapes["mantle"]), silhouette)
        if body:
            canvas.round_off(body, inflated(silhouette), 0.9)
        self._bill(shapes)
        self._eye(shapes)
        self._wing(near, shaded=1.0, below=near.angle > 0)

    # Pieces of the body

    def _body(self, patch: Patch | None) -> None:
        self.canvas.paint(patch, self._plumage(self.marks.body_grey, 0.5), "body")

    def _tail(self, patch: Patch | None) -> None:
        if patch is None:
            return
        canvas = self.canvas
        canvas.paint(patch, self._plumage(0.15, 0.4), "tail")
        if self.marks.tail_band > 0.3:
            band = canvas.patch([self.joints.on_body(_TAIL_BAND)])
            canvas.paint(band, kodak(self.marks.tail_band), "tail", within=patch.on(canvas.size))

    def _head(self, shapes: Shapes, body: Patch | None) -> None:
        """Give the head to its part, with winter streaks; it fades into the neck."""
        if body is None:
            return
        canvas = self.canvas
        skull = canvas.patch(shapes["skull"])
        if skull is None:
            return
        inside = body.on(canvas.size)
        edge = Patch(0, 0, softened(skull.on(canvas.size), 0.035 * canvas.unit) * inside)
        canvas.paint(edge, kodak(self.marks.head_grey), None)
        canvas.owner[(skull.on(canvas.size) * inside) > 0.5] = 5
        if self.scene.streaks:
            streaks = plumage.grain(self.scene.stream("streaks"), canvas.size, 40, 64)
            cover = np.clip(streaks - 0.5, 0, 1) * np.float32(0.75 * self.scene.streaks)
            wide = softened(skull.on(canvas.size), 0.06 * canvas.unit) * inside
            canvas.tint(cover * wide, _BROWN)

    def _mantle(self, patch: Patch | None, silhouette: Plane | None) -> None:
        if patch is None:
            return
        canvas = self.canvas
        grey = kodak(self.marks.mantle_grey)
        canvas.paint(patch, self._feathered(grey), "mantle", within=silhouette)

    def _feathered(self, grey: Rgb) -> Rgb:
        """Return a grey with rows of feathers, soft bands and mottles."""
        canvas, size = self.canvas, self.canvas.size
        chance = self.scene.stream("feathers")
        rows = [(np.array(a), np.array(b), n, s) for a, b, n, s in _ROWS]
        arcs = plumage.scales(rows, chance)
        lines = [canvas.place(self.joints.on_body(arc)) for arc in arcs]
        edges = plumage.engraved(lines, 0.006 * canvas.unit, size)
        bands = plumage.grain(chance, size, 9, 14)
        tone = 1 - 0.16 * edges + 0.035 * bands
        colour = grey * tone[..., None]
        if self.mottles is not None:
            share = (self.mottles * np.float32(0.6))[..., None]
            colour = colour * (1 - share) + _BROWN * share
        return np.asarray(colour, np.float32)

    def _plumage(self, step: float, depth: float) -> Rgb:
        size = self.canvas.size
        bands = plumage.grain(self.scene.stream("plumage"), size, 16, 22)
        tone = 1 + np.float32(0.018 * depth) * bands
        colour = kodak(step) * tone[..., None]
        if self.mottles is not None:
            share = (self.mottles * np.float32(0.35))[..., None]
            colour = colour * (1 - share) + _BROWN * share
        return np.asarray(colour, np.float32)

    def _skirt_colour(self) -> Rgb:
        return kodak(0.25)

    def _wing_shadow(self, saddle: Patch | None, skirt: Patch | None) -> None:
        """Darken the flank just below the wing."""
        canvas = self.canvas
        wing = np.zeros((canvas.size, canvas.size), np.float32)
        for patch in (saddle, skirt):
            if patch is not None:
                wing[patch.window] = np.maximum(wing[patch.window], patch.cover)
        below = softened(
            np.roll(wing, max(1, round(0.02 * canvas.unit)), axis=0), 0.03 * canvas.unit
        )
        canvas.shade *= 1 - np.float32(0.42) * below * (1 - wing)

    def _primaries(self, shapes: Shapes) -> None:
        canvas, marks = self.canvas, self.marks
        patch = canvas.patch(shapes["primaries"])
        if patch is None:
            return
        canvas.paint(patch, kodak(marks.wing_tip_grey), "wing_tip")
        outline = self.joints.on_body(_PRIMARY_LINE)
        places = plumage.tip_places(outline[0], outline[1], 5)
        turn = -self.joints.posture.pitch
        within = patch.on(canvas.size)
        spots = plumage.tip_spots(places[1:], marks.primary_tips, turn)
        if marks.primary_tips > 0.02:
            canvas.paint(canvas.patch(spots, fine=3), kodak(0.3), "wing_tip", within=within)
        lines = [
            canvas.place(np.stack([place, place + (outline[1] - outline[0]) * 0.3]))
            for place in places
        ]
        edges = plumage.engraved(lines, 0.007 * canvas.unit, canvas.size)
        canvas.shade *= 1 - np.float32(0.3) * edges * within
        self._folded_mirrors(within)

    def _folded_mirrors(self, within: Plane) -> None:
        """The far wing's mirror shows below the folded tip; a second one peeps out."""
        for number in range(2):
            size = min(1.0, max(0.0, self.marks.mirrors - number))
            if size > 0.05:
                place = np.array([[-0.87 + 0.13 * number, 0.042]])
                mark = plumage.ellipse(
                    self.joints.on_body(place)[0], 0.045 * size, 0.02, -self.joints.posture.pitch
                )
                patch = self.canvas.patch([mark], fine=3)
                self.canvas.paint(patch, kodak(0.3), "wing_tip", within=within)

    def _legs(self, shapes: Shapes, name: str, shade: float) -> None:
        if name in shapes:
            patch = self.canvas.patch(shapes[name], fine=3)
            self.canvas.paint(patch, linear(self.marks.legs) * np.float32(shade), "legs")

    # The head

    def _bill(self, shapes: Shapes) -> None:
        canvas, marks = self.canvas, self.marks
        patch = canvas.patch(shapes["bill"], fine=4)
        if patch is None:
            return
        canvas.paint(patch, linear(marks.bill_base), "bill")
        inside = patch.on(canvas.size)
        if marks.gonys_spot > 0.02:
            spot = canvas.patch([gonys(self.joints, marks.bill_depth, marks.gonys_spot)], fine=4)
            canvas.paint(spot, linear((204, 42, 30)), "bill", within=inside)
        tip = canvas.patch([bill_band(self.joints, 0.80, 1.3)], fine=4)
        canvas.paint(tip, linear(marks.bill_tip), "bill", within=inside)
        if marks.ring > 0.02:
            half = 0.09 * marks.ring
            ring = canvas.patch([bill_band(self.joints, 0.76 - half, 0.76 + half)], fine=4)
            canvas.paint(ring, _DARK, "bill", within=inside)
        gape = plumage.engraved([canvas.place(shapes["gape"][0])], 0.007 * canvas.unit, canvas.size)
        canvas.shade *= 1 - np.float32(0.55) * gape * inside
        canvas.round_off(patch, inflated(inside), 0.8)

    def _eye(self, shapes: Shapes) -> None:
        canvas, marks = self.canvas, self.marks
        for name, colour in (
            ("orbit", linear(marks.orbital_ring)),
            ("eye", linear(marks.iris)),
            ("pupil", linear((14, 12, 12))),
            ("glint", np.full(3, 1.2, np.float32)),
        ):
            canvas.paint(canvas.patch(shapes[name], fine=4), colour, "eye")

    # Roundness and spread wings

    def _round(self, shapes: Shapes, saddle: Patch | None) -> None:
        canvas = self.canvas
        every = canvas.patch(shapes["body"] + shapes["tail"] + shapes["primaries"])
        if every is None:
            return
        canvas.round_off(every, inflated(every.on(canvas.size)), 0.92)
        wing = canvas.patch(shapes["mantle"] + shapes["skirt"] + shapes["primaries"])
        if wing is not None:
            canvas.round_off(wing, inflated(wing.on(canvas.size)), 0.4)

    def _wing(self, wing: Wing, *, shaded: float, below: bool) -> None:
        canvas, marks, shapes = self.canvas, self.marks, wing.shapes()
        patch = canvas.patch(shapes["wing"])
        if patch is None:
            return
        inside = patch.on(canvas.size)
        pale = np.float32(0.55 if below else 0.0)
        grey = kodak(marks.mantle_grey) * (1 - pale) + kodak(max(0.4, marks.body_grey)) * pale
        lines = [canvas.place(line) for line in shapes["feathers"] + shapes["rows"]]
        edges = plumage.engraved(lines, 0.008 * canvas.unit, canvas.size)
        bands = plumage.grain(self.scene.stream("wing"), canvas.size, 10, 12)
        tone = (1 - 0.2 * edges + 0.03 * bands) * np.float32(shaded)
        canvas.paint(patch, np.asarray(grey * tone[..., None], np.float32), "mantle")
        hind = kodak(max(0.2, marks.head_grey))
        canvas.paint(canvas.patch(shapes["hind"]), hind, "body", within=inside)
        canvas.paint(
            canvas.patch(shapes["wing_tip"]),
            np.asarray(kodak(marks.wing_tip_grey) * tone[..., None], np.float32),
            "wing_tip",
            within=inside,
        )
        self._wing_spots(wing, shapes, inside)
        canvas.shade[patch.window] = canvas.shade[patch.window] * (1 - patch.cover) + patch.cover
        canvas.round_off(patch, _flat(inflated(inside)), 1.0)

    def _wing_spots(self, wing: Wing, shapes: Shapes, inside: Plane) -> None:
        canvas, marks = self.canvas, self.marks
        spots = [
            wing.mirror(k, min(1.0, marks.mirrors - k))
            for k in (0, 1, 2)
            if marks.mirrors - k > 0.1
        ]
        size = marks.primary_tips
        if size > 0.02:
            spots += [plumage.ellipse(end[0], 0.03 * size, 0.024 * size) for end in shapes["ends"]]
        if spots:
            canvas.paint(canvas.patch(spots, fine=3), _WHITE, "wing_tip", within=inside)


_TAIL_BAND = np.array([(-0.5, -0.2), (-0.765, -0.2), (-0.765, 0.3), (-0.5, 0.3)])
_PRIMARY_LINE = np.array([(-0.94, 0.033), (-0.38, -0.01)])
_ROWS = (
    ((0.24, -0.2), (-0.3, -0.18), 9, 0.045),
    ((0.28, -0.13), (-0.36, -0.11), 10, 0.05),
    ((0.29, -0.06), (-0.42, -0.04), 10, 0.055),
    ((0.27, 0.01), (-0.3, 0.03), 9, 0.05),
    ((0.18, 0.07), (-0.2, 0.08), 7, 0.04),
)


def _flat(normals: tuple[Plane, Plane, Plane]) -> tuple[Plane, Plane, Plane]:
    """Return normals of a flatter body."""
    right, down, near = normals
    length = np.sqrt(0.12 * (right * right + down * down) + near * near) + np.float32(1e-6)
    return right * np.float32(0.35) / length, down * np.float32(0.35) / length, near / length
