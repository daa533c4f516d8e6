"""Concepts of a folder in figures."""

import json
from collections.abc import Mapping, Sequence
from math import sqrt
from pathlib import Path
from statistics import fmean

import safetensors.torch

from experiments.manifest import Manifest
from explainers.quality.concepts import ConceptScores, score_concepts
from explainers.quality.intervals import mean_of
from explainers.quality.truth import Mask

_METHODS = ("xnn", "xnn_igos", "xnn_igospp")
_MEANS = {
    "significant": "significant concepts a picture",
    "covered": "share of the evidence they carry",
    "overlap": "overlap of two concepts' maps (0 is apart, 1 the same)",
    "area": "share of the picture with half of a concept's heat",
    "spread": "spread over the bird's parts (0 is one part, 1 is all)",
}


def concept_tables(
    folder: Path, manifest: Manifest, parts: Mapping[str, Mapping[str, Mask]]
) -> list[list[str]]:
    """Return a table for every name in a folder that concepts were built by.

    Parameters
    ----------
    folder, manifest
        What `build` wrote.
    parts
        Stimulus -> part -> mask, where they are known.
    """
    scores: dict[str, list[ConceptScores]] = {}
    for stimulus in manifest.stimuli:
        for name, entry in stimulus.explanations.items():
            if entry.method in _METHODS and entry.source is None:
                own = json.loads((folder / entry.sidecar.path).read_text(encoding="utf-8"))["own"]
                maps = safetensors.torch.load_file(folder / entry.map.path)["concepts"]
                one = score_concepts(own, maps, parts.get(stimulus.key))
                scores.setdefault(name, []).append(one)
    return [concept_table(name, own) for name, own in scores.items()]


def concept_table(name: str, scores: Sequence[ConceptScores]) -> list[str]:
    """Return lines with the mean of each score over pictures, and its 95 % interval."""
    error = sqrt(fmean(one.error**2 for one in scores))
    lines = [f"{name}: concepts of {len(scores)} pictures"]
    lines.append(f"{'error of the logit (root mean square)':56}{error:6.3f}")
    for key, label in _MEANS.items():
        mean = mean_of([value for one in scores if (value := getattr(one, key)) is not None])
        if mean.count:
            interval = f" ({mean.low:.2f} to {mean.high:.2f})" if mean.count > 1 else ""
            lines.append(f"{label:56}{mean.mean:6.2f}{interval}")
    return lines
