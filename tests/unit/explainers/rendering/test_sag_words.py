from explainers.rendering.sag.words import describe_graph, describe_node, percent, points


def test_shares_are_rounded_down_and_changes_have_signs():
    assert [percent(share) for share in (0.8996, 0.9, 0.29, 1.374)] == [
        *("89 %", "90 %", "29 %", "137 %")
    ]
    assert [points(change) for change in (-0.123, 0.05, 0.0)] == ["-12", "+5", "+0"]


def test_a_graph_is_told_by_its_roots():
    root = {"patches": [1, 2, 3], "confidence": 0.941, "root": True, "left_out": 0}
    child = {"patches": [1, 2], "confidence": 0.5, "root": False, "left_out": 0}
    told = describe_graph({"cells": 7, "nodes": [root, child]})
    assert told == (
        "A graph of picture patches: 1 smallest set that keeps the network's answer, and 1 smaller "
        "set below. With 3 of 49 patches shown, 94 % of the network's confidence remains."
    )


def test_what_a_graph_leaves_out_is_told():
    root = {"patches": [1, 2, 3], "confidence": 0.941, "root": True, "left_out": 3}
    graph = {"cells": 7, "nodes": [root]}
    told = (
        "With 3 of 49 patches shown, 94 % of the network's confidence remains. The 3 sets with one "
        "patch less are left out."
    )
    assert describe_node(graph, root) == told
    assert describe_graph(graph) == (
        "A graph of picture patches: 1 smallest set that keeps the network's answer, and 0 smaller "
        f"sets below. {told} To keep the graph small, what is below 1 set is left out."
    )
