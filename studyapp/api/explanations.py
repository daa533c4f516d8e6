"""What the server says of an explanation: what is shown, and nothing of where it is from."""

from typing import Literal

from pydantic import Field

from studyapp.api.said import Said


class FileOut(Said):
    """A file by its digest, one of the trial's media."""

    sha256: str
    bytes: int


class ExampleOut(Said):
    """Another picture with a concept over it."""

    picture: FileOut
    layer: FileOut
    alt: str


class ConceptOut(Said):
    """One concept of an explanation."""

    key: str
    name: str
    percent: int = Field(description="of the evidence for the classifier's answer")
    alt: str
    layer: FileOut
    examples: tuple[ExampleOut, ...]


class NodeOut(Said):
    """A set of patches shown alone; places are pixels of the drawing."""

    key: str
    left: float
    top: float
    percent: int = Field(description="of the classifier's confidence that remains")
    is_root: bool
    shown: int = Field(description="patches")
    left_out: int = Field(description="sets with one patch less that the drawing leaves out")
    squares: str = Field(description="the patches as an SVG path, a patch one unit wide and high")
    gone: str = Field(description="the patch that was taken away, where it is one")
    children: str
    parents: str
    alt: str


class EdgeOut(Said):
    """One patch taken away, as a line; wider, the more confidence is lost."""

    parent: str
    child: str
    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    rises: bool


class GraphOut(Said):
    """A graph of patches, drawn."""

    cells: int
    width: int
    height: int
    tile_width: int
    tile_height: int
    slot: int
    label: int
    frame: str
    nodes: tuple[NodeOut, ...]
    edges: tuple[EdgeOut, ...]


class ExplanationOut(Said):
    """What is shown beside or over the picture; its own or another picture's, nobody is told."""

    kind: Literal["map", "concepts", "graph"]
    layout: Literal["side_by_side", "overlay"]
    interactions: tuple[str, ...]
    style: Literal["heat", "contours"]
    alt: str = Field(description="what it shows, in words")
    layer: FileOut | None = Field(description="the whole map, where it is shown")
    concepts: tuple[ConceptOut, ...]
    graph: GraphOut | None
    widget: str = Field(description="the player's file that serves it; empty where it stands still")


class AdviceOut(Said):
    """What the classifier answers, where the condition tells it."""

    name: str
    percent: int | None
