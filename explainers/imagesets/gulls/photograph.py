"""What lens, sensor and film leave of a scene."""

import numpy as np
from PIL import Image, ImageFilter

from explainers.imagesets.gulls.light import Rgb, developed
from explainers.imagesets.gulls.outlines import as_plane
from explainers.imagesets.gulls.scene import Scene


def photograph(light: Rgb, scene: Scene) -> Image.Image:
    """Return linear light as a picture: cast, vignette, tone, blur, noise."""
    size = light.shape[0]
    camera = scene.camera
    middle = np.linspace(-1, 1, size, dtype=np.float32) ** 2
    fall = 1 - np.float32(camera.vignette * 0.5) * (middle[:, None] + middle[None])
    exposed = light * (fall[..., None] * np.array(camera.cast, np.float32))
    tones = developed(exposed)
    tones += np.float32(camera.contrast) * (tones - 128) * (1 - np.abs(tones / 128 - 1))
    picture = Image.fromarray(np.clip(tones, 0, 255).astype(np.uint8))
    blurred = picture.filter(ImageFilter.GaussianBlur(camera.blur * size))
    return _noisy(blurred, scene)


def _noisy(picture: Image.Image, scene: Scene) -> Image.Image:
    size = picture.width
    chance = scene.stream("noise")
    grey = chance.standard_normal((size, size, 1), np.float32)
    small = chance.standard_normal((size // 2, size // 2, 3), np.float32)
    colour = np.stack(
        [as_plane(Image.fromarray(small[..., k]).resize((size, size))) for k in range(3)], axis=-1
    )
    amount = np.float32(scene.camera.noise)
    noisy = np.asarray(picture, np.float32) + amount * (grey + 0.6 * colour)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
