"""Sanity by parameter randomisation for the methods of a folder."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from PIL import Image

from experiments.manifest import Manifest
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.quality.folder import explanation_names
from explainers.quality.intervals import mean_of
from explainers.quality.sanity import STAGES, Sanity, check_sanity, randomised
from explainers.registry import PLACEBO, create

# By name of the method; a reason stands where it can't be checked.
Checked = Mapping[str, Sequence[Sanity] | str]


def check_folder(
    folder: Path,
    manifest: Manifest,
    evaluator: Evaluator,
    report: Callable[[str, int, int], None],
    *,
    pictures: int,
    memory: int,
) -> Checked:
    """Return how far each method's maps of the first pictures survive random weights.

    Parameters
    ----------
    folder, manifest
        What `build` wrote.
    evaluator
        Owns the network explained.
    report
        Told of every method.
    pictures
        How many; none at 0.
    memory
        Of each randomised network's evaluator.
    """
    if pictures < 1:
        return {}
    network, shown = evaluator.network, manifest.stimuli[:pictures]
    images = torch.stack(
        [network.to_tensor(Image.open(folder / one.picture.path)) for one in shown]
    )
    targets = torch.tensor([network.species.index(one.predicted_species) for one in shown])
    randoms = {
        stage: Evaluator(
            randomised(network, stage, seed=0), memory=memory, device=str(evaluator.device)
        )
        for stage in STAGES
    }
    names = [n for n in explanation_names(manifest) if n.partition(":")[0] != PLACEBO]
    checked: dict[str, list[Sanity] | str] = {}
    for done, name in enumerate(names):
        found: list[Sanity] = []
        checked[name] = found
        try:
            own = create(name, network, evaluator)
            others = {at: create(name, asked.network, asked) for at, asked in randoms.items()}
            for one in check_sanity(own, others, images, targets):
                found.append(one)
                share = len(found) / (len(STAGES) * len(shown))
                report("sanity", round(100 * (done + share)), 100 * len(names))
        except ExplainersError as reason:
            checked[name] = str(reason)
    return checked


def sanity_table(checked: Checked) -> list[str]:
    """Return a line for each method: mean correlation and its interval at every stage."""
    told = ["the last layer", *(f"the last {stage:.0%}" for stage in STAGES[1:-1]), "all layers"]
    lines = [
        "rank correlation of maps before and after random weights (near 0 is good)",
        f"{'explanation':20} " + " ".join(f"{heading:>22}" for heading in told),
    ]
    for name, found in checked.items():
        if isinstance(found, str):
            lines.append(f"{name:20} {found}")
            continue
        means = [mean_of([one.similarity for one in found if one.stage == at]) for at in STAGES]
        cells = [f"{m.mean:+.2f} ({m.low:+.2f} to {m.high:+.2f})" for m in means]
        lines.append(f"{name:20} " + " ".join(f"{cell:>22}" for cell in cells))
    return lines
