"""A Structured Attention Graph in words that name no species."""

from typing import Any


def percent(share: float) -> str:
    """Return a share such as `94 %`."""
    return f"{100 * share:.0f} %"


def points(change: float) -> str:
    """Return a change in percentage points such as `-12`."""
    return f"{round(100 * change):+d}"


def describe_node(graph: dict[str, Any], node: dict[str, Any]) -> str:
    """Return one sentence on a node."""
    shown, whole = len(node["patches"]), graph["cells"] ** 2
    kept = percent(node["confidence"])
    return f"With {shown} of {whole} patches shown, {kept} of the network's confidence remains."


def describe_graph(graph: dict[str, Any]) -> str:
    """Return two or three sentences on a graph."""
    roots = [node for node in graph["nodes"] if node["root"]]
    below = len(graph["nodes"]) - len(roots)
    many = f"{len(roots)} smallest sets" if len(roots) > 1 else "one smallest set"
    told = " ".join(describe_node(graph, root) for root in roots)
    return (
        f"A graph of {many} of picture patches that keep the network's answer, and {below} sets "
        f"below with patches taken away one by one. {told}"
    )
