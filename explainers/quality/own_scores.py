"""What graphs and concepts score by measures of their own, for `scores.json`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.manifest import Manifest

_GRAPH, _CONCEPTS = "sag", ("xnn", "xnn_igos", "xnn_igospp")


def own_scores(folder: Path, manifest: Manifest) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the measures of every graph and every set of concepts, by stimulus and name.

    Placebos borrow theirs from another picture and have none.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for stimulus in manifest.stimuli:
        for name, entry in stimulus.explanations.items():
            if entry.source is None and entry.method in (_GRAPH, *_CONCEPTS):
                sidecar = json.loads((folder / entry.sidecar.path).read_text(encoding="utf-8"))
                measure = graph_scores if entry.method == _GRAPH else concept_scores
                found[stimulus.key, name] = measure(sidecar["own"])
    return found


def graph_scores(own: Mapping[str, Any]) -> dict[str, Any]:
    """Return how few patches suffice, and in how many ways (Shitole et al. 2021, section 4)."""
    statistics = own["statistics"]
    told = {name: statistics[name] for name in ("smallest", "sets", "disjoint")}
    return {"graph": {"patches": own["cells"] ** 2, **told}}


def concept_scores(own: Mapping[str, Any]) -> dict[str, Any]:
    """Return how faithful and how few the concepts are (Qi et al. 2021)."""
    return {
        "concepts": {
            "logit_error": own["xnn_logit"] - own["logit"],
            "covered": own["covered"],
            "significant": sum(one["significant"] for one in own["x_features"]),
        }
    }
