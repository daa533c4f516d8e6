"""A graph as one picture for a page or a slide."""

from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw

from explainers.rendering.layer import overlay
from explainers.rendering.sag.legend import EXAMPLES, sentences
from explainers.rendering.sag.nodes import gone_from, node_layer, patch_box
from explainers.rendering.sag.placing import (
    HEADER,
    LABEL,
    MARGIN,
    WIDTH,
    Place,
    Placing,
    line_width,
    place,
)
from explainers.rendering.sag.words import percent

if TYPE_CHECKING:
    from explainers.base import Explanation

# Everything is drawn so many times larger and shrunk: lines without steps.
_FINE = 2
# Okabe & Ito's: safe for the colour-blind.
FALLS, RISES, ROOT, FRAME = "#6b6b6b", "#b0458f", "#0072b2", "#9a9a9a"
THICK, THIN, LABEL_SIZE = 4, 1, 13


def graph_picture(explanation: "Explanation", picture: Image.Image) -> Image.Image:
    """Return a graph below the numbered picture and a legend, 1200 pixels wide.

    Parameters
    ----------
    explanation
        Of the method `sag`.
    picture
        What was explained.
    """
    graph = explanation.own
    placing = place(graph, picture.width / picture.height)
    canvas = _Canvas(placing.height)
    _draw_header(canvas, explanation, picture)
    for edge in placing.edges:
        canvas.line(edge.begin, edge.end, edge.width, RISES if edge.rises else FALLS)
    for edge in placing.edges:
        canvas.label(edge.middle, edge.label, RISES if edge.rises else "black")
    small = picture.convert("RGB").resize(
        (_FINE * placing.tile[0], _FINE * placing.tile[1]), Image.Resampling.LANCZOS
    )
    for node in graph["nodes"]:
        gone = gone_from(graph, node["id"])
        layer = node_layer(node["patches"], graph["cells"], small.size, gone)
        canvas.image(overlay(small, layer), placing.corners[node["id"]])
        _draw_frame(canvas, node, placing)
    return canvas.shrunk()


def numbered(picture: Image.Image, cells: int, size: tuple[int, int]) -> Image.Image:
    """Return a picture of a size with its patches numbered as in the labels."""
    shown = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    pen = ImageDraw.Draw(shown)
    font = min(size) / cells * (0.36 if cells < 10 else 0.42)
    for patch in range(cells**2):
        left, top, right, bottom = patch_box(patch, cells, size)
        pen.rectangle((left, top, right, bottom), outline="white", width=1)
        pen.text(
            ((left + right) / 2, (top + bottom) / 2),
            str(patch),
            "white",
            font_size=font,
            anchor="mm",
            stroke_width=2,
            stroke_fill="black",
        )
    return shown


def header_size(picture: Image.Image) -> tuple[int, int]:
    """Return width and height of the numbered picture in the header."""
    scale = (HEADER - MARGIN) / max(picture.size)
    return round(picture.width * scale), round(picture.height * scale)


class _Canvas:
    """Draws larger than asked for, and shrinks the whole."""

    def __init__(self, height: int) -> None:
        self._image = Image.new("RGB", (_FINE * WIDTH, _FINE * height), "white")
        self._pen = ImageDraw.Draw(self._image)

    def line(self, begin: Place, end: Place, width: float, colour: str) -> None:
        ends = [(_FINE * x, _FINE * y) for x, y in (begin, end)]
        self._pen.line(ends, colour, max(1, round(_FINE * width)))

    def text(self, place: Place, text: str, size: int, colour: str, *, anchor: str) -> None:
        self._pen.text(
            (_FINE * place[0], _FINE * place[1]),
            text,
            colour,
            font_size=_FINE * size,
            anchor=anchor,
            stroke_width=_FINE * 2,
            stroke_fill="white",
        )

    def label(self, place: Place, text: str, colour: str) -> None:
        """Write in the middle of a white box that covers the line below."""
        x, y = (_FINE * side for side in place)
        size = _FINE * LABEL_SIZE
        left, top, right, bottom = self._pen.textbbox((x, y), text, font_size=size, anchor="mm")
        self._pen.rectangle((left - 4, top - 3, right + 4, bottom + 3), fill="white")
        self._pen.text((x, y), text, colour, font_size=size, anchor="mm")

    def frame(self, corner: Place, size: tuple[int, int], thick: int, colour: str) -> None:
        """Draw a frame around a box."""
        left, top = (_FINE * (side - thick) for side in corner)
        right, bottom = (
            _FINE * (side + length + thick) - 1 for side, length in zip(corner, size, strict=True)
        )
        self._pen.rectangle((left, top, right, bottom), outline=colour, width=_FINE * thick)

    def image(self, image: Image.Image, corner: tuple[int, int]) -> None:
        self._image.paste(image, (_FINE * corner[0], _FINE * corner[1]))

    def shrunk(self) -> Image.Image:
        size = (self._image.width // _FINE, self._image.height // _FINE)
        return self._image.resize(size, Image.Resampling.LANCZOS)


def _draw_header(canvas: _Canvas, explanation: "Explanation", picture: Image.Image) -> None:
    width, height = header_size(picture)
    shown = numbered(picture, explanation.own["cells"], (_FINE * width, _FINE * height))
    canvas.image(shown, (MARGIN, MARGIN))
    left, top = MARGIN + width + 30, MARGIN + 4
    for line in sentences(explanation):
        canvas.text((left, top), line, 15, "black", anchor="la")
        top += 23
    top += 12
    for drop, told in EXAMPLES:
        colour = RISES if drop < 0 else FALLS
        canvas.line((left, top), (left + 46, top), line_width(drop), colour)
        canvas.text((left + 52, top), told, 13, "black", anchor="lm")
        left += 155


def _draw_frame(canvas: _Canvas, node: dict[str, Any], placing: Placing) -> None:
    left, top = placing.corners[node["id"]]
    width, height = placing.tile
    thick, colour = (THICK, ROOT) if node["root"] else (THIN, FRAME)
    canvas.frame((left, top), placing.tile, thick, colour)
    middle = (left + width / 2, top + height + 4 + LABEL / 2)
    canvas.text(middle, percent(node["confidence"]), 14, "black", anchor="mm")
