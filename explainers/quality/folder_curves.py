"""Deletion and insertion of every explanation of a folder, at one's own resolution or a common one.

Curves that an earlier run left in `scores.json` are not measured again.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import safetensors.torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  torch's own convention

from experiments.files import write_atomically
from experiments.manifest import Manifest, ManifestExplanation, ManifestStimulus
from experiments.scores import SCORES_NAME
from explainers.evaluator import Evaluator
from explainers.quality.curves import Curves, measure_curves

OWN = "own"


@dataclass(frozen=True)
class ScoredExplanation:
    """What one explanation scores, and what it cost.

    Attributes
    ----------
    stimulus, picture, explanation, key
        Whose: names of the manifest, the digest of the picture, and the explanation's own key.
    cells
        Rows and columns of the map.
    curves
        By resolution: `OWN`, or the number of cells of a side as text.
    seconds
        That computing the explanation took.
    """

    stimulus: str
    picture: str
    explanation: str
    key: str
    cells: tuple[int, int]
    seconds: float
    curves: dict[str, Curves]

    def facts(self) -> dict[str, Any]:
        """Return everything, ready for JSON, the areas of the own resolution first."""
        own = self.curves[OWN]
        areas = {"deletion": own.deletion_area, "insertion": own.insertion_area, "both": own.both}
        return {
            **{name: round(area, 5) for name, area in areas.items()},
            **asdict(self),
            "curves": {at: curves.facts() for at, curves in self.curves.items()},
        }


def at_resolution(heat: Tensor, cells: int) -> Tensor:
    """Return a map (h, w) at cells x cells: averaged where it is finer, else interpolated."""
    shown = heat[None, None].float()
    return F.interpolate(shown, (cells, cells), mode="bilinear", antialias=True)[0, 0]


def score_folder(
    folder: Path,
    manifest: Manifest,
    evaluator: Evaluator,
    report: Callable[[str, int, int], None],
    common: int | None = None,
) -> Iterator[ScoredExplanation]:
    """Give the scores of each explanation as soon as they are measured.

    Parameters
    ----------
    folder, manifest
        What `build` wrote.
    evaluator
        Owns the network explained.
    report
        Told of every stimulus.
    common
        Cells of a side that every map is brought to for a second pair of curves.
    """
    known = _known(folder)
    for done, stimulus in enumerate(manifest.stimuli, start=1):
        image = evaluator.network.to_tensor(Image.open(folder / stimulus.picture.path))
        target = evaluator.network.species.index(stimulus.predicted_species)
        for name, entry in stimulus.explanations.items():
            heat = safetensors.torch.load_file(folder / entry.map.path)["map"]
            scored = _begun(known, stimulus, name, entry, heat)
            wanted = {OWN: heat}
            if common is not None:
                wanted[str(common)] = at_resolution(heat, common)
            missing = {at: shown for at, shown in wanted.items() if at not in scored.curves}
            measured = {
                at: _as_kept(measure_curves(evaluator, image, shown, target))
                for at, shown in missing.items()
            }
            yield replace(scored, curves={**scored.curves, **measured})
        report("scores", done, len(manifest.stimuli))


def _as_kept(curves: Curves) -> Curves:
    """Return curves as a later run reads them, so that it tells the same areas."""
    return Curves.of(curves.facts())


def _begun(
    known: dict[tuple[str, str, str], dict[str, Curves]],
    stimulus: ManifestStimulus,
    name: str,
    entry: ManifestExplanation,
    heat: Tensor,
) -> ScoredExplanation:
    return ScoredExplanation(
        stimulus=stimulus.key,
        picture=stimulus.picture.sha256,
        explanation=name,
        key=entry.key,
        cells=(heat.shape[0], heat.shape[1]),
        seconds=entry.seconds,
        curves=known.get((stimulus.picture.sha256, name, entry.key), {}),
    )


def _known(folder: Path) -> dict[tuple[str, str, str], dict[str, Curves]]:
    return {
        (row["picture"], row["explanation"], row["key"]): {
            at: Curves.of(facts) for at, facts in row["curves"].items()
        }
        for row in read_rows(folder)
    }


def read_rows(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of `scores.json`; nothing where it is missing, or of another version."""
    try:
        rows: list[dict[str, Any]] = json.loads((folder / SCORES_NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    # Rows of earlier versions had no curves, or did not say of which picture: measured anew.
    return [row for row in rows if {"picture", "key", "curves"} <= set(row)]


def write_rows(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write `scores.json`, a line for each explanation."""
    lines = ",\n".join(json.dumps(row) for row in rows)
    write_atomically(folder / SCORES_NAME, f"[\n{lines}\n]\n".encode())
