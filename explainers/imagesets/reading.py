"""Reading one file: a plain RGB picture, or the reason why it is none."""

import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 50_000_000


class UnusablePicture(Exception):
    """A file that can't serve as a stimulus."""


def read_picture(path: Path) -> Image.Image:
    """Return the picture of a file: RGB, 8 bits, upright, without metadata.

    Raises
    ------
    UnusablePicture
        When the file is missing, no picture, truncated, animated, in printing colours, or larger
        than `MOST_PIXELS` (checked before it is decoded).
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as file:
                _check_header(file)
                file.load()
                return _plain(ImageOps.exif_transpose(file).convert("RGB"))
    except FileNotFoundError as error:
        raise UnusablePicture("is listed but missing") from error
    except UnidentifiedImageError as error:
        raise UnusablePicture("is not a picture") from error
    except Image.DecompressionBombError as error:
        raise UnusablePicture("is huge: it may be a decompression bomb") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise UnusablePicture(f"is damaged or truncated ({error})") from error


def _check_header(file: Image.Image) -> None:
    width, height = file.size
    if width * height > MOST_PIXELS:
        raise UnusablePicture(f"is huge ({width}x{height} pixels): it may be a decompression bomb")
    if getattr(file, "n_frames", 1) > 1:
        raise UnusablePicture("is animated; save the one frame you mean")
    if file.mode == "CMYK":
        raise UnusablePicture("is in printing colours (CMYK); convert it to RGB")


def _plain(picture: Image.Image) -> Image.Image:
    """Copy the pixels alone: no EXIF, no colour profile, no comments."""
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    return bare
