"""Shores, water, sky and piers, out of focus behind the bird."""

import numpy as np
from PIL import Image

from explainers.imagesets.gulls.light import Rgb, linear
from explainers.imagesets.gulls.outlines import Plane, as_plane
from explainers.imagesets.gulls.scene import Generator, Scene

_WATERS = ((58, 84, 108), (84, 108, 118), (62, 92, 92), (112, 124, 134), (44, 62, 82))
_SANDS = ((176, 158, 130), (146, 136, 122), (196, 184, 160), (128, 118, 104))
_SKIES = ((120, 160, 206), (168, 186, 204), (200, 206, 212), (92, 138, 192))
_ROCKS = ((112, 104, 96), (88, 84, 82), (142, 132, 118))
_GREENS = ((96, 118, 62), (124, 132, 74), (70, 92, 54))
_FAR = ((84, 100, 84), (120, 128, 132), (150, 138, 118), (66, 78, 88), (176, 182, 186))


def background(scene: Scene, size: int, feet: float) -> tuple[Rgb, Rgb]:
    """Return the background in linear light, (size, size, 3), and the ground's mean colour.

    Parameters
    ----------
    scene
        Names the background and its randomness.
    size
        Side of the picture.
    feet
        Where the bird stands, as a share of the height: the ground must reach up to there.
    """
    chance = scene.stream("background")
    horizon = min(scene.horizon, feet - 0.12)
    name = scene.background
    if name == "sky":
        return _sky(chance, size), linear(_pick(chance, _SANDS))
    far = _far(chance, size)
    if name in ("water", "shallows"):
        ground = _water(chance, size, horizon)
    elif name in ("rock", "pier"):
        ground = _water(chance, size, horizon) if chance.random() < 0.6 else far
    elif name == "snow":
        ground = _speckled(chance, size, (226, 230, 236), 0.05, horizon)
    elif name == "grass":
        ground = _speckled(chance, size, _pick(chance, _GREENS), 0.2, horizon)
    else:
        ground = _speckled(chance, size, _pick(chance, _SANDS), 0.13, horizon)
    edge = _edge(size, horizon, 0.012 + 0.03 * chance.random())
    picture = far + (ground - far) * edge[..., None]
    if name in ("rock", "pier"):
        picture = _perch(chance, picture, size, feet, name)
    return picture, np.asarray(picture[-size // 6 :].mean(axis=(0, 1)), np.float32)


def noise(chance: Generator, size: int, along: int, across: int) -> Plane:
    """Return smooth noise, `along` by `across` cells."""
    cells = chance.standard_normal((across, along)).astype(np.float32)
    return as_plane(Image.fromarray(cells).resize((size, size), Image.Resampling.BICUBIC))


def _pick(
    chance: Generator, colours: tuple[tuple[int, int, int], ...]
) -> tuple[float, float, float]:
    red, green, blue = colours[int(chance.integers(len(colours)))]
    shift = chance.normal(0, 7, 3) + chance.normal(0, 10)
    return (float(np.clip(red + shift[0], 0, 250)), float(np.clip(green + shift[1], 0, 250)),
            float(np.clip(blue + shift[2], 0, 250)))  # fmt: skip


def _edge(size: int, horizon: float, soft: float) -> Plane:
    rows = (np.arange(size, dtype=np.float32) + 0.5) / size
    return np.clip((rows - horizon) / np.float32(soft) + 0.5, 0, 1)[:, None] * np.ones(
        (1, size), np.float32
    )


def _sky(chance: Generator, size: int) -> Rgb:
    base = linear(_pick(chance, _SKIES))
    rows = np.linspace(0, 1, size, dtype=np.float32)[:, None]
    clouds = np.clip(noise(chance, size, 4, 6) + 0.5 * noise(chance, size, 9, 13) - 0.2, 0, 2)
    share = np.clip(clouds * np.float32(chance.uniform(0, 0.45)) + 0.22 * rows, 0, 0.9)
    return np.asarray(base + (np.float32(0.8) - base) * share[..., None])


def _far(chance: Generator, size: int) -> Rgb:
    base = linear(_pick(chance, _FAR + _SKIES))
    other = linear(_pick(chance, _FAR))
    share = np.clip(0.5 + 0.35 * noise(chance, size, 7, 7), 0, 1) * np.float32(chance.uniform(0, 1))
    return np.asarray(base + (other - base) * share[..., None])


def _water(chance: Generator, size: int, horizon: float) -> Rgb:
    base = linear(_pick(chance, _WATERS))
    sky = linear(_pick(chance, _SKIES))
    depth = np.clip((np.linspace(0, 1, size, dtype=np.float32) - horizon) / (1.05 - horizon), 0, 1)
    ripples = 0.55 * noise(chance, size, 7, 60) + 0.4 * noise(chance, size, 14, 34)
    # Ripples grow towards the viewer: rows are read from further down the noise.
    rows = np.clip((depth**0.6) * (size - 1), 0, size - 1).astype(int)
    ripples = ripples[rows] * (0.35 + 0.65 * depth[:, None])
    gloss = np.float32(chance.uniform(0.12, 0.34))
    share = np.clip(gloss * (1.0 + ripples) + 0.25 * (1 - depth[:, None]), 0, 1)
    return np.asarray(base + (sky - base) * share[..., None])


def _speckled(
    chance: Generator, size: int, colour: tuple[float, float, float], depth: float, horizon: float
) -> Rgb:
    base = linear(colour)
    distance = np.clip((np.linspace(0, 1, size, dtype=np.float32) - horizon) / (1 - horizon), 0, 1)
    near = (distance[:, None]) ** np.float32(1.3)
    coarse = noise(chance, size, 8, 14)
    fine = noise(chance, size, 56, 80)
    tone = 1 + np.float32(depth) * (0.8 * coarse + 1.1 * fine * near)
    return np.asarray(base * np.maximum(tone, 0.2)[..., None])


def _perch(chance: Generator, picture: Rgb, size: int, feet: float, name: str) -> Rgb:
    """Lay a rock or boards under the feet."""
    columns = np.arange(size, dtype=np.float32)
    top = np.full(size, (feet - 0.035) * size, np.float32)
    base = linear(_pick(chance, _ROCKS if name == "rock" else _SANDS + _ROCKS))
    if name == "rock":
        ridge = as_plane(
            Image.fromarray(chance.standard_normal((1, 9)).astype(np.float32)).resize((size, 1))
        )[0]
        bulge = ((columns / size - chance.uniform(0.3, 0.7)) ** 2) * chance.uniform(0.1, 0.5)
        top += np.float32(size) * (0.012 * ridge + bulge.astype(np.float32))
        tone = 1 + 0.2 * noise(chance, size, 12, 12) + 0.14 * noise(chance, size, 44, 44)
    else:
        top += (columns - size / 2) * np.float32(chance.normal(0, 0.05))
        tone = 1 + 0.07 * noise(chance, size, 5, 90) + 0.06 * noise(chance, size, 30, 30)
        rows = np.arange(size, dtype=np.float32)[:, None] - top[None]
        boards = np.abs(rows / size % 0.11 - 0.055) < 0.0035
        tone = tone * np.where(boards, np.float32(0.45), np.float32(1))
    rows = np.arange(size, dtype=np.float32)[:, None] - top[None]
    cover = np.clip(rows / 2 + 0.5, 0, 1)
    lip = 1 + 0.35 * np.exp(-np.maximum(rows, 0) / np.float32(0.02 * size))
    perch = base * np.maximum(tone * lip, 0.1)[..., None]
    return np.asarray(picture + (perch - picture) * cover[..., None], np.float32)
