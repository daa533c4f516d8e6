"""Outlines of a gull that looks right, in body lengths, y downwards."""

from dataclasses import dataclass

import numpy as np

from explainers.imagesets.gulls.outlines import (
    Points,
    along,
    closed,
    ellipse,
    rotation,
    smooth,
    tube,
)
from explainers.imagesets.gulls.scene import Posture

Shapes = dict[str, list[Points]]

BILL_LENGTH = 0.215
_BILL_BASE, _BILL_LEVEL = 0.122, 0.004
_HEAD = np.array(
    [(0.126, -0.034), (0.106, -0.065), (0.058, -0.102), (-0.012, -0.12), (-0.082, -0.103),
     (-0.132, -0.03)]
)  # fmt: skip
_CHIN = np.array([(0.02, 0.105), (0.088, 0.064), (0.126, 0.034)])
_BACK = np.array([(0.25, -0.19), (0.08, -0.225), (-0.14, -0.205), (-0.36, -0.13), (-0.55, -0.055)])
_BELLY = np.array(
    [(-0.56, 0.04), (-0.42, 0.095), (-0.24, 0.18), (-0.02, 0.247), (0.2, 0.245), (0.37, 0.155),
     (0.435, 0.02)]
)  # fmt: skip
# The grey saddle and the coverts of a folded wing; it reaches beyond the back and is clipped there.
_MANTLE = smooth(
    [(0.255, -0.25), (0.295, -0.13), (0.285, -0.02), (0.245, 0.075), (0.15, 0.14), (0.0, 0.158),
     (-0.18, 0.132), (-0.34, 0.08), (-0.47, 0.035), (-0.575, -0.012), (-0.53, -0.068),
     (-0.40, -0.125), (-0.14, -0.24), (0.1, -0.28)]
)  # fmt: skip
_SCAPULARS = smooth(
    [(0.25, -0.24), (0.28, -0.12), (0.2, -0.03), (0.0, 0.012), (-0.22, 0.0), (-0.42, -0.03),
     (-0.46, -0.1), (-0.2, -0.26)]
)  # fmt: skip
# Along the white ends of secondaries and tertials.
_HEM_LINE = np.array(
    [(-0.02, 0.15), (-0.15, 0.136), (-0.28, 0.104), (-0.40, 0.066), (-0.50, 0.03), (-0.572, -0.01),
     (-0.55, -0.045), (-0.51, -0.075)]
)  # fmt: skip
_TAIL = smooth(
    [(-0.44, -0.06), (-0.6, -0.02), (-0.79, 0.035), (-0.79, 0.035), (-0.785, 0.085),
     (-0.785, 0.085), (-0.6, 0.09), (-0.42, 0.085)]
)  # fmt: skip
_FAN = smooth(
    [(-0.36, -0.10), (-0.56, -0.08), (-0.74, -0.15), (-0.79, -0.14), (-0.82, -0.08),
     (-0.83, 0.0), (-0.82, 0.07), (-0.79, 0.12), (-0.74, 0.13), (-0.56, 0.08), (-0.36, 0.10)]
)  # fmt: skip
_RECTRICES = [
    np.array([(-0.56, 0.5 * down), (-0.81, down)]) for down in (-0.1, -0.06, -0.02, 0.02, 0.06, 0.1)
]
_SADDLE = smooth(
    [(0.27, -0.22), (0.29, -0.11), (0.1, -0.045), (-0.2, -0.035), (-0.38, -0.075), (-0.36, -0.2),
     (0.0, -0.33)]
)  # fmt: skip
# Mandibles: along the bill in lengths, across in half depths.
_UPPER = smooth(
    [(-0.10, -1.0), (0.3, -0.96), (0.56, -0.84), (0.78, -0.52), (0.94, 0.05), (1.0, 0.72),
     (1.0, 0.72), (0.9, 0.34), (0.5, 0.12), (-0.16, 0.30)]
)  # fmt: skip
_LOWER = smooth(
    [(-0.16, 0.22), (0.5, 0.04), (0.94, 0.36), (0.94, 0.36), (0.82, 0.74), (0.67, 1.02),
     (0.42, 0.84), (0.12, 0.86), (-0.06, 0.92)]
)  # fmt: skip
_EYE = np.array([[0.045, -0.034]])
PRIMARIES = 5


