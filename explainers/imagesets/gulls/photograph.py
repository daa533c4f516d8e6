"""What lens, sensor and film leave of a scene."""

import numpy as np
from PIL import Image, ImageFilter

from explainers.imagesets.gulls.light import Rgb, developed
from explainers.imagesets.gulls.scene import Scene


def photograph(light: Rgb, scene: Scene) -> Image.Image:
    """Return linear light as a picture: cast, vignette, tone, blur, noise."""
    size = light.shape[0]
    camera = scene.camera
    middle = np.linspace(-1, 1, size, dtype=np.float32) ** 2
    fall = 1 - np.float32(camera.vignette * 0.5) * (middle[:, None] + middle[None])
    exposed = light * (fall[..., None] * np.array(camera.cast, np.float32))
    picture = Image.fromarray(developed(exposed, camera.contrast))
    # Two boxes are nearly a Gaussian, and much faster.
    box = ImageFilter.BoxBlur(camera.blur * size * 1.22)
    return _noisy(picture.filter(box).filter(box), scene)


def _noisy(picture: Image.Image, scene: Scene) -> Image.Image:
    """Add grain: fine and grey, and coarser in colour."""
    size = picture.width
    half = (size + 1) // 2
    chance = scene.stream("noise")
    grey = chance.standard_normal((size, size, 1), np.float32)
    small = chance.standard_normal((half, half, 3), np.float32) * np.float32(0.55)
    colour = small.repeat(2, axis=0).repeat(2, axis=1)[:size, :size]
    noisy = np.asarray(picture) + np.float32(scene.camera.noise) * (grey + colour)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
