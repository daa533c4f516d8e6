"""Where the nodes of a graph stand: in layers by size, with few crossings.

Sugiyama, Tagawa & Toda (1981): layers, then orders by barycentres, then places.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

_SWEEPS = 8
Edges = Sequence[tuple[int, int]]
Layers = list[list[int]]


def layered(nodes: Sequence[int], edges: Edges) -> dict[int, tuple[float, float]]:
    """Return a place (x, y) in [0, 1] for each set of patches; y = 0 is at the top.

    A layer holds the sets of one size, the largest at the top.
    """
    layers = ordered(nodes, edges)
    across = _across(layers, edges)
    last = max(1, len(layers) - 1)
    return {
        node: (across[node], depth / last) for depth, layer in enumerate(layers) for node in layer
    }


def ordered(nodes: Sequence[int], edges: Edges) -> Layers:
    """Return layers whose order leaves few crossings: of all sweeps' orders the best."""
    layers = _begun(nodes, edges)
    best = [layer.copy() for layer in layers]
    for sweep in range(_SWEEPS):
        _sweep(layers, edges, down=sweep % 2 == 0)
        if crossings(layers, edges) < crossings(best, edges):
            best = [layer.copy() for layer in layers]
    return best


def crossings(layers: Layers, edges: Edges) -> int:
    """Return how many pairs of edges between neighbouring layers cross."""
    place = {node: index for layer in layers for index, node in enumerate(layer)}
    depth = {node: number for number, layer in enumerate(layers) for node in layer}
    count = 0
    for (a, b), (c, d) in combinations(edges, 2):
        if depth[a] == depth[c]:
            count += (place[a] - place[c]) * (place[b] - place[d]) < 0
    return count


def _begun(nodes: Sequence[int], edges: Edges) -> Layers:
    """Layers in the order in which a walk from the first root on meets their nodes."""
    children: dict[int, list[int]] = {node: [] for node in nodes}
    for parent, child in edges:
        children[parent].append(child)
    met: dict[int, None] = {}
    for node in nodes:
        _walk(node, children, met)
    sizes = sorted({node.bit_count() for node in nodes}, reverse=True)
    return [[node for node in met if node.bit_count() == size] for size in sizes]


def _walk(node: int, children: Mapping[int, list[int]], met: dict[int, None]) -> None:
    if node not in met:
        met[node] = None
        for child in children[node]:
            _walk(child, children, met)


def _sweep(layers: Layers, edges: Edges, *, down: bool) -> None:
    """Order each layer by the mean place of its neighbours in the layer before it."""
    near = _neighbours(edges, down=down)
    steps = list(pairwise(layers if down else layers[::-1]))
    for fixed, moved in steps:
        place = {node: index / max(1, len(fixed) - 1) for index, node in enumerate(fixed)}
        own = {node: index / max(1, len(moved) - 1) for index, node in enumerate(moved)}
        centres = {node: _mean([place[n] for n in near.get(node, ())], own[node]) for node in moved}
        moved.sort(key=centres.__getitem__)


def _neighbours(edges: Edges, *, down: bool) -> dict[int, list[int]]:
    """Parents of each node for a sweep down, children for a sweep up."""
    near: dict[int, list[int]] = {}
    for parent, child in edges:
        node, other = (child, parent) if down else (parent, child)
        near.setdefault(node, []).append(other)
    return near


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _across(layers: Layers, edges: Edges) -> dict[int, float]:
    """Places that keep the orders, a slot apart, as near to the neighbours as that allows."""
    slot = 1 / max(len(layer) for layer in layers)
    across = {
        node: (index + 0.5) / len(layer) for layer in layers for index, node in enumerate(layer)
    }
    for sweep in range(_SWEEPS):
        near = _neighbours(edges, down=sweep % 2 == 0)
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            wanted = [
                _mean([across[n] for n in near.get(node, ())], across[node]) for node in layer
            ]
            across.update(zip(layer, _spaced(wanted, slot), strict=True))
    return across


def _spaced(wanted: Sequence[float], slot: float) -> list[float]:
    """The places nearest to those wanted (least squares) that rise by a slot at least, in [0, 1].

    Pool-adjacent-violators on what is left when the slots are taken off.
    """
    blocks: list[tuple[float, int]] = []
    for index, place in enumerate(wanted):
        mean, count = place - index * slot, 1
        while blocks and blocks[-1][0] > mean:
            before, size = blocks.pop()
            mean, count = (before * size + mean * count) / (size + count), size + count
        blocks.append((mean, count))
    low, high = slot / 2, 1 - slot / 2 - (len(wanted) - 1) * slot
    flat = [min(max(mean, low), max(low, high)) for mean, count in blocks for _ in range(count)]
    return [place + index * slot for index, place in enumerate(flat)]