def _hem() -> list[Points]:
    """Return overlapping white feather ends along the wing's lower and hind edge."""
    line = along(_HEM_LINE)[::4]
    direction = np.gradient(line, axis=0)
    found = []
    for place, ahead, share in zip(line, direction, np.linspace(0, 1, len(line)), strict=True):
        turn = float(np.arctan2(ahead[1], ahead[0]))
        # Narrow below the coverts, broad where tertials end: the crescent of the folded wing.
        found.append(ellipse(place, 0.04, 0.007 + 0.024 * share**2, turn + 0.2))
    return found


_HEM = _hem()


@dataclass(frozen=True)
class Joints:
    """Where the moving pieces of a bird are."""

    posture: Posture
    head: Points
    head_turn: float
    shorten: float

    def on_body(self, points: Points) -> Points:
        """Return points of the body's frame in the bird's frame."""
        deep = points * np.array([1.0, self.posture.plump])
        return np.asarray(deep @ rotation(-self.posture.pitch).T)

    def on_head(self, points: Points) -> Points:
        """Return points of the head's frame in the bird's frame."""
        narrow = points * np.array([self.shorten, 1.0])
        return np.asarray(narrow @ rotation(self.head_turn).T + self.head)


def joints_of(posture: Posture, *, flying: bool = False) -> Joints:
    """Return the joints of a posture."""
    base = np.array([[0.30, -0.06]]) @ rotation(-posture.pitch).T
    turn = -posture.pitch + 0.05 if flying else -posture.neck_turn
    length = 0.205 if flying else posture.neck
    reach = np.array([np.cos(turn), np.sin(turn)]) * length
    head_turn = 0.4 * posture.head_pitch - posture.pitch if flying else posture.head_pitch
    return Joints(posture, base[0] + reach, head_turn, 1 - 0.38 * posture.turn)


def folded(joints: Joints, bill_size: tuple[float, float], *, swimming: bool) -> Shapes:
    """Return the outlines of a standing or swimming bird; a bill has depth and length."""
    shapes: Shapes = {
        "body": [_silhouette(joints)],
        "mantle": [joints.on_body(_MANTLE)],
        "scapulars": [joints.on_body(_SCAPULARS)],
        "hem": [joints.on_body(end) for end in _HEM],
        "tail": [joints.on_body(_TAIL)],
        "primaries": [_primary(joints, number, 0.0) for number in range(PRIMARIES)],
        "far_primaries": [_primary(joints, number, 0.11) for number in range(2)],
        **_head(joints, *bill_size),
    }
    if not swimming:
        shapes |= _legs(joints)
    return shapes


def flying(joints: Joints, bill_size: tuple[float, float]) -> Shapes:
    """Return the outlines of a flying bird without its wings."""
    return {
        "body": [_silhouette(joints)],
        "mantle": [joints.on_body(_SADDLE)],
        "tail": [joints.on_body(_FAN)],
        "tail_feathers": [joints.on_body(line) for line in _RECTRICES],
        **_head(joints, *bill_size),
    }


def primary_tip(joints: Joints, number: int) -> tuple[Points, float]:
    """Return where a folded primary ends, 0 for the longest, and its direction."""
    outline = _primary_line(number)
    ends = joints.on_body(_drooped(outline, joints.posture.droop))
    back = ends[1] - ends[0]
    return ends[1], float(np.arctan2(back[1], back[0]))


def bill(joints: Joints, depth: float, length: float) -> list[Points]:
    """Return upper and lower mandible."""
    scale = np.array([length * BILL_LENGTH, depth * BILL_LENGTH / 2])
    start = np.array([_BILL_BASE, _BILL_LEVEL])
    return [joints.on_head(outline * scale + start) for outline in (_UPPER, _LOWER)]


def bill_band(joints: Joints, length: float, start: float, end: float) -> Points:
    """Return the part of the bill between two shares of its length."""
    x0, x1 = (_BILL_BASE + share * length * BILL_LENGTH for share in (start, end))
    return joints.on_head(np.array([(x0, -0.1), (x1, -0.1), (x1 - 0.01, 0.12), (x0 - 0.01, 0.12)]))


def gonys(joints: Joints, depth: float, length: float, spot: float) -> Points:
    """Return the red spot at the angle of the lower mandible."""
    x = _BILL_BASE + 0.68 * length * BILL_LENGTH
    place = np.array([[x, _BILL_LEVEL + 0.33 * depth * BILL_LENGTH]])
    return ellipse(joints.on_head(place)[0], 0.036 * spot, 0.022 * spot, joints.head_turn)


