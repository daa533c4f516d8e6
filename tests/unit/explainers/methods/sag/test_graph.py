"""The graph below the roots, its places and its formula."""

import random
from itertools import pairwise, permutations

import pytest

from explainers.methods.sag.dnf import dnf
from explainers.methods.sag.graph import grow
from explainers.methods.sag.layout import crossings, layered, ordered
from explainers.methods.sag.patch_sets import leave_one_out
from explainers.methods.sag.settings import SagSettings
from tests.unit.explainers.methods.sag.driving import Asked, bits, random_scores

ROOTS = [bits(0, 1, 2, 3), bits(3, 4), bits(5, 6, 7), bits(8)]


@pytest.mark.parametrize("seed", range(4))
def test_a_set_is_one_node_with_all_its_children_or_none(seed):
    asked = Asked(random_scores(seed))
    graph = asked.end_of(grow(asked.confidence, ROOTS, SagSettings(worth_expanding=0.7)))
    assert len(asked.sets) == len(set(asked.sets)) == len(graph.probabilities)
    assert len(set(graph.edges)) == len(graph.edges)
    assert graph.cut == []
    for node, probability in graph.probabilities.items():
        assert probability == pytest.approx(asked.score(node))
        children = [child for parent, child in graph.edges if parent == node]
        worth = (node in ROOTS or probability >= 0.7) and node != bits(8) and node & (node - 1)
        assert children == (leave_one_out(node) if worth else [])
    reached = {child for _, child in graph.edges} | set(ROOTS)
    assert reached == set(graph.probabilities)


def test_a_graph_without_loss_is_cut_off_and_says_so():
    asked = Asked(lambda shown: 0.8, cells=4)
    root = bits(*range(8))
    settings = SagSettings(most_nodes=30, widest=40)
    graph = asked.end_of(grow(asked.confidence, [root], settings))
    assert len(graph.probabilities) <= 30
    parents = [parent for parent, _ in graph.edges]
    assert all(parents.count(one) == one.bit_count() for one in parents)
    assert graph.cut
    assert not set(graph.cut) & set(parents)
    narrow = asked.end_of(grow(asked.confidence, [root], SagSettings(widest=8)))
    sizes = [one.bit_count() for one in narrow.probabilities]
    assert max(sizes.count(size) for size in sizes) == 8


def test_the_formula_names_patches_and_terms():
    roots = [bits(11, 30), bits(10, 30), bits(17, 30, 37)]
    assert dnf(roots) == "P11 & P30 | P10 & P30 | P17 & P30 & P37"


def random_graph(seed):
    generator = random.Random(seed)
    roots = [bits(*generator.sample(range(6), 3)) for _ in range(2)]
    nodes, edges = list(dict.fromkeys(roots)), []
    for parent in nodes:
        if parent.bit_count() > 1 and (parent in roots or generator.random() < 0.5):
            for child in leave_one_out(parent):
                nodes += [] if child in nodes else [child]
                edges.append((parent, child))
    return nodes, edges


@pytest.mark.parametrize("seed", range(8))
def test_an_order_has_few_crossings_and_no_more_than_before(seed):
    nodes, edges = random_graph(seed)
    sizes = sorted({node.bit_count() for node in nodes}, reverse=True)
    begun = [[node for node in nodes if node.bit_count() == size] for size in sizes]
    found = ordered(nodes, edges)
    assert [sorted(layer) for layer in found] == [sorted(layer) for layer in begun]
    count = crossings(found, edges)
    assert count == crossings_slowly(found, edges)
    assert count <= crossings(begun, edges)
    if all(len(layer) <= 6 for layer in begun):
        best = fewest_crossings(begun, edges)
        assert best <= count <= best + 2


def fewest_crossings(layers, edges):
    """Try all orders, a layer at a time: only the layer above matters to how one crosses it."""
    fewest = dict.fromkeys(permutations(layers[0]), 0)
    for layer in layers[1:]:
        fewest = {
            order: min(
                count + crossings_slowly([above, order], edges) for above, count in fewest.items()
            )
            for order in permutations(layer)
        }
    return min(fewest.values())


def crossings_slowly(layers, edges):
    count = 0
    for upper, lower in pairwise([list(layer) for layer in layers]):
        between = [(upper.index(a), lower.index(b)) for a, b in edges if a in upper]
        count += sum(a < c and b > d for a, b in between for c, d in between)
    return count


@pytest.mark.parametrize("seed", range(8))
def test_places_are_apart_inside_and_always_the_same(seed):
    nodes, edges = random_graph(seed)
    places = layered(nodes, edges)
    assert places == layered(nodes, edges)
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in places.values())
    layers = {}
    for node, (x, y) in places.items():
        layers.setdefault(y, []).append((x, node))
    widest = max(len(layer) for layer in layers.values())
    for layer in layers.values():
        assert len({node.bit_count() for _, node in layer}) == 1
        across = sorted(x for x, _ in layer)
        assert all(b - a >= 1 / widest - 1e-9 for a, b in pairwise(across))
    assert min(y for _, y in places.values()) == 0


def test_a_lone_root_stands_in_the_middle():
    assert layered([bits(4)], []) == {bits(4): (0.5, 0)}
