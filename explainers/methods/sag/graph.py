"""The graph below the roots: what is left when patches are taken away one by one."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from explainers.asking import Ask, Told
from explainers.methods.sag.confidence import Confidence
from explainers.methods.sag.patch_sets import leave_one_out
from explainers.methods.sag.settings import SagSettings


@dataclass
class Graph:
    """A directed acyclic graph; a set is one node, however many ways lead to it.

    Attributes
    ----------
    probabilities
        Of every node's set, exact; roots come first.
    edges
        From a set to the same without one patch.
    cut
        Nodes that were not expanded because the graph would have become too large.
    """

    probabilities: dict[int, float]
    edges: list[tuple[int, int]] = field(default_factory=list)
    cut: list[int] = field(default_factory=list)


def grow(
    confidence: Confidence, roots: Sequence[int], settings: SagSettings
) -> Generator[Ask, Told, Graph]:
    """Grow the graph downwards, a generation at a time, its best sets first.

    A set of n patches gets exactly n children or none: none where it keeps less than
    `worth_expanding`, and where it is one patch.
    """
    asked = yield from confidence.probabilities(roots, exact=True)
    graph = Graph(dict(zip(roots, asked, strict=True)))
    least = settings.worth_expanding * confidence.clean
    generation = list(roots)
    while generation:
        new = _expand(graph, generation, settings)
        asked = yield from confidence.probabilities(new, exact=True)
        graph.probabilities.update(zip(new, asked, strict=True))
        worth = [one for one in new if graph.probabilities[one] >= least and one.bit_count() > 1]
        generation = sorted(worth, key=lambda one: (-graph.probabilities[one], one))
    return graph


def _expand(graph: Graph, generation: Sequence[int], settings: SagSettings) -> list[int]:
    """Add the edges of a generation; return the sets that are new."""
    known = dict.fromkeys(graph.probabilities)
    for parent in generation:
        children = leave_one_out(parent) if parent.bit_count() > 1 else []
        grown = {**known, **dict.fromkeys(children)}
        layer = sum(one.bit_count() == parent.bit_count() - 1 for one in grown)
        if len(grown) > settings.most_nodes or layer > settings.widest:
            graph.cut.append(parent)
            continue
        known = grown
        graph.edges += [(parent, child) for child in children]
    return list(known)[len(graph.probabilities) :]
