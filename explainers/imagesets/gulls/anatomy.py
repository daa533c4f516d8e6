"""Outlines of a gull that looks right, in body lengths, y downwards."""

from dataclasses import dataclass

import numpy as np

from explainers.imagesets.gulls.outlines import Points, along, closed, ellipse, rotation, tube
from explainers.imagesets.gulls.scene import Posture

Shapes = dict[str, list[Points]]

_BILL = 0.205
_HEAD = np.array(
    [(0.112, -0.045), (0.078, -0.091), (0.01, -0.116), (-0.068, -0.097), (-0.112, -0.03)]
)
_CHIN = np.array([(0.01, 0.108), (0.082, 0.066), (0.112, 0.036)])
_BACK = np.array([(0.27, -0.205), (0.06, -0.25), (-0.18, -0.215), (-0.40, -0.125), (-0.56, -0.05)])
_BELLY = np.array(
    [(-0.56, 0.055), (-0.40, 0.135), (-0.20, 0.222), (0.05, 0.262), (0.28, 0.222), (0.44, 0.07)]
)
# The grey saddle and the coverts of a folded wing.
_MANTLE = np.array(
    [
        (0.31, -0.20), (0.36, -0.09), (0.33, 0.03), (0.22, 0.105), (0.04, 0.135), (-0.16, 0.115),
        (-0.34, 0.065), (-0.47, 0.015), (-0.52, -0.04), (-0.42, -0.14), (-0.2, -0.25), (0.05, -0.29),
        (0.22, -0.26),
    ]
)  # fmt: skip
_SKIRT = np.array(
    [(-0.08, 0.10), (-0.22, 0.135), (-0.38, 0.105), (-0.53, 0.05), (-0.60, 0.0), (-0.565, -0.05),
     (-0.48, -0.07), (-0.4, 0.0), (-0.25, 0.06)]
)  # fmt: skip

_TAIL = np.array(
    [(-0.44, -0.07), (-0.6, -0.03), (-0.8, 0.02), (-0.8, 0.02), (-0.79, 0.075), (-0.79, 0.075),
     (-0.6, 0.085), (-0.42, 0.09)]
)  # fmt: skip
_FAN = np.array(
    [(-0.40, -0.07), (-0.6, -0.09), (-0.8, -0.12), (-0.8, -0.12), (-0.83, 0.0), (-0.8, 0.10),
     (-0.8, 0.10), (-0.6, 0.085), (-0.42, 0.07)]
)  # fmt: skip
_SADDLE = np.array(
    [(0.30, -0.20), (0.31, -0.10), (0.1, -0.03), (-0.2, -0.03), (-0.38, -0.08), (-0.36, -0.2),
     (0.0, -0.33)]
)  # fmt: skip


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
    base = np.array([[0.34, -0.07]]) @ rotation(-posture.pitch).T
    turn = -posture.pitch - 0.1 if flying else -posture.neck_turn
    length = 0.2 if flying else posture.neck
    reach = np.array([np.cos(turn), np.sin(turn)]) * length
    head_turn = posture.head_pitch - (posture.pitch if flying else 0)
    return Joints(posture, base[0] + reach, head_turn, 1 - 0.38 * posture.turn)


def folded(joints: Joints, bill_depth: float, *, swimming: bool) -> Shapes:
    """Return the outlines of a standing or swimming bird."""
    shapes: Shapes = {
        "body": [_silhouette(joints)],
        "mantle": [closed(joints.on_body(_MANTLE))],
        "skirt": [closed(joints.on_body(_SKIRT))],
        "tail": [closed(joints.on_body(_TAIL))],
        "primaries": [closed(joints.on_body(_primaries(joints.posture)))],
        **_head(joints, bill_depth),
    }
    if not swimming:
        shapes |= _legs(joints)
    return shapes


def flying(joints: Joints, bill_depth: float) -> Shapes:
    """Return the outlines of a flying bird without its wings."""
    return {
        "body": [_silhouette(joints)],
        "mantle": [closed(joints.on_body(_SADDLE))],
        "tail": [closed(joints.on_body(_FAN))],
        **_head(joints, bill_depth),
    }


def _silhouette(joints: Joints) -> Points:
    head, chin = joints.on_head(_HEAD), joints.on_head(_CHIN)
    back, belly = joints.on_body(_BACK), joints.on_body(_BELLY)
    nape = 0.5 * head[-1] + 0.5 * back[0]
    throat = 0.5 * belly[-1] + 0.5 * chin[0]
    inwards = (throat - nape) / (np.linalg.norm(throat - nape) + 1e-9)
    middle = [nape + 0.025 * inwards], [throat - 0.012 * inwards]
    return closed(np.concatenate([head, middle[0], back, belly, middle[1], chin]))


