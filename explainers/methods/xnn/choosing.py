"""How many x-features a species needs."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from experiments.digest import derive_seed
from explainers.errors import ExplainersError
from explainers.methods.xnn.autoencoder import SparseAutoencoder
from explainers.methods.xnn.fitting import Report, Task, fit_species
from explainers.methods.xnn.settings import XnnSettings

CANDIDATES = (3, 4, 5, 6, 7, 8)
# One picture in so many is held back to choose by.
_HELD_BACK = 5
# Two of them held back: one has no standard error.
_FEWEST = 2 * _HELD_BACK


def choose_x_features(
    task: Task,
    start_of: Callable[[int, int], SparseAutoencoder],
    settings: XnnSettings,
    seed: int,
    report: Report,
) -> int:
    """Return the smallest number whose held-out error is as good as the best one's.

    Each candidate is fitted for one round to four fifths of the pictures. "As good" is within one
    standard error of the best mean squared error (the rule of Breiman et al. 1984, Classification
    and Regression Trees). The programs around the paper weigh squared mean contributions, loss and
    number against each other; their weights are not known.

    Parameters
    ----------
    task
        What is to be fitted.
    start_of
        Gives the pretrained autoencoder with so many x-features for a round.
    settings, seed
        Of the fit.
    report
        Told of candidates done, and of how many there are.

    Raises
    ------
    ExplainersError
        When there are too few pictures to hold any back.
    """
    if len(task.features) < _FEWEST:
        raise ExplainersError(
            f"{len(task.features)} pictures in the train split are too few to choose how many "
            f"x-features there are: auto takes {_FEWEST} at least. Use more pictures, or give a "
            "number such as --x-features 5."
        )
    shuffled = torch.Generator().manual_seed(derive_seed(seed, "choosing"))
    order = torch.randperm(len(task.features), generator=shuffled)
    checking, fitting = order[: len(order) // _HELD_BACK], order[len(order) // _HELD_BACK :]
    checked, errors = task.take(checking), []
    for done, count in enumerate(CANDIDATES, start=1):
        once = replace(settings, x_features=count, rounds=1)
        start = partial(start_of, count)
        fit = fit_species(task.take(fitting), start, once, seed, lambda *_: None)
        with torch.no_grad():
            predicted = fit.autoencoder(checked.features)[2]
        errors.append((predicted - checked.logits).square())
        report(done, len(CANDIDATES))
    return CANDIDATES[fewest_as_good(errors)]


def fewest_as_good(errors: list[Tensor]) -> int:
    """Return the first position whose mean is within a standard error of the least mean."""
    best = min(errors, key=lambda error: float(error.mean()))
    limit = float(best.mean() + best.std() / len(best) ** 0.5)
    return next(place for place, error in enumerate(errors) if float(error.mean()) <= limit)
