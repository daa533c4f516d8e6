"""What stands before the bird: blades of grass, a wave."""

import numpy as np

from explainers.imagesets.gulls.canvas import NOBODY, Canvas
from explainers.imagesets.gulls.light import Rgb, linear
from explainers.imagesets.gulls.outlines import along, raster, softened, tube
from explainers.imagesets.gulls.scene import Scene

Box = tuple[float, float, float, float]

_BLADES = ((120, 124, 66), (150, 142, 92), (92, 104, 58), (168, 156, 114))


def cover_up(picture: Rgb, back: Rgb, canvas: Canvas, scene: Scene, box: Box) -> Rgb:
    """Lay the scene's cover over the picture and take the hidden pixels from their parts.

    Parameters
    ----------
    picture
        Bird and background, in linear light.
    back
        The background alone.
    canvas
        Knows the owners of the pixels.
    scene
        Names the cover and how much it hides.
    box
        The bird's box in pixels.
    """
    if scene.cover == "grass":
        return _grass(picture, canvas, scene, box)
    if scene.cover == "wave":
        return _wave(picture, back, canvas, scene, box)
    return picture


def _grass(picture: Rgb, canvas: Canvas, scene: Scene, box: Box) -> Rgb:
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
            bend = np.array([(0.0, 0.0), (0.3 * lean, -0.55 * rise), (lean, -rise)])
            line = along(foot + bend)
            thick = 0.006 * size * chance.uniform(0.6, 1.3)
            blades.append(tube(line, np.linspace(thick, 0.15 * thick, len(line))))
        patch = raster(blades, size)
        if patch is None:
            continue
        cover = softened(patch.on(size), 0.003 * size)
        shade = linear(colour) * exposure * np.float32(chance.uniform(0.7, 1.15))
        picture = picture + (shade - picture) * cover[..., None]
        hidden = np.maximum(hidden, cover)
    canvas.owner[hidden > 0.5] = NOBODY
    return np.asarray(picture, np.float32)


def _wave(picture: Rgb, back: Rgb, canvas: Canvas, scene: Scene, box: Box) -> Rgb:
    """Raise a swell before the bird: the water of the background, moved up, with some foam."""
    size, chance = canvas.size, scene.stream("wave")
    columns = np.linspace(0, 1, size, dtype=np.float32)
    crest = min(box[3], size) - (box[3] - box[1]) * scene.hidden
    for waves in (0.8, 2.3, 5.1):
        phase = 2 * np.pi * (waves * columns + chance.random())
        crest = crest + size * 0.02 / waves * np.sin(phase)
    rows = np.arange(size, dtype=np.float32)[:, None]
    deep = rows - np.asarray(crest, np.float32)[None]
    cover = np.clip(deep / np.float32(0.012 * size) + 0.5, 0, 1)
    # The near side of a swell is steep: its water is the background's, stretched.
    source = np.clip(size - 1 - (size - 1 - rows) * 0.55, 0, size - 1).astype(int)[:, 0]
    swell = back[source] * (0.78 + 0.3 * np.exp(-np.maximum(deep, 0) / (0.05 * size)))[..., None]
    spray = np.clip(chance.standard_normal((size // 3, size // 2)), 0, 2).astype(np.float32) / 2
    flecks = np.kron(spray, np.ones((4, 3), np.float32))[:size, :size]
    foam = np.exp(-(((deep - 0.012 * size) / (0.014 * size)) ** 2)) * chance.uniform(0, 0.7)
    flecks = softened(flecks, 0.006 * size) * np.asarray(foam, np.float32)
    water = swell + (np.float32(0.8) - swell) * np.clip(flecks * 1.6, 0, 1)[..., None]
    canvas.owner[cover > 0.5] = NOBODY
    return np.asarray(picture + (water - picture) * cover[..., None], np.float32)
