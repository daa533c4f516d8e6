"""Explanations that have parts, small and made by hand: concepts, and graphs of patches."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments.digest import derive_seed
from experiments.manifest import ManifestPart, Picture
from experiments.structures import Concept, Concepts, Edge, Graph, Node

NAMES = {"x1": "yellow bill", "x2": "concept 2", "x4": "pale mantle"}
SHARES = {"x1": 0.46, "x2": 0.31, "x4": 0.17}
CELLS = 7
AddPicture = Callable[[Path, int, str], Picture]


def concepts_of(folder: Path, key: str, method: str, add: AddPicture) -> dict[str, Any]:
    """Two or three concepts of a picture, which depend on its key."""
    seed = derive_seed(3, key, method)
    shown = ["x1", "x2", "x4"][: 2 + seed % 2]
    # Each picture has its own shares, so that examples have an order.
    shares = {part: SHARES[part] - (seed % 97) / 1000 for part in shown}
    structure = Concepts(
        kind="concepts",
        concepts=tuple(Concept(part=p, name=NAMES[p], share=round(shares[p], 3)) for p in shown),
    )
    parts = tuple(
        ManifestPart(
            key=part,
            alt=f"{NAMES[part].capitalize()}, {shares[part]:.0%} of the evidence.",
            layer=add(folder, derive_seed(4, key, method, part), "RGBA"),
        )
        for part in shown
    )
    return {"parts": parts, "structure": structure, "alt": f"{len(shown)} concepts."}


def graph_of(folder: Path, key: str, method: str, add: AddPicture) -> dict[str, Any]:
    """Two roots of three and two patches; n0 loses each of its own, of which n2 can lose more.

    What n4 could lose is left out, as in a graph that would become too large.
    """
    first = derive_seed(5, key, method) % 40
    patches = {
        "n0": (first, first + 1, first + 8),
        "n1": (0, 48),
        "n2": (first, first + 1),
        "n3": (first + 1, first + 8),
        "n4": (first, first + 8),
        "n5": (48,),
        "n6": (0,),
        "n7": (first,),
        "n8": (first + 1,),
    }
    places = {
        **{"n0": (0.375, 0.0), "n2": (0.125, 0.5), "n3": (0.375, 0.5), "n4": (0.625, 0.5)},
        **{"n1": (0.875, 0.5), "n5": (0.625, 1.0), "n6": (0.875, 1.0), "n7": (0.125, 1.0)},
        **{"n8": (0.375, 1.0)},
    }
    kept = {"n0": 0.95, "n1": 0.92, "n2": 0.61, "n3": 0.12, "n4": 0.98, "n5": 0.3, "n6": 0.05}
    lines = [("n0", "n2"), ("n0", "n3"), ("n0", "n4"), ("n1", "n5"), ("n1", "n6")]
    lines += [("n2", "n7"), ("n2", "n8")]
    nodes = tuple(
        Node(
            id=part,
            patches=patches[part],
            confidence=kept.get(part, 0.2),
            x=places[part][0],
            y=places[part][1],
            root=part in ("n0", "n1"),
            left_out=2 if part == "n4" else 0,
        )
        for part in patches
    )
    edges = tuple(
        Edge(
            parent=parent,
            child=child,
            patch=next(iter({*patches[parent]} - {*patches[child]})),
            drop=round(kept[parent] - kept.get(child, 0.2), 3),
        )
        for parent, child in lines
    )
    parts = tuple(
        ManifestPart(
            key=part,
            alt=f"With {len(patches[part])} of 49 patches shown, some confidence remains.",
            layer=add(folder, 6, "RGBA"),
        )
        for part in patches
    )
    structure = Graph(kind="graph", cells=CELLS, nodes=nodes, edges=edges, roots=("n0", "n1"))
    return {"parts": parts, "structure": structure, "alt": "A graph of picture patches."}
