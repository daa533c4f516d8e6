"""What a manifest may say of an explanation's parts, and no more."""

import pytest
from pydantic import ValidationError

from experiments.manifest import ManifestExplanation, ManifestPart
from experiments.structures import Concepts, Graph
from tests.unit.experiments.manifests import manifest_of

NODE = {"id": "n0", "patches": [1, 2], "confidence": 0.9, "x": 0.5, "y": 0, "root": True}
CHILD = {**NODE, "id": "n1", "patches": [1], "y": 1, "root": False}
EDGE = {"parent": "n0", "child": "n1", "patch": 2, "drop": 0.3}
GRAPH = {"kind": "graph", "cells": 7, "nodes": [NODE, CHILD], "edges": [EDGE], "roots": ["n0"]}
CONCEPT = {"part": "x1", "name": "yellow bill", "share": 0.5}


def explanation(structure, keys: list[str]) -> ManifestExplanation:
    plain = manifest_of(("ivory_gull", "herring_gull"), 1).stimuli[0].explanations["igos"]
    parts = [ManifestPart(key=key, alt="A part.", layer=plain.layer) for key in keys]
    return ManifestExplanation.model_validate(
        {**dict(plain), "structure": structure, "parts": parts}
    )


@pytest.mark.parametrize(
    ("structure", "keys", "kind"),
    [
        (None, [], "map"),
        ({"kind": "concepts", "concepts": [CONCEPT]}, ["x1"], "concepts"),
        ({"kind": "concepts", "concepts": []}, [], "concepts"),
        (GRAPH, ["n1", "n0"], "graph"),
    ],
)
def test_an_explanation_is_of_the_kind_of_its_structure(structure, keys, kind):
    assert explanation(structure, keys).kind == kind


@pytest.mark.parametrize(
    ("structure", "keys"),
    [
        (None, ["n0"]),
        (GRAPH, ["n0"]),
        (GRAPH, ["n0", "n1", "n1"]),
        ({"kind": "concepts", "concepts": [CONCEPT]}, ["x2"]),
    ],
)
def test_parts_and_structure_name_the_same(structure, keys):
    with pytest.raises(ValidationError, match="structure names"):
        explanation(structure, keys)


@pytest.mark.parametrize(
    "changed",
    [
        {"roots": ["n7"]},
        {"edges": [{**EDGE, "child": "n9"}]},
        {"nodes": [{**NODE, "patches": [49]}, CHILD]},
        {"nodes": []},
        {"nodes": [{**NODE, "left_out": 2}, CHILD]},
        {"nodes": [{**NODE, "probability": 0.4}, CHILD]},
        {"flags": {}},
    ],
)
def test_a_graph_that_does_not_hold_together_or_tells_more_is_refused(changed):
    Graph.model_validate(GRAPH)
    with pytest.raises(ValidationError):
        Graph.model_validate({**GRAPH, **changed})


def test_a_concept_tells_nothing_but_part_name_and_share():
    for told in ({"x_feature": 3}, {"contribution": 1.2}, {"share": 1.2}, {"name": ""}):
        with pytest.raises(ValidationError):
            Concepts(kind="concepts", concepts=[{**CONCEPT, **told}])
