"""Sanity by parameter randomisation for the methods of a folder."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from experiments.manifest import Manifest
from explainers.evaluator import Evaluator
from explainers.quality.folder import explanation_names
from explainers.quality.intervals import mean_of
from explainers.quality.sanity import STAGES, Sanity, maps_of, randomised, similarity
from explainers.registry import PLACEBO, create

# By name of the method, a row for each picture and stage.
Checked = Mapping[str, Sequence[Sanity]]
Report = Callable[[str, int, int], None]


def check_folder(
    folder: Path,
    manifest: Manifest,
    evaluator: Evaluator,
    report: Report,
    *,
    pictures: int,
    memory: int,
) -> Checked:
    """Return how far each method's maps of its first pictures survive random weights.

    Parameters
    ----------
    folder, manifest
        What `build` wrote.
    evaluator
        Owns the network explained.
    report
        Told of every method and network.
    pictures
        How many of a method's; none at 0.
    memory
        Of each randomised network's evaluator.
    """
    if pictures < 1:
        return {}
    names = [n for n in explanation_names(manifest) if n.partition(":")[0] != PLACEBO]
    samples = {name: _sample(folder, manifest, evaluator, name, pictures) for name in names}
    recorded = {name: _parameters(manifest, name) for name in names}
    total, done = len(samples) * (1 + len(STAGES)), 0
    before: dict[str, dict[int, Tensor]] = {}
    checked: dict[str, list[Sanity]] = {name: [] for name in samples}
    # One network after the other: each is a copy.
    for stage in (None, *STAGES):
        asked = evaluator if stage is None else _random(evaluator, stage, memory)
        for name, sample in samples.items():
            explainer = create(name, asked.network, asked).as_recorded(recorded[name])
            maps = maps_of(explainer, *sample)
            if stage is None:
                before[name] = maps
            else:
                checked[name] += _compared(before[name], maps, stage)
            done += 1
            report("sanity", done, total)
    return checked


def _sample(
    folder: Path, manifest: Manifest, evaluator: Evaluator, name: str, pictures: int
) -> tuple[Tensor, Tensor]:
    """Pictures that a method served, and positions of their explained species."""
    network = evaluator.network
    shown = [one for one in manifest.stimuli if name in one.explanations][:pictures]
    images = [network.to_tensor(Image.open(folder / one.picture.path)) for one in shown]
    targets = [network.species.index(one.predicted_species) for one in shown]
    return torch.stack(images), torch.tensor(targets)


def _parameters(manifest: Manifest, name: str) -> dict[str, Any]:
    return next(s.explanations[name].parameters for s in manifest.stimuli if name in s.explanations)


def _random(evaluator: Evaluator, stage: float, memory: int) -> Evaluator:
    network = randomised(evaluator.network, stage, seed=0)
    return Evaluator(network, memory=memory, device=str(evaluator.device))


def _compared(
    before: Mapping[int, Tensor], after: Mapping[int, Tensor], stage: float
) -> list[Sanity]:
    return [
        Sanity(stage, similarity(one, after[number]) if number in after else None)
        for number, one in before.items()
    ]


def sanity_table(checked: Checked) -> list[str]:
    """Return a line for each method: mean correlation and its interval at every stage."""
    told = ["the last layer", *(f"the last {stage:.0%}" for stage in STAGES[1:-1]), "all layers"]
    lines = [
        "rank correlation of maps before and after random weights (near 0 is good)",
        "[pictures compared: of others one map was constant, or the method refused]",
        f"{'explanation':20} " + " ".join(f"{heading:>26}" for heading in told),
    ]
    for name, found in checked.items():
        cells = [_cell([one.similarity for one in found if one.stage == at]) for at in STAGES]
        lines.append(f"{name:20} " + " ".join(f"{cell:>26}" for cell in cells))
    return lines


def _cell(similarities: Sequence[float | None]) -> str:
    known = [one for one in similarities if one is not None]
    if not known:
        return f"- [0 of {len(similarities)}]"
    mean = mean_of(known)
    interval = f" ({mean.low:+.2f} to {mean.high:+.2f})" if mean.count > 1 else ""
    return f"{mean.mean:+.2f}{interval} [{len(known)}]"
