"""Where everything of a drawn graph stands, in pixels; PNG and SVG are drawn from it."""

from dataclasses import dataclass
from typing import Any

WIDTH = 1200
MARGIN = 20
HEADER = 230
LABEL = 17
_LARGEST_TILE = 120
_GAP = 10
_BETWEEN_LAYERS = 78
# Shares of an edge at which its label may stand, the best first.
_LABEL_PLACES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78)
_LETTER, _LINE = 6.2, 13
_THINNEST, _WIDEST = 1.0, 8.0

Place = tuple[float, float]


@dataclass(frozen=True)
class DrawnEdge:
    """A line from a parent to a child.

    Attributes
    ----------
    begin, end
        Its ends.
    width
        The wider, the more confidence is lost.
    rises
        Whether confidence rises instead.
    label, middle
        The patch that is taken away with the change in points, and where that stands.
    """

    begin: Place
    end: Place
    width: float
    rises: bool
    label: str
    middle: Place


@dataclass(frozen=True)
class Placing:
    """A drawing's measures.

    Attributes
    ----------
    height
        Of the whole; its width is `WIDTH`.
    tile
        Width and height of a node's picture.
    corners
        Left top of each node's picture, by id.
    edges
        In their order.
    """

    height: int
    tile: tuple[int, int]
    corners: dict[str, tuple[int, int]]
    edges: list[DrawnEdge]


def place(graph: dict[str, Any], aspect: float) -> Placing:
    """Place a graph's nodes and edges.

    Parameters
    ----------
    graph
        The own part of an explanation.
    aspect
        Width of the picture by its height.
    """
    layers = sorted({node["y"] for node in graph["nodes"]})
    widest = max(sum(node["y"] == y for node in graph["nodes"]) for y in layers)
    slot = (WIDTH - 2 * MARGIN) / widest
    tile = _tile(min(_LARGEST_TILE, slot - _GAP), aspect)
    step = tile[1] + LABEL + _BETWEEN_LAYERS
    corners = {
        node["id"]: (
            round(MARGIN + node["x"] * (WIDTH - 2 * MARGIN) - tile[0] / 2),
            HEADER + MARGIN + layers.index(node["y"]) * step,
        )
        for node in graph["nodes"]
    }
    height = HEADER + 2 * MARGIN + len(layers) * step - _BETWEEN_LAYERS
    return Placing(height, tile, corners, _edges(graph, corners, tile))


def line_width(drop: float) -> float:
    """Return the width of an edge that loses so much, in pixels."""
    return _THINNEST + (_WIDEST - _THINNEST) * min(1.0, abs(drop))


def _tile(side: float, aspect: float) -> tuple[int, int]:
    longest = max(aspect, 1.0)
    return round(side * aspect / longest), round(side / longest)


def _edges(
    graph: dict[str, Any], corners: dict[str, tuple[int, int]], tile: tuple[int, int]
) -> list[DrawnEdge]:
    drawn: list[DrawnEdge] = []
    for edge in graph["edges"]:
        parent, child = corners[edge["parent"]], corners[edge["child"]]
        begin = (parent[0] + tile[0] / 2, parent[1] + tile[1] + LABEL + 3)
        end = (child[0] + tile[0] / 2, float(child[1]))
        points = round(-100 * edge["drop"])
        label = f"P{edge['patch']} {points:+d}".replace("-", "\N{MINUS SIGN}")
        middle = _free(begin, end, len(label), drawn)
        rises = edge["drop"] < 0
        drawn.append(DrawnEdge(begin, end, line_width(edge["drop"]), rises, label, middle))
    return drawn


def _free(begin: Place, end: Place, letters: int, drawn: list[DrawnEdge]) -> Place:
    """The first place on an edge where its label covers no other, or else its middle."""
    for share in _LABEL_PLACES:
        place = tuple(a + share * (b - a) for a, b in zip(begin, end, strict=True))
        if not any(
            abs(place[0] - other.middle[0]) < _LETTER * (letters + len(other.label)) / 2
            and abs(place[1] - other.middle[1]) < _LINE
            for other in drawn
        ):
            return place[0], place[1]
    return (begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2
