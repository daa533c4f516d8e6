"""A network whose outputs are x-features, for Excitation Backprop."""

import copy

from torch import fx, nn


def x_feature_graph(trunk: fx.GraphModule, layer: str, encoder: nn.Sequential) -> fx.GraphModule:
    """Return a network that ends in the encoder where `layer` was.

    It shares its layers with `trunk`, which is left as it is: a species costs its encoder.

    Parameters
    ----------
    trunk
        The network, from `winner_take_all.traced`.
    layer
        What its input goes to is left out; a copy of the encoder takes its place.
    encoder
        (N, D) to (N, L).
    """
    graph = fx.GraphModule(trunk, copy.deepcopy(trunk.graph))
    (old,) = (node for node in graph.graph.nodes if node.target == layer)
    (output,) = (node for node in graph.graph.nodes if node.op == "output")
    (reached,) = old.all_input_nodes
    graph.add_submodule("x_features", copy.deepcopy(encoder))
    with graph.graph.inserting_before(output):
        for position in range(len(encoder)):
            reached = graph.graph.call_module(f"x_features.{position}", (reached,))
    output.args = (reached,)
    graph.graph.eliminate_dead_code()
    graph.delete_all_unused_submodules()
    graph.recompile()
    return graph
