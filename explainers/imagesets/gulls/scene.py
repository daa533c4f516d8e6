"""Everything of a picture that is not a mark: pose, place, background, light, camera."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from experiments.digest import derive_seed
from explainers.imagesets.gulls.difficulty import Difficulty

Pose = Literal["standing", "swimming", "flying"]
Generator = np.random.Generator

_PERCHES = ("sand", "sand", "rock", "pier", "grass", "shallows", "snow")


@dataclass(frozen=True)
class Posture:
    """Joints of the bird; angles in radians, lengths in bodies.

    Attributes
    ----------
    pitch
        Of the body; positive lifts the breast.
    neck, neck_turn
        Length of the neck and its angle above the horizon.
    head_pitch
        Of the bill; positive points it down.
    turn
        Of the head towards the camera, 0 to 1: it shortens the bill.
    plump
        Depth of the body, 1 on average.
    droop
        Of the wing tips below the body's axis.
    stride
        Distance of the feet.
    wings
        Angles of the two spread wings against the body, and how far each is foreshortened.
    sweep
        How far the hands of spread wings point back.
    """

    pitch: float
    neck: float
    neck_turn: float
    head_pitch: float
    turn: float
    plump: float
    droop: float
    stride: float
    wings: tuple[float, float, float, float]
    sweep: float


@dataclass(frozen=True)
class Placing:
    """Where in the frame the bird is; shares of the frame.

    Attributes
    ----------
    facing
        1 looks right, -1 looks left.
    width, height
        Of the bird's box.
    x, y
        Where in the free room the box lies, 0 to 1. Room is negative when the bird is cropped.
    roll
        Turn of the camera, in radians.
    """

    facing: int
    width: float
    height: float
    x: float
    y: float
    roll: float


@dataclass(frozen=True)
class Light:
    """Sun, sky and exposure.

    Attributes
    ----------
    sun
        Direction to the sun: right, down, towards the camera.
    direct
        Share of direct light.
    warmth
        Of the sun against the sky.
    exposure
        Factor on everything.
    """

    sun: tuple[float, float, float]
    direct: float
    warmth: float
    exposure: float


@dataclass(frozen=True)
class Camera:
    """What lens and sensor add."""

    blur: float
    noise: float
    cast: tuple[float, float, float]
    contrast: float
    vignette: float


@dataclass(frozen=True)
class Scene:
    """A picture without its marks."""

    seed: int
    pose: Pose
    posture: Posture
    placing: Placing
    background: str
    horizon: float
    light: Light
    camera: Camera
    cover: str
    hidden: float
    streaks: float
    mottles: float
    water_line: float

    def stream(self, name: str) -> Generator:
        """Return the randomness of one thing, the same whatever else is drawn."""
        return np.random.default_rng(derive_seed(self.seed, name))


def scene_of(seed: int, difficulty: Difficulty) -> Scene:
    """Return the scene that belongs to a seed."""
    chance = np.random.default_rng(derive_seed(seed, "scene"))
    pose: Pose = chance.choice(["standing", "swimming", "flying"], p=[0.62, 0.16, 0.22])
    posture = _posture(chance, pose)
    background = _background(chance, pose)
    disguise = difficulty.disguise
    young = chance.random() < 0.3
    winter = chance.random() < 0.4
    return Scene(
        seed=seed,
        pose=pose,
        posture=posture,
        placing=_placing(chance, pose, difficulty),
        background=background,
        horizon=float(chance.uniform(-0.5, 0.45)),
        light=_light(chance),
        camera=_camera(chance, difficulty),
        cover=_cover(chance, pose, background, difficulty),
        hidden=difficulty.hidden * chance.uniform(0.4, 1),
        streaks=disguise * chance.uniform(0.3, 1) * winter,
        mottles=disguise * chance.uniform(0.2, 1) * young,
        water_line=chance.uniform(0.10, 0.17),
    )


def _posture(chance: Generator, pose: Pose) -> Posture:
    upright = chance.random()
    pitch = {
        "standing": np.radians(6 + 30 * upright + chance.normal(0, 3)),
        "swimming": np.radians(chance.uniform(2, 12)),
        "flying": np.radians(chance.uniform(-14, 16)),
    }[pose]
    hunched = chance.random() < (0.6 if pose == "swimming" else 0.35)
    raised = chance.random() < 0.45
    wings = (
        (chance.uniform(62, 118), chance.uniform(55, 100)) if raised
        else (-chance.uniform(62, 105), chance.uniform(70, 112))
    )  # fmt: skip
    return Posture(
        pitch=float(pitch),
        neck=float(chance.uniform(0.14, 0.2) if hunched else chance.uniform(0.2, 0.31)),
        neck_turn=float(np.radians(chance.uniform(40, 66) + 14 * upright)),
        head_pitch=float(np.radians(chance.normal(4, 9))),
        turn=float(chance.uniform(0, 0.7) if chance.random() < 0.35 else chance.uniform(0, 0.12)),
        plump=float(chance.uniform(0.72, 0.84) if pose == "flying" else chance.uniform(0.9, 1.12)),
        droop=float(np.radians(chance.uniform(-4, 9))),
        stride=float(chance.uniform(0.02, 0.2)),
        wings=(
            float(np.radians(wings[0])),
            float(np.radians(wings[1])),
            float(chance.uniform(0.75, 1.0)),
            float(chance.uniform(0.6, 0.9)),
        ),
        sweep=float(chance.uniform(-0.05, 0.35)),
    )


def _placing(chance: Generator, pose: Pose, difficulty: Difficulty) -> Placing:
    cropped = chance.random() < 0.16
    fill = difficulty.fill * chance.uniform(0.9, 1.04)
    if cropped:
        fill = chance.uniform(1.1, 1.35)
    facing = int(chance.choice([-1, 1]))
    x, y = float(chance.uniform(0, 1)), float(chance.uniform(0, 1))
    if cropped:
        # The frame keeps the head, or now and then the wing tips instead: never neither.
        headwards = 0.05 * x if chance.random() < 0.82 else 1 - 0.05 * x
        x = 1 - headwards if facing > 0 else headwards
        y = 0.2 * y if pose != "flying" else 0.35 + 0.3 * y
    # The boxes of CUB are cut to the bird and squashed to a square: both sides are nearly filled.
    return Placing(
        facing=facing,
        width=float(fill),
        height=float(fill * chance.uniform(0.92, 1.0)),
        x=x,
        y=y,
        roll=float(np.radians(chance.normal(0, 2.5))),
    )


def _background(chance: Generator, pose: Pose) -> str:
    if pose == "swimming":
        return "water"
    if pose == "flying":
        return str(chance.choice(["sky", "sky", "water", "shore"]))
    return str(chance.choice(_PERCHES))


def _light(chance: Generator) -> Light:
    azimuth, height = chance.uniform(-1.25, 1.25), np.radians(chance.uniform(22, 68))
    sun = (np.sin(azimuth) * np.cos(height), -np.sin(height), np.cos(azimuth) * np.cos(height))
    return Light(
        sun=(float(sun[0]), float(sun[1]), float(sun[2])),
        direct=float(
            chance.choice([chance.uniform(0.05, 0.25), chance.uniform(0.4, 0.7)], p=[0.4, 0.6])
        ),
        warmth=float(chance.uniform(0, 1) ** 2),
        exposure=float(np.exp(chance.normal(0, 0.07))),
    )


def _camera(chance: Generator, difficulty: Difficulty) -> Camera:
    cast = np.exp(chance.normal(0, [0.025, 0.012, 0.035]))
    return Camera(
        blur=float(difficulty.blur * chance.uniform(0.6, 1.4)),
        noise=float(difficulty.noise * chance.uniform(0.5, 1.4)),
        cast=(float(cast[0]), float(cast[1]), float(cast[2])),
        contrast=float(chance.normal(0.24, 0.1)),
        vignette=float(chance.uniform(0, 0.18)),
    )


def _cover(chance: Generator, pose: Pose, background: str, difficulty: Difficulty) -> str:
    if chance.random() > difficulty.occlusion or pose == "flying":
        return ""
    if pose == "swimming" or background == "shallows":
        return "wave"
    return "grass" if background in ("sand", "rock", "grass") else ""
