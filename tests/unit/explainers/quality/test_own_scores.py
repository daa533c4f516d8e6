"""Measures that graphs and concepts have of their own, as scores.json holds them."""

import json

from experiments.manifest import read_manifest
from experiments.scores import ConceptsScore, GraphScore
from explainers.quality.own_scores import own_scores
from tests.factories import write_stimuli


def test_graphs_and_concepts_are_measured_and_nothing_else(tmp_path):
    write_stimuli(tmp_path, each=1, methods=("sag", "xnn", "igos"))
    manifest = read_manifest(tmp_path)
    one, other, *rest = manifest.stimuli
    lent = {"placebo:sag": one.explanations["sag"].model_copy(update={"source": one.key})}
    other = other.model_copy(update={"explanations": {**other.explanations, **lent}})
    manifest = manifest.model_copy(update={"stimuli": (one, other, *rest)})
    graph = {"cells": 7, "statistics": {"sets": 4, "smallest": 3, "disjoint": 2, "more": 1}}
    concepts = {
        "logit": 4.0,
        "xnn_logit": 3.5,
        "covered": 0.93,
        "x_features": [{"significant": True}, {"significant": True}, {"significant": False}],
    }
    for stimulus in manifest.stimuli:
        for one in stimulus.explanations.values():
            # Explanations of the factory share their sidecars.
            (tmp_path / one.sidecar.path).write_text(json.dumps({"own": {**graph, **concepts}}))
    found = own_scores(tmp_path, manifest)
    for stimulus in manifest.stimuli:
        assert GraphScore.model_validate(found[stimulus.key, "sag"]["graph"]) == GraphScore(
            patches=49, smallest=3, sets=4, disjoint=2
        )
        assert ConceptsScore.model_validate(found[stimulus.key, "xnn"]["concepts"]) == (
            ConceptsScore(logit_error=-0.5, covered=0.93, significant=2)
        )
        # A placebo has the key of the graph that it borrows, and no measure of its own.
        assert (stimulus.key, "igos") not in found
        assert (stimulus.key, "placebo:sag") not in found
