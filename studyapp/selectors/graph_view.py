"""A graph of patches as it is drawn: where nodes and edges stand, in pixels.

The page draws it from the patches themselves. So no picture has to be loaded for a node, and all
nodes are there when the trial's picture is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import floor

from experiments.structures import Edge, Graph, Node

# Of a node's picture: its longer side, and from the middle of one to the middle of the next.
TILE, SLOT = 72, 88
LABEL, BETWEEN = 26, 36
MARGIN = 12
_THINNEST, _WIDEST = 1.5, 8.0


@dataclass(frozen=True)
class NodeView:
    """A node's picture: what stays bright, and where it stands."""

    key: str
    left: float
    top: float
    percent: int
    is_root: bool
    shown: int
    left_out: int
    squares: str
    gone: str
    children: str
    parents: str
    alt: str


@dataclass(frozen=True)
class EdgeView:
    """A line from a parent's label to a child's picture, wider the more is lost."""

    parent: str
    child: str
    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    rises: bool


@dataclass(frozen=True)
class GraphView:
    """A graph, drawn; `frame` is the outline of a whole picture, in patches."""

    cells: int
    width: int
    height: int
    tile_width: int
    tile_height: int
    slot: int
    label: int
    frame: str
    nodes: tuple[NodeView, ...]
    edges: tuple[EdgeView, ...]

    @property
    def is_cut(self) -> bool:
        """Whether sets are left out below some node."""
        return any(node.left_out for node in self.nodes)

    @property
    def label_middle(self) -> tuple[float, float]:
        """Where a node's percentage stands, from its corner."""
        return self.tile_width / 2, self.tile_height + LABEL / 2 + 4

    @property
    def halo(self) -> tuple[int, int]:
        """The size of the ring around a node that is chosen or in focus."""
        return self.tile_width + MARGIN, self.tile_height + MARGIN


def graph_view(graph: Graph, alts: Mapping[str, str], aspect: float) -> GraphView:
    """Place a graph whose picture is `aspect` times as wide as it is high."""
    longest = max(aspect, 1.0)
    tile = (round(TILE * aspect / longest), round(TILE / longest))
    levels = sorted({node.y for node in graph.nodes})
    widest = max(sum(node.y == level for node in graph.nodes) for level in levels)
    step = tile[1] + LABEL + BETWEEN
    width = max(widest * SLOT, 2 * SLOT)
    corners = {
        node.id: (
            round(node.x * width - tile[0] / 2, 1),
            float(MARGIN + levels.index(node.y) * step),
        )
        for node in graph.nodes
    }
    return GraphView(
        cells=graph.cells,
        width=width,
        height=2 * MARGIN + len(levels) * step - BETWEEN,
        tile_width=tile[0],
        tile_height=tile[1],
        slot=SLOT,
        label=LABEL,
        frame=f"M0 0h{graph.cells}v{graph.cells}h-{graph.cells}z",
        nodes=tuple(_node(node, graph, corners[node.id], alts) for node in graph.nodes),
        edges=tuple(_edge(edge, corners, tile) for edge in graph.edges),
    )


def _node(
    node: Node, graph: Graph, corner: tuple[float, float], alts: Mapping[str, str]
) -> NodeView:
    gone = [edge.patch for edge in graph.edges if edge.child == node.id]
    return NodeView(
        key=node.id,
        left=corner[0],
        top=corner[1],
        percent=floor(round(100 * node.confidence, 3)),
        is_root=node.root,
        shown=len(node.patches),
        left_out=node.left_out,
        squares=squares(node.patches, graph.cells),
        gone=squares(gone, graph.cells) if len(gone) == 1 else "",
        children=" ".join(edge.child for edge in graph.edges if edge.parent == node.id),
        parents=" ".join(edge.parent for edge in graph.edges if edge.child == node.id),
        alt=alts[node.id],
    )


def _edge(
    edge: Edge, corners: Mapping[str, tuple[float, float]], tile: tuple[int, int]
) -> EdgeView:
    (left, top), (child_left, child_top) = corners[edge.parent], corners[edge.child]
    return EdgeView(
        parent=edge.parent,
        child=edge.child,
        x1=left + tile[0] / 2,
        y1=top + tile[1] + LABEL,
        x2=child_left + tile[0] / 2,
        y2=child_top,
        width=round(_THINNEST + (_WIDEST - _THINNEST) * min(1.0, abs(edge.drop)), 1),
        rises=edge.drop < 0,
    )


def squares(patches: Iterable[int], cells: int) -> str:
    """Patches as a path of unit squares."""
    return "".join(f"M{patch % cells} {patch // cells}h1v1h-1z" for patch in patches)
