"""Pictures as participants get them."""

from PIL import Image

# Larger pictures are served at this many pixels on their longer side.
LONGEST_SIDE = 1024


def shown_picture(image: Image.Image) -> Image.Image:
    """Return a copy with no side longer than `LONGEST_SIDE`."""
    shown = image.copy()
    shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return shown
