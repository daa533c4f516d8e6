"""Structured attention graphs in figures: few patches suffice, in how many different ways.

Shitole et al. (2021), section 4: coverage is the share of pictures that have a minimal sufficient
set of at most so many patches; sets are disjoint, or nearly so when two share at most one patch.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from experiments.manifest import Manifest
from explainers.quality.intervals import mean_of

METHOD = "sag"
_GUIDE = "patches_for_coverage"
# Of a grid's patches, so that they are 1, 2, 3, 5, 10, 15, 20 and all of 7 x 7.
_SHARES = (1 / 49, 2 / 49, 3 / 49, 5 / 49, 10 / 49, 15 / 49, 20 / 49, 1)
_COUNTS = {
    "smallest": "patches of the smallest set",
    "sets": "minimal sufficient sets found",
    "disjoint": "largest family of disjoint ones",
    "near_disjoint": "that share one patch at most",
}


def graph_tables(folder: Path, manifest: Manifest) -> list[list[str]]:
    """Return a table for every name in a folder that graphs were built by."""
    names = dict.fromkeys(
        name
        for stimulus in manifest.stimuli
        for name, entry in stimulus.explanations.items()
        if entry.method == METHOD and entry.source is None
    )
    return [
        graph_table(name, list(_graphs(folder, manifest, name)), _refused(manifest, name))
        for name in names
    ]


def graph_table(name: str, graphs: Sequence[dict[str, Any]], refused: int) -> list[str]:
    """Return lines on coverage, and on how many sets there are.

    Parameters
    ----------
    name
        Of the explanations.
    graphs
        The method's own part of each.
    refused
        Pictures that have no graph, such as those whose answer needs no patch; coverage counts
        them as not covered.
    """
    statistics = [graph["statistics"] for graph in graphs]
    columns = [round(share * graphs[0]["cells"] ** 2) for share in _SHARES]
    total = len(graphs) + refused
    lines = [
        f"{name}: share of {total} pictures that at most so many patches suffice for; {refused} "
        "have no graph",
        f"{'patches':34}" + " ".join(f"{count:5}" for count in columns),
    ]
    for label, key in (("best set", "smallest"), ("hottest patches of its guide", _GUIDE)):
        shares = [coverage([one[key] for one in statistics], count, total) for count in columns]
        lines.append(f"{label:34}" + " ".join(f"{share:5.0%}" for share in shares))
    for key, label in _COUNTS.items():
        mean = mean_of([one[key] for one in statistics])
        interval = f" ({mean.low:.1f} to {mean.high:.1f})" if mean.count > 1 else ""
        lines.append(f"{label:34}{mean.mean:5.1f}{interval}")
    return lines


def coverage(needed: Sequence[int], patches: int, total: int) -> float:
    """Return the share of so many pictures in all that need at most so many patches."""
    return sum(count <= patches for count in needed) / total


def _graphs(folder: Path, manifest: Manifest, name: str) -> Iterator[dict[str, Any]]:
    for stimulus in manifest.stimuli:
        entry = stimulus.explanations.get(name)
        if entry is not None:
            sidecar = json.loads((folder / entry.sidecar.path).read_text(encoding="utf-8"))
            yield sidecar["own"]


def _refused(manifest: Manifest, name: str) -> int:
    # Not its failures: some are of other species' explanations (`--also-for`).
    return sum(name not in stimulus.explanations for stimulus in manifest.stimuli)
