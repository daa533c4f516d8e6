"""How the parts of an explanation belong together; what participants' browsers may see of it.

Every field is listed, and no other is taken: nothing that tells more slips into a manifest.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

PartKey = Annotated[str, Field(pattern=r"^[a-z][0-9]{1,4}$", description="such as n0 or x1")]
Share = Annotated[float, Field(ge=0, le=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Concept(_Frozen):
    """A concept that an answer is made of."""

    part: PartKey
    name: str = Field(
        min_length=1, max_length=100, description="as people read it; tells no species"
    )
    share: Share = Field(description="of the evidence for the answer")


class Concepts(_Frozen):
    """The few concepts that carry an answer, the strongest first."""

    kind: Literal["concepts"]
    concepts: tuple[Concept, ...]

    def part_keys(self) -> tuple[str, ...]:
        """Return the parts, in their order."""
        return tuple(concept.part for concept in self.concepts)


class Node(_Frozen):
    """A set of patches, shown alone."""

    id: PartKey
    patches: tuple[Annotated[int, Field(ge=0)], ...] = Field(
        min_length=1, description="row * cells + column"
    )
    confidence: float = Field(ge=0, description="relative to the whole picture's; may exceed 1")
    x: Share = Field(description="place across; 0 is left")
    y: Share = Field(description="place down; 0 is the top, and sets of one size stand level")
    root: bool = Field(description="whether it suffices for the answer, and no part of it does")
    left_out: int = Field(
        default=0,
        ge=0,
        description="sets with one patch less that the graph leaves out to stay small; 0 where "
        "they are its children, or the set is not worth taking apart",
    )


class Edge(_Frozen):
    """One patch taken away."""

    parent: PartKey
    child: PartKey
    patch: int = Field(ge=0)
    drop: float = Field(description="fall in relative confidence; negative when it rises")


class Graph(_Frozen):
    """Sets of patches that suffice for an answer, and what is left when patches are taken away."""

    kind: Literal["graph"]
    cells: int = Field(ge=1, le=100, description="patches in each direction")
    nodes: tuple[Node, ...] = Field(min_length=1)
    edges: tuple[Edge, ...]
    roots: tuple[PartKey, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _holds_together(self) -> "Graph":
        known = {node.id for node in self.nodes}
        named = {*self.roots, *(end for edge in self.edges for end in (edge.parent, edge.child))}
        if named - known:
            raise ValueError(f"no node is called {', '.join(sorted(named - known))}")
        whole = self.cells**2
        parents = {edge.parent for edge in self.edges}
        torn = [node.id for node in self.nodes if node.left_out and node.id in parents]
        if torn:
            raise ValueError(f"node {torn[0]} has children and leaves them out")
        outside = [node.id for node in self.nodes if max(node.patches) >= whole]
        if outside:
            raise ValueError(f"node {outside[0]} has a patch outside of {whole}")
        return self

    def part_keys(self) -> tuple[str, ...]:
        """Return the nodes' ids, in their order."""
        return tuple(node.id for node in self.nodes)


Structure = Annotated[Concepts | Graph, Field(discriminator="kind")]
