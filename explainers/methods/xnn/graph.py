"""A network whose outputs are x-features, for Excitation Backprop."""

import copy

from torch import fx, nn

from explainers.methods.winner_take_all import traced


def x_feature_graph(module: nn.Module, layer: str, encoder: nn.Sequential) -> fx.GraphModule:
    """Return the traced network that ends in the encoder where `layer` was.

    Parameters
    ----------
    module
        The network.
    layer
        What its input goes to is left out; the encoder takes its place.
    encoder
        (N, D) to (N, L).

    Raises
    ------
    ExplainersError
        When something in the network has no rule.
    """
    graph = traced(module)
    (old,) = (node for node in graph.graph.nodes if node.target == layer)
    (output,) = (node for node in graph.graph.nodes if node.op == "output")
    (reached,) = old.all_input_nodes
    graph.add_submodule("x_features", copy.deepcopy(encoder))
    with graph.graph.inserting_before(output):
        for position in range(len(encoder)):
            reached = graph.graph.call_module(f"x_features.{position}", (reached,))
    output.args = (reached,)
    graph.graph.eliminate_dead_code()
    graph.recompile()
    return graph
