"""Placebos: real heatmaps of the same method, computed for another picture.

A placebo looks like an explanation in every respect but one: it tells nothing about the picture
under it. It separates what an explanation says from the mere sight of one.
"""

import random
from collections.abc import Sequence

from experiments.digest import derive_seed
from explainers.errors import ExplainersError

NAME = "placebo"
VERSION = "1"


def donors(pictures: Sequence[str], seed: int, split: str) -> dict[str, str]:
    """Return for every picture the one whose map it borrows.

    The pictures are joined to one random circle: nobody gets the own map and every map is used
    exactly once, whatever the species.

    Parameters
    ----------
    pictures
        Keys of the pictures of one split; their order doesn't matter.
    seed
        Of the build.
    split
        Its name: pictures of the other split don't change the result.

    Raises
    ------
    ExplainersError
        When there are fewer than two pictures.
    """
    if len(pictures) < 2:
        raise ExplainersError(
            f"A placebo is the map of another picture, but there are fewer than two pictures in "
            f"the {split} split. Raise --limit or leave placebo out."
        )
    circle = sorted(pictures)
    random.Random(derive_seed(seed, NAME, split)).shuffle(circle)
    return dict(zip(circle, [*circle[1:], circle[0]], strict=True))
