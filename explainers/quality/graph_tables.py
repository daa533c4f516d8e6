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
PATCHES = (1, 2, 3, 5, 10, 15, 20, 49)
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
    return [graph_table(name, list(_statistics(folder, manifest, name))) for name in names]


def graph_table(name: str, statistics: Sequence[dict[str, Any]]) -> list[str]:
    """Return lines on coverage, and on how many sets there are.

    Parameters
    ----------
    name
        Of the explanations.
    statistics
        Of each graph, as its own part holds them.
    """
    lines = [f"{name}: pictures of {len(statistics)} that at most so many patches suffice for"]
    lines.append(f"{'patches':34}" + " ".join(f"{count:5}" for count in PATCHES))
    for label, key in (("best set", "smallest"), ("hottest patches of its guide", _GUIDE)):
        shares = [coverage([one[key] for one in statistics], count) for count in PATCHES]
        lines.append(f"{label:34}" + " ".join(f"{share:5.0%}" for share in shares))
    for key, label in _COUNTS.items():
        mean = mean_of([one[key] for one in statistics])
        interval = f" ({mean.low:.1f} to {mean.high:.1f})" if mean.count > 1 else ""
        lines.append(f"{label:34}{mean.mean:5.1f}{interval}")
    return lines


def coverage(needed: Sequence[int], patches: int) -> float:
    """Return the share of pictures that need at most so many patches."""
    return sum(count <= patches for count in needed) / len(needed)


def _statistics(folder: Path, manifest: Manifest, name: str) -> Iterator[dict[str, Any]]:
    for stimulus in manifest.stimuli:
        entry = stimulus.explanations.get(name)
        if entry is not None:
            sidecar = json.loads((folder / entry.sidecar.path).read_text(encoding="utf-8"))
            yield sidecar["own"]["statistics"]
