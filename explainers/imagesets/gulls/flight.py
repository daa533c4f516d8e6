"""Outlines of spread wings."""

import numpy as np

from explainers.imagesets.gulls.anatomy import Joints, Shapes
from explainers.imagesets.gulls.outlines import Points, along, closed, ellipse

# A right wing seen from above: x forwards, y outwards from the shoulder.
_LEADING = np.array([(0.17, -0.04), (0.24, 0.2), (0.27, 0.42), (0.20, 0.66), (0.06, 0.92)])
_TIP = np.array([(-0.10, 1.15), (-0.14, 1.17), (-0.17, 1.14)])
_TRAILING = np.array(
    [(-0.20, 1.02), (-0.215, 0.82), (-0.17, 0.62), (-0.20, 0.4), (-0.25, 0.18), (-0.24, -0.04)]
)
# Black reaches further in on the outer webs of the outer primaries.
_BLACK = np.array(
    [(0.3, 0.55), (0.16, 0.67), (0.13, 0.655), (0.07, 0.745), (0.03, 0.73), (-0.02, 0.80),
     (-0.06, 0.79), (-0.10, 0.85), (-0.14, 0.835), (-0.18, 0.885), (-0.35, 0.9), (-0.4, 1.1),
     (-0.2, 1.4), (0.3, 1.1)]
)  # fmt: skip
# The white hind edge lies between these shifts of the trailing edge.
_BEHIND, _BEFORE = np.array([-0.06, 0.02]), np.array([0.05, 0.0])
_SHOULDER = np.array([[0.02, -0.1]])


class Wing:
    """One spread wing in the bird's frame."""

    def __init__(self, joints: Joints, angle: float, span: float, sweep: float) -> None:
        self.joints, self.angle, self.span, self.sweep = joints, angle, span, sweep

    def place(self, points: Points) -> Points:
        """Return points of the wing's frame in the bird's frame."""
        forwards = points[:, 0] - self.sweep * np.maximum(points[:, 1] - 0.35, 0) ** 1.3
        outwards = points[:, 1] * self.span
        ahead = np.array([abs(np.sin(self.angle)), np.cos(self.angle) * np.sign(self.angle)])
        out = np.array([np.cos(self.angle), -np.sin(self.angle)])
        flat = forwards[:, None] * ahead * 0.92 + outwards[:, None] * out
        return self.joints.on_body(flat + _SHOULDER)

    def shapes(self) -> Shapes:
        """Return wing, black tip, white hind edge and the lines between feathers."""
        outline = np.concatenate([_LEADING, _TIP, _TRAILING])
        hind = np.concatenate([_TRAILING[1:] + _BEHIND, _TRAILING[:0:-1] + _BEFORE])
        return {
            "wing": [closed(self.place(outline))],
            "wing_tip": [self.place(_BLACK)],
            "hind": [self.place(hind)],
            "feathers": [self.place(line) for line in _feathers()],
            "rows": [along(self.place(line)) for line in _rows()],
            "ends": [self.place(point[None])[0][None] for point in _ends()],
        }

    def mirror(self, number: int, size: float) -> Points:
        """Return the mirror of the longest (0) or next (1) primary."""
        place = np.array([[-0.075 - 0.035 * number, 1.055 - 0.085 * number]])
        here, further = self.place(np.concatenate([place, place + np.array([[-0.1, 0.4]])]))
        turn = float(np.arctan2(*(further - here)[::-1]))
        return ellipse(here, 0.062 * size, 0.026 * size, turn)


def _feathers() -> list[Points]:
    """Return the shafts' side lines of primaries and secondaries."""
    lines = []
    for share in np.linspace(0.02, 1, 9):
        start = np.array([0.14 - 0.03 * share, 0.46 + 0.28 * share])
        end = np.array([-0.215 + 0.06 * share, 0.62 + 0.52 * share])
        lines.append(np.stack([start, end]))
    for out in np.linspace(0.02, 0.58, 9):
        lines.append(np.array([(0.02, out - 0.02), (-0.22, out + 0.03)]))
    return lines


def _rows() -> list[Points]:
    return [
        np.array([(0.0, 0.0), (0.02, 0.25), (0.06, 0.45), (0.03, 0.7)]),
        np.array([(0.09, 0.0), (0.12, 0.25), (0.16, 0.44)]),
    ]


def _ends() -> list[Points]:
    """Return where the primaries end along the hind edge of the hand."""
    return [np.array([-0.165 - 0.045 * np.sin(k / 6 * np.pi), 1.12 - 0.075 * k]) for k in range(7)]
