"""Where everything of a drawn graph stands, in pixels; PNG and SVG are drawn from it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from explainers.rendering.sag.words import points

WIDTH = 1200
MARGIN = 20
HEADER = 230
LABEL = 17
_LARGEST_TILE = 120
_GAP = 10
_BETWEEN_LAYERS = 100
# Shares of an edge at which its label may stand; edges lie apart at a child with one parent, and
# at a parent with one child.
_LABEL_PLACES = (0.78, 0.64, 0.5, 0.36, 0.22)
_LETTER, _LINE = 7.0, 17
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
    parents = Counter(edge["child"] for edge in graph["edges"])
    for edge in graph["edges"]:
        parent, child = corners[edge["parent"]], corners[edge["child"]]
        begin = (parent[0] + tile[0] / 2, parent[1] + tile[1] + LABEL + 3)
        end = (child[0] + tile[0] / 2, float(child[1]))
        label = f"P{edge['patch']} {points(-edge['drop'])}"
        shares = _LABEL_PLACES if parents[edge["child"]] == 1 else _LABEL_PLACES[::-1]
        places = [_between(begin, end, share) for share in shares]
        # The first of the freest places.
        middle = min(places, key=lambda place: _covered(place, label, drawn))
        rises = edge["drop"] < 0
        drawn.append(DrawnEdge(begin, end, line_width(edge["drop"]), rises, label, middle))
    return drawn


def _between(begin: Place, end: Place, share: float) -> Place:
    return begin[0] + share * (end[0] - begin[0]), begin[1] + share * (end[1] - begin[1])


def _covered(place: Place, label: str, drawn: list[DrawnEdge]) -> float:
    """Pixels of other labels that a label would cover."""
    covered = 0.0
    for other in drawn:
        width = _LETTER * (len(label) + len(other.label)) / 2 - abs(place[0] - other.middle[0])
        covered += max(0.0, width) * max(0.0, _LINE - abs(place[1] - other.middle[1]))
    return covered