def _primaries(posture: Posture) -> Points:
    flat = np.array(
        [(-0.36, -0.06), (-0.52, -0.055), (-0.72, -0.02), (-0.95, 0.035), (-0.95, 0.035),
         (-0.76, 0.05), (-0.56, 0.05), (-0.38, 0.06)]
    )  # fmt: skip
    pivot = np.array([-0.36, 0.0])
    return np.asarray((flat - pivot) @ rotation(-posture.droop).T + pivot)


def _head(joints: Joints, depth: float) -> Shapes:
    upper, lower = _bill(depth)
    eye = joints.on_head(np.array([[0.038, -0.038]]))[0]
    edge = np.array([(0.108, 0.012), (0.15, 0.012), (0.2, 0.014), (0.105 + 0.86 * _BILL, 0.018)])
    return {
        "bill": [closed(joints.on_head(upper)), closed(joints.on_head(lower))],
        "gape": [along(joints.on_head(edge))],
        "skull": [ellipse(joints.on_head(np.array([[0.0, -0.005]]))[0], 0.15, 0.14)],
        "orbit": [ellipse(eye, 0.0285 * joints.shorten, 0.0265)],
        "eye": [ellipse(eye, 0.0235 * joints.shorten, 0.022)],
        "pupil": [ellipse(eye, 0.0125 * joints.shorten, 0.0125)],
        "glint": [ellipse(eye + np.array([0.006, -0.008]), 0.005, 0.005)],
    }


def _bill(depth: float) -> tuple[Points, Points]:
    """Return upper and lower mandible in the head's frame; `depth` is over the length."""
    half = depth * _BILL / 2
    x = 0.105
    upper = [(x - 0.012, 0.01 - half), (x + 0.25 * _BILL, 0.012 - half * 0.96),
             (x + 0.6 * _BILL, 0.012 - half * 0.86), (x + 0.86 * _BILL, 0.018 - half * 0.42),
             (x + _BILL, 0.03 + half * 0.3), (x + _BILL, 0.03 + half * 0.3),
             (x + 0.84 * _BILL, 0.02), (x + 0.4 * _BILL, 0.015), (x, 0.014)]  # fmt: skip
    lower = [(x, 0.008), (x + 0.4 * _BILL, 0.008), (x + 0.9 * _BILL, 0.014),
             (x + 0.93 * _BILL, 0.022), (x + 0.8 * _BILL, 0.016 + half * 0.75),
             (x + 0.64 * _BILL, 0.012 + half * 1.0), (x + 0.3 * _BILL, 0.012 + half * 0.78),
             (x - 0.01, 0.012 + half * 0.8)]  # fmt: skip
    return np.array(upper), np.array(lower)


def bill_band(joints: Joints, start: float, end: float) -> Points:
    """Return the part of the bill between two shares of its length."""
    x0, x1 = 0.105 + start * _BILL, 0.105 + end * _BILL
    return joints.on_head(
        np.array([(x0, -0.1), (x1, -0.1), (x1 - 0.006, 0.12), (x0 - 0.006, 0.12)])
    )


def gonys(joints: Joints, depth: float, spot: float) -> Points:
    """Return the red spot at the angle of the lower mandible."""
    place = np.array([[0.105 + 0.7 * _BILL, 0.012 + depth * _BILL * 0.34]])
    return ellipse(joints.on_head(place)[0], 0.036 * spot, 0.024 * spot, joints.head_turn)


def _legs(joints: Joints) -> Shapes:
    posture = joints.posture
    hips = joints.on_body(np.array([(-0.03, 0.2), (0.05, 0.2)]))
    ground = float(hips[:, 1].mean()) + 0.34
    found: Shapes = {"legs": [], "far_legs": [], "thighs": []}
    for name, hip, step, rise in (
        ("far_legs", hips[1], 0.5, -0.025), ("legs", hips[0], -0.5, 0.0)
    ):  # fmt: skip
        foot = np.array([hip[0] + 0.03 + step * posture.stride, ground + rise])
        knee = np.array([0.55 * hip[0] + 0.45 * foot[0] - 0.028, 0.56 * hip[1] + 0.44 * foot[1]])
        line = along(np.array([hip, knee, foot]))
        widths = np.interp(np.linspace(0, 1, len(line)), [0, 0.4, 0.48, 0.6, 1],
                           [0.022, 0.0165, 0.0195, 0.0145, 0.0165])  # fmt: skip
        found[name] += [tube(line, widths), _foot(foot)]
        found["thighs"].append(ellipse(hip + np.array([0.0, 0.025]), 0.062, 0.085, 0.25))
    return found


def _foot(ankle: Points) -> Points:
    flat = [(-0.02, -0.015), (0.02, -0.018), (0.075, 0.006), (0.135, 0.018), (0.135, 0.018),
            (0.10, 0.028), (0.062, 0.024), (0.03, 0.036), (0.0, 0.028), (-0.035, 0.02)]  # fmt: skip
    return closed(np.array(flat) + ankle)
