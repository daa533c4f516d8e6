"""Placebo explanations: real maps of the same method, computed for another picture.

They look exactly like explanations and tell nothing of the picture they are shown with.
"""

import random
from collections.abc import Sequence

from experiments.digest import derive_seed
from explainers.errors import ExplainersError


def donors(keys: Sequence[str], seed: int) -> dict[str, str]:
    """Give each picture the picture whose map it borrows.

    Every picture lends once and borrows once, never from itself, whatever the species: a random
    cycle through all of them.

    Parameters
    ----------
    keys
        Stimulus keys; their order does not matter.
    seed
        The same seed gives the same donors.

    Raises
    ------
    ExplainersError
        When there are fewer than two pictures.
    """
    if len(keys) < 2:
        raise ExplainersError("A placebo needs at least two pictures in each split.")
    cycle = sorted(keys)
    random.Random(derive_seed(seed, "placebo")).shuffle(cycle)
    return dict(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
