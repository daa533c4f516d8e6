"""Explanations that are drawings as well as pictures."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from PIL import Image

if TYPE_CHECKING:
    from explainers.base import Explanation


@runtime_checkable
class Draws(Protocol):
    """A method that can draw what it found."""

    def svg(self, explanation: "Explanation", picture: Image.Image) -> str:
        """Return an SVG that needs no other file."""
