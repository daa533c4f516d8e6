"""A graph as SVG that needs no other file."""

import base64
import io
from html import escape
from typing import TYPE_CHECKING, Any

from PIL import Image

from explainers.rendering.layer import overlay
from explainers.rendering.sag.legend import EXAMPLES, sentences
from explainers.rendering.sag.nodes import gone_from, node_layer
from explainers.rendering.sag.placing import (
    LABEL,
    MARGIN,
    WIDTH,
    DrawnEdge,
    Placing,
    line_width,
    place,
)
from explainers.rendering.sag.still import (
    FALLS,
    FRAME,
    LABEL_SIZE,
    RISES,
    ROOT,
    THICK,
    THIN,
    header_size,
    numbered,
)
from explainers.rendering.sag.words import describe_graph, describe_node, percent

if TYPE_CHECKING:
    from explainers.base import Explanation

# Pictures have so many pixels for one of the drawing.
_SHARP = 2


def graph_svg(explanation: "Explanation", picture: Image.Image) -> str:
    """Return the drawing of `graph_picture` as SVG, with alternative text for every node.

    Parameters
    ----------
    explanation
        Of the method `sag`.
    picture
        What was explained.
    """
    graph = explanation.own
    placing = place(graph, picture.width / picture.height)
    small = picture.convert("RGB").resize(
        (_SHARP * placing.tile[0], _SHARP * placing.tile[1]), Image.Resampling.LANCZOS
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {placing.height}" '
        f'width="{WIDTH}" height="{placing.height}" role="img" aria-labelledby="title desc" '
        'font-family="sans-serif" font-size="14">',
        '<title id="title">Structured attention graph</title>',
        f'<desc id="desc">{escape(describe_graph(graph))}</desc>',
        '<rect width="100%" height="100%" fill="white"/>',
        *_header(explanation, picture),
        *(_line(edge) for edge in placing.edges),
        *(_label(edge) for edge in placing.edges),
        *(_node(graph, node, placing, small) for node in graph["nodes"]),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _header(explanation: "Explanation", picture: Image.Image) -> list[str]:
    width, height = header_size(picture)
    shown = numbered(picture, explanation.own["cells"], (_SHARP * width, _SHARP * height))
    left, top = MARGIN + width + 30, MARGIN + 18
    parts = [_image(shown, MARGIN, MARGIN, width, height)]
    for line in sentences(explanation):
        parts.append(f'<text x="{left}" y="{top}" font-size="15">{escape(line)}</text>')
        top += 23
    for drop, told in EXAMPLES:
        colour = RISES if drop < 0 else FALLS
        parts += [
            f'<path d="M{left} {top}h46" stroke="{colour}" stroke-width="{line_width(drop):.1f}"/>',
            f'<text x="{left + 52}" y="{top + 4}" font-size="13">{told}</text>',
        ]
        left += 155
    return parts


def _line(edge: DrawnEdge) -> str:
    (x, y), (to_x, to_y) = edge.begin, edge.end
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" '
        f'stroke="{RISES if edge.rises else FALLS}" stroke-width="{edge.width:.1f}"/>'
    )


def _label(edge: DrawnEdge) -> str:
    label = edge.label.replace("-", "\N{MINUS SIGN}")
    return _haloed(label, *edge.middle, LABEL_SIZE, RISES if edge.rises else "black")


def _node(
    graph: dict[str, Any], node: dict[str, Any], placing: Placing, picture: Image.Image
) -> str:
    left, top = placing.corners[node["id"]]
    width, height = placing.tile
    gone = gone_from(graph, node["id"])
    shown = overlay(picture, node_layer(node["patches"], graph["cells"], picture.size, gone))
    thick = THICK if node["root"] else THIN
    frame = (
        f'<rect x="{left - thick / 2}" y="{top - thick / 2}" width="{width + thick}" '
        f'height="{height + thick}" fill="none" stroke="{ROOT if node["root"] else FRAME}" '
        f'stroke-width="{thick}"/>'
    )
    kept = percent(node["confidence"])
    return (
        f'<g id="{node["id"]}" role="img"><title>{escape(describe_node(graph, node))}</title>'
        f"{_image(shown, left, top, width, height)}{frame}"
        f"{_haloed(kept, left + width / 2, top + height + 4 + LABEL / 2, 14, 'black')}</g>"
    )


def _haloed(text: str, x: float, y: float, size: int, colour: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y + 0.35 * size:.1f}" font-size="{size}" text-anchor="middle" '
        f'fill="{colour}" stroke="white" stroke-width="5" paint-order="stroke">{text}</text>'
    )


def _image(image: Image.Image, left: float, top: float, width: float, height: float) -> str:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=88)
    content = base64.b64encode(stream.getvalue()).decode()
    return (
        f'<image x="{left}" y="{top}" width="{width}" height="{height}" '
        f'href="data:image/jpeg;base64,{content}"/>'
    )
