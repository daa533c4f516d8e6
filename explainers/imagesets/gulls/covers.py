"""What stands before the bird: blades of grass, a wave."""

import numpy as np

from explainers.imagesets.gulls.canvas import Canvas
from explainers.imagesets.gulls.light import Rgb, linear
from explainers.imagesets.gulls.outlines import along, raster, softened, tube
from explainers.imagesets.gulls.scene import Scene

_BLADES = ((120, 124, 62), (150, 142, 88), (92, 106, 52), (170, 156, 110))


def cover_up(
    picture: Rgb, canvas: Canvas, scene: Scene, box: tuple[float, float, float, float]
) -> Rgb:
    """Lay the scene's cover over the picture and take the hidden pixels from their parts."""
    if scene.cover == "grass":
        return _grass(picture, canvas, scene, box)
    if scene.cover == "wave":
        return _wave(picture, canvas, scene, box)
    return picture


def _grass(
    picture: Rgb, canvas: Canvas, scene: Scene, box: tuple[float, float, float, float]
) -> Rgb:
    size, chance = canvas.size, scene.stream("grass")
    tall = (box[3] - box[1]) * (scene.hidden + 0.12)
    centre = chance.uniform(0.1, 0.9) * size
    exposure = np.float32(scene.light.exposure * (0.55 + 0.35 * scene.light.direct))
    hidden = np.zeros((size, size), np.float32)
    for colour in _BLADES:
        blades = []
        for _ in range(9):
            foot = np.array([centre + chance.normal(0, 0.22) * size, size * 1.02])
            rise = min(size * 1.02 - box[3] + tall * chance.uniform(0.5, 1.5), 0.75 * size)
            lean = chance.normal(0, 0.12) * size
            line = along(np.stack([foot, foot + [0.3 * lean, -0.55 * rise], foot + [lean, -rise]]))
            thick = 0.006 * size * chance.uniform(0.6, 1.3)
            blades.append(tube(line, np.linspace(thick, 0.15 * thick, len(line))))
        patch = raster(blades, size)
        if patch is None:
            continue
        cover = softened(patch.on(size), 0.003 * size)
        shade = linear(colour) * exposure * np.float32(chance.uniform(0.7, 1.15))
        picture = picture + (shade - picture) * cover[..., None]
        hidden = np.maximum(hidden, cover)
    canvas.owner[hidden > 0.5] = -1
    return np.asarray(picture, np.float32)


def _wave(
    picture: Rgb, canvas: Canvas, scene: Scene, box: tuple[float, float, float, float]
) -> Rgb:
    size, chance = canvas.size, scene.stream("wave")
    columns = np.linspace(0, 1, size, dtype=np.float32)
    bottom = box[3] if scene.pose == "standing" else min(box[3], size)
    crest = bottom - (box[3] - box[1]) * scene.hidden * 0.9
    for waves in (1.3, 3.1, 7.0):
        crest = crest + size * 0.022 / waves**0.7 * np.sin(
            2 * np.pi * (waves * columns + chance.random())
        )
    rows = np.arange(size, dtype=np.float32)[:, None]
    deep = rows - crest[None]
    cover = np.clip(deep / 2 + 0.5, 0, 1)
    water = picture[-size // 8 :].mean(axis=(0, 1)) * np.float32(0.9)
    foam = np.exp(-np.maximum(deep, 0) / np.float32(0.02 * size)) * np.float32(
        chance.uniform(0.2, 0.7)
    )
    colour = water + (np.float32(0.85) - water) * foam[..., None]
    canvas.owner[cover > 0.5] = -1
    return np.asarray(picture + (colour - picture) * cover[..., None], np.float32)