def gape(joints: Joints, depth: float, length: float) -> list[Points]:
    """Return the line between the mandibles, and the nostril."""
    x, long = _BILL_BASE, length * BILL_LENGTH
    low = 0.008 + 0.1 * depth * BILL_LENGTH
    edge = [(x - 0.045, 0.022), (x - 0.01, 0.009), (x + 0.5 * long, 0.008), (x + 0.9 * long, low)]
    nostril = [(x + 0.36 * long, -0.010), (x + 0.48 * long, -0.008)]
    return [along(joints.on_head(np.array(edge))), joints.on_head(np.array(nostril))]


def _silhouette(joints: Joints) -> Points:
    head, chin = joints.on_head(_HEAD), joints.on_head(_CHIN)
    back, belly = joints.on_body(_BACK), joints.on_body(_BELLY)
    nape = 0.5 * head[-1] + 0.5 * back[0]
    throat = 0.5 * belly[-1] + 0.5 * chin[0]
    across = (throat - nape) / (np.linalg.norm(throat - nape) + 1e-9)
    middle = [nape + 0.012 * across], [throat + 0.006 * across]
    return closed(np.concatenate([head, middle[0], back, belly, middle[1], chin]))


def _primary_line(number: int) -> Points:
    return np.array([(-0.36, 0.0), (-0.985 + 0.088 * number, 0.036 - 0.011 * number)])


def _primary(joints: Joints, number: int, raised: float) -> Points:
    """Return one folded primary; `raised` turns the far wing's above the near one's."""
    root, tip = _primary_line(number)
    ahead = (tip - root) / np.linalg.norm(tip - root)
    side = np.array([-ahead[1], ahead[0]])
    shares = np.array([0.0, 0.5, 0.8, 0.94, 1.0])
    widths = np.array([0.05, 0.042, 0.03, 0.016, 0.0])
    middle = root + (tip - root) * shares[:, None]
    upper, lower = middle + side * widths[:, None], middle - side * widths[:, None] * 0.8
    flat = np.concatenate([upper, [tip], lower[-2::-1]])
    return closed(joints.on_body(_drooped(flat, joints.posture.droop - raised)))


def _drooped(points: Points, angle: float) -> Points:
    pivot = np.array([-0.36, 0.0])
    return np.asarray((points - pivot) @ rotation(-angle).T + pivot)


def _head(joints: Joints, depth: float, length: float) -> Shapes:
    eye = joints.on_head(_EYE)[0]
    return {
        "bill": bill(joints, depth, length),
        "gape": gape(joints, depth, length),
        "skull": [ellipse(joints.on_head(np.array([[-0.002, -0.005]]))[0], 0.155, 0.145)],
        "orbit": [ellipse(eye, 0.0235 * joints.shorten, 0.0215)],
        "eye": [ellipse(eye, 0.0195 * joints.shorten, 0.018)],
        "pupil": [ellipse(eye, 0.0105 * joints.shorten, 0.0105)],
        "glint": [ellipse(eye + np.array([0.005, -0.007]), 0.004, 0.004)],
    }


def _legs(joints: Joints) -> Shapes:
    posture = joints.posture
    hips = joints.on_body(np.array([(-0.05, 0.19), (0.04, 0.2)]))
    ground = float(hips[:, 1].mean()) + 0.37
    found: Shapes = {"legs": [], "far_legs": [], "thighs": []}
    for name, hip, step, rise in (
        ("far_legs", hips[1], 0.5, -0.03), ("legs", hips[0], -0.5, 0.0)
    ):  # fmt: skip
        foot = np.array([hip[0] + 0.03 + step * posture.stride, ground + rise])
        knee = np.array([0.55 * hip[0] + 0.45 * foot[0] - 0.026, 0.56 * hip[1] + 0.44 * foot[1]])
        line = along(np.array([hip, knee, foot]))
        widths = np.interp(np.linspace(0, 1, len(line)), [0, 0.4, 0.48, 0.6, 1],
                           [0.019, 0.014, 0.0175, 0.0125, 0.014])  # fmt: skip
        found[name] += [tube(line, widths), _foot(foot)]
        found["thighs"].append(ellipse(hip + np.array([0.01, -0.012]), 0.06, 0.105, 0.55))
    return found


def _foot(ankle: Points) -> Points:
    flat = [(-0.02, -0.015), (0.02, -0.018), (0.075, 0.006), (0.135, 0.018), (0.135, 0.018),
            (0.10, 0.028), (0.062, 0.024), (0.03, 0.036), (0.0, 0.028), (-0.035, 0.02)]  # fmt: skip
    return closed(np.array(flat) + ankle)
