"""A Structured Attention Graph in words that name no species."""

from math import floor
from typing import Any


def percent(share: float) -> str:
    """Return a share such as `94 %`, rounded down: what misses 90 % never reads as 90 %."""
    return f"{floor(round(100 * share, 3))} %"


def points(change: float) -> str:
    """Return a change in percentage points such as `-12`."""
    return f"{round(100 * change):+d}"


def describe_node(graph: dict[str, Any], node: dict[str, Any]) -> str:
    """Return a sentence on a node, and one on what is left out below it."""
    shown, whole = len(node["patches"]), graph["cells"] ** 2
    kept = percent(node["confidence"])
    told = f"With {shown} of {whole} patches shown, {kept} of the network's confidence remains."
    if not node["left_out"]:
        return told
    return f"{told} The {node['left_out']} sets with one patch less are left out."


def describe_graph(graph: dict[str, Any]) -> str:
    """Return a sentence on a graph, one on each root, and one on what is left out."""
    roots = [node for node in graph["nodes"] if node["root"]]
    kept = _counted(len(roots), "smallest set that keeps", "smallest sets that keep")
    below = _counted(len(graph["nodes"]) - len(roots), "smaller set", "smaller sets")
    told = [describe_node(graph, root) for root in roots]
    if cut := sum(node["left_out"] > 0 for node in graph["nodes"]):
        told.append(
            f"To keep the graph small, what is below {_counted(cut, 'set', 'sets')} is left out."
        )
    begun = f"A graph of picture patches: {kept} the network's answer, and {below} below."
    return " ".join([begun, *told])


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
