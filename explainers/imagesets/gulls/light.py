"""Reflectance, light on round bodies, and the way back to sRGB."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explainers.imagesets.gulls.marks import Colour
from explainers.imagesets.gulls.outlines import Plane
from explainers.imagesets.gulls.scene import Light

Rgb = NDArray[np.floating[Any]]

# A white gull reflects about nine tenths; a step of the Kodak Gray Scale is 0.1 of density.
_WHITE = 0.86
_STEPS = 4096
_BRIGHTEST = 2.0


def kodak(step: float) -> Rgb:
    """Return the linear reflectance of a step of the Kodak Gray Scale: 0.1 of density a step.

    Gulls' greys are slightly blue. Step 4 is about sRGB 165, step 10 about 80, in light that shows
    white feathers as 240.
    """
    grey = _WHITE * 10 ** (-0.1 * step)
    blue = np.float32(min(step, 6.0) / 6.0 * min(1.0, max(0.0, (17 - step) / 6)))
    return np.array([1 - 0.045 * blue, 1.0, 1 + 0.07 * blue], np.float32) * np.float32(grey)


def linear(colour: Colour) -> Rgb:
    """Return the linear light of an sRGB colour."""
    return (np.array(colour, np.float32) / np.float32(255)) ** np.float32(2.2)


def _tone_table() -> Rgb:
    light = np.linspace(0, _BRIGHTEST, _STEPS)
    held = light / (1 + light**7) ** (1 / 7)
    return (255 * held ** (1 / 2.2)).astype(np.float32)


_TONES = _tone_table()


def developed(scene: Rgb, contrast: float) -> NDArray[np.uint8]:
    """Return linear light as sRGB with a soft shoulder; contrast bends the middle tones."""
    away = _TONES / 128 - 1
    table = _TONES + contrast * 128 * away * (1 - np.abs(away))
    index = np.clip(scene * np.float32(_STEPS / _BRIGHTEST), 0, _STEPS - 1).astype(np.uint16)
    bent: NDArray[np.uint8] = np.clip(table, 0, 255).astype(np.uint8)
    return np.asarray(bent[index])


def sun_colour(light: Light) -> Rgb:
    """Return the colour of direct light."""
    warm = light.warmth
    return np.array([1.0 + 0.06 * warm, 1.0 - 0.02 * warm, 0.98 - 0.22 * warm], np.float32)


def sky_colour(light: Light) -> Rgb:
    """Return the colour of light from the sky: bluer when the sun is out."""
    blue = light.direct
    return np.array([1.0 - 0.12 * blue, 1.0 - 0.02 * blue, 1.0 + 0.12 * blue], np.float32)


def lit(normals: tuple[Plane, Plane, Plane], shade: Plane, light: Light, ground: Rgb) -> Rgb:
    """Return the light that falls on a surface, (H, W, 3).

    Parameters
    ----------
    normals
        Right, down and towards the camera.
    shade
        Share of direct and sky light that arrives, 0 to 1.
    light
        Sun and sky.
    ground
        Colour that the ground throws back from below.
    """
    right, down, near = normals
    facing = right * light.sun[0] + down * light.sun[1] + near * light.sun[2]
    direct = np.maximum(facing, 0) * np.float32(1.55 * light.direct) * shade
    # Feathers at the silhouette look away from everything but the ground and the horizon.
    open_sky = (0.62 - 0.4 * down + 0.12 * near) * np.float32(1.02 - 0.72 * light.direct)
    open_sky *= 0.35 + 0.65 * shade
    below = np.maximum(down + 0.2, 0) * np.float32(0.32)
    exposure = np.float32(light.exposure)
    sun, sky, thrown = (c * exposure for c in (sun_colour(light), sky_colour(light), ground))
    # Not a matrix product: libraries add up its terms differently on different processors.
    lights = direct[..., None] * sun + open_sky[..., None] * sky + below[..., None] * thrown
    return np.asarray(lights)
