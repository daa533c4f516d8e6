"""Shores, water, sky and piers, sharp at the bird's feet and soft behind."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from explainers.imagesets.gulls.light import Rgb, linear
from explainers.imagesets.gulls.marks import Colour
from explainers.imagesets.gulls.outlines import Plane, as_plane, noise, resized
from explainers.imagesets.gulls.scene import Generator, Scene

Palette = tuple[Colour, ...]

_WATERS: Palette = ((66, 88, 106), (92, 108, 114), (70, 92, 92), (118, 126, 132), (52, 66, 80))
_SANDS: Palette = ((170, 154, 130), (140, 132, 120), (190, 180, 160), (122, 114, 106))
_SKIES: Palette = ((126, 160, 200), (170, 186, 202), (204, 208, 212), (100, 140, 188))
_ROCKS: Palette = ((112, 104, 96), (88, 84, 82), (142, 132, 118))
_GREENS: Palette = ((98, 112, 66), (120, 124, 78), (76, 92, 58))
_BOARDS: Palette = ((128, 118, 106), (104, 100, 98), (150, 138, 120))
_DISTANT: Palette = ((82, 96, 82), (118, 126, 130), (146, 136, 118), (66, 78, 88), (176, 182, 186))
_GROUNDS = {"sand": _SANDS, "grass": _GREENS, "snow": ((222, 226, 232),), "shore": _SANDS}


@dataclass(frozen=True)
class _View:
    """Rows of the picture as depth: 0 at the horizon, 1 at the lower edge."""

    size: int
    horizon: float
    feet: float

    @property
    def rows(self) -> Plane:
        return np.asarray((np.arange(self.size) + 0.5) / self.size, np.float32)

    @property
    def depth(self) -> Plane:
        span = max(0.2, 1.02 - self.horizon)
        return np.asarray(np.clip((self.rows - self.horizon) / span, 0, 1)[:, None])

    @property
    def focus(self) -> Plane:
        """Sharpness by row: 1 where the bird stands."""
        away = (self.rows - self.feet) / np.where(self.rows < self.feet, 0.22, 0.3)
        return np.asarray(np.exp(-(away**2)), np.float32)[:, None]


def background(scene: Scene, size: int, feet: float) -> tuple[Rgb, Rgb]:
    """Return the background in linear light, (size, size, 3), and the ground's mean colour.

    Parameters
    ----------
    scene
        Names the background and its randomness.
    size
        Side of the picture.
    feet
        Where the bird stands, as a share of the height: the ground reaches up to there.
    """
    chance, name = scene.stream("background"), scene.background
    view = _View(size, min(scene.horizon, feet - 0.15), feet)
    if name == "sky":
        return _sky(chance, view), linear(_pick(chance, _SANDS))
    if name in ("water", "shallows") or (name in ("rock", "pier") and chance.random() < 0.6):
        ground = _water(chance, view)
    else:
        palette = _GROUNDS.get(name, _DISTANT)
        ground = _ground(chance, view, _pick(chance, palette), name)
    far = _far(chance, view)
    share = _edge(view, 0.01 + 0.04 * chance.random())
    picture: Rgb = far + (ground - far) * share[..., None]
    if name in ("rock", "pier"):
        picture = _perch(chance, picture, view, name)
    below = picture[-max(1, size // 6) :].mean(axis=(0, 1), dtype=np.float32)
    return picture, below


def _pick(chance: Generator, colours: Palette) -> Colour:
    shift = chance.normal(0, 3.5, 3) + chance.normal(0, 9)
    parts = np.clip(np.array(colours[int(chance.integers(len(colours)))]) + shift, 4, 250)
    return float(parts[0]), float(parts[1]), float(parts[2])


def _edge(view: _View, soft: float) -> Plane:
    rise = np.clip((view.rows - view.horizon) / np.float32(soft) + 0.5, 0, 1)
    return np.repeat(rise[:, None], view.size, axis=1)


def _sky(chance: Generator, view: _View) -> Rgb:
    base, size = linear(_pick(chance, _SKIES)), view.size
    clouds = np.clip(noise(chance, size, 3, 5) + 0.5 * noise(chance, size, 8, 12), -0.4, 2) + 0.4
    share = clouds * np.float32(chance.uniform(0, 0.3)) + 0.2 * view.rows[:, None]
    return np.asarray(base + (np.float32(0.78) - base) * np.clip(share, 0, 0.9)[..., None])


def _far(chance: Generator, view: _View) -> Rgb:
    """Return what lies behind the horizon, far out of focus: haze, trees, or buildings."""
    base = linear(_pick(chance, _DISTANT + _SKIES))
    other = base * np.float32(chance.uniform(0.45, 0.8))
    cells = (9, 3) if chance.random() < 0.4 else (6, 6)
    share = np.clip(0.5 + 0.4 * noise(chance, view.size, *cells), 0, 1)
    share *= np.float32(chance.choice([0.15, 0.6, 1.0]))
    return np.asarray(base + (other - base) * share[..., None])


def _water(chance: Generator, view: _View) -> Rgb:
    base, sky = linear(_pick(chance, _WATERS)), linear(_pick(chance, _SKIES))
    size, depth = view.size, view.depth
    scale = chance.uniform(0.5, 1.2)
    long = noise(chance, size, round(6 * scale), round(26 * scale))
    short = noise(chance, size, round(15 * scale), round(64 * scale))
    fine = noise(chance, size, round(40 * scale), round(110 * scale))
    ripples = 0.6 * long + 0.5 * short + 0.35 * fine * view.focus
    # Ripples grow towards the viewer: rows are read more slowly there.
    rows = ((1 - (1 - depth[:, 0]) ** 1.6) * (size - 1)).astype(int)
    ripples = ripples[rows] * (0.3 + 0.7 * depth)
    # Crests throw the sky back more than troughs swallow it.
    ripples = ripples + 0.35 * np.maximum(ripples, 0) ** 2
    gloss = np.float32(chance.uniform(0.1, 0.42))
    share = np.clip(gloss * (1.0 + 0.9 * ripples) + 0.25 * (1 - depth), 0.01, 1)
    tone = np.maximum(1 + 0.2 * ripples, 0.3)
    return np.asarray(base * tone[..., None] * (1 - share[..., None]) + sky * share[..., None])


def _ground(chance: Generator, view: _View, colour: Colour, name: str) -> Rgb:
    size, depth, focus = view.size, view.depth, view.focus
    rough = {"snow": 0.05, "grass": 0.32}.get(name, 0.2)
    patches = noise(chance, size, 6, 12)
    if name == "grass":
        fine = noise(chance, size, 130, 44) + 0.5 * noise(chance, size, 60, 30)
    else:
        fine = 0.8 * noise(chance, size, 64, 110) + 0.7 * noise(chance, size, 110, 160)
    soft = noise(chance, size, 22, 40)
    tone = 0.55 * patches + 0.6 * soft * (1 - focus) * depth + 1.0 * fine * focus
    picture: Rgb = linear(colour) * np.clip(1 + np.float32(rough) * tone, 0.25, 2)[..., None]
    if name in ("sand", "shore"):
        picture = _strewn(chance, _littered(chance, picture, view), view)
    return np.asarray(picture, np.float32)


def _littered(chance: Generator, picture: Rgb, view: _View) -> Rgb:
    """Litter the ground with dark weed and wet patches, clear-cut where it is sharp."""
    share = chance.choice([0.0, 0.5, 1.0])
    field = noise(chance, view.size, 18, 44) + 0.5 * noise(chance, view.size, 60, 100)
    hard = 0.8 + 4 * view.focus
    dark = np.clip((field - 1.25) * hard, 0, 1) * view.depth**0.5
    return np.asarray(picture * (1 - np.float32(0.55 * share) * dark)[..., None])


def _strewn(chance: Generator, picture: Rgb, view: _View) -> Rgb:
    """Strew pebbles and weed, larger and further apart towards the viewer."""
    size, number = view.size, int(chance.integers(0, 70))
    light, dark = Image.new("L", (size, size)), Image.new("L", (size, size))
    pens = ImageDraw.Draw(light), ImageDraw.Draw(dark)
    places = chance.random((number, 4))
    for across, down, growth, bright in places.tolist():
        depth = down**0.6
        x, y = across * size, (view.horizon + depth * (1 - view.horizon)) * size
        wide = size * (0.002 + 0.012 * depth * growth**2)
        high = wide * 0.5
        pens[1].ellipse((x - wide, y - high * 0.4, x + wide * 1.15, y + high * 1.3), fill=150)
        if bright < 0.6:
            pens[0].ellipse((x - wide, y - high, x + wide, y + high), fill=int(90 + 120 * bright))
    shade = as_plane(dark) / np.float32(255)
    glow = as_plane(light) / np.float32(255)
    stone = linear((150, 142, 132))
    picture = picture * (1 - 0.75 * shade)[..., None]
    return np.asarray(picture + (stone - picture) * glow[..., None], np.float32)


def _perch(chance: Generator, picture: Rgb, view: _View, name: str) -> Rgb:
    """Lay a rock or boards under the feet."""
    size = view.size
    columns = np.linspace(0, 1, size, dtype=np.float32)
    top = np.full(size, (view.feet - 0.03) * size, np.float32)
    if name == "rock":
        base = linear(_pick(chance, _ROCKS))
        ridge = resized(chance.standard_normal((9, 9)).astype(np.float32), size)[0]
        bulge = (columns - np.float32(chance.uniform(0.3, 0.7))) ** 2 * chance.uniform(0.1, 0.5)
        top = top + np.float32(size) * (0.014 * ridge + bulge.astype(np.float32))
        tone = 1 + 0.22 * noise(chance, size, 9, 9) + 0.2 * noise(chance, size, 30, 30)
        tone += 0.24 * noise(chance, size, 90, 90)
    else:
        base = linear(_pick(chance, _BOARDS))
        top = top + (columns - 0.5) * np.float32(size * chance.normal(0, 0.05))
        tone = 1 + 0.1 * noise(chance, size, 4, 110) + 0.08 * noise(chance, size, 40, 60)
    rows = np.arange(size, dtype=np.float32)[:, None] - top[None]
    if name == "pier":
        width = np.float32(chance.uniform(0.09, 0.2))
        tone = tone * np.where(np.abs(rows / size % width - width / 2) < 0.003, 0.4, 1)
    lip = 1 + 0.4 * np.exp(-np.maximum(rows, 0) / np.float32(0.02 * size))
    deep = 1 / (1 + np.maximum(rows, 0) / np.float32(0.5 * size))
    perch = base * np.maximum(tone * lip * deep, 0.08)[..., None]
    cover = np.clip(rows / 2 + 0.5, 0, 1)[..., None]
    return np.asarray(picture + (perch - picture) * cover, np.float32)
