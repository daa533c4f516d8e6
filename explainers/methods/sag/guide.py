"""Which patches are worth trying first: a coarse I-GOS mask."""

from collections.abc import Generator

import torch
from torch import Tensor

from explainers.asking import Ask, Told
from explainers.masking import MaskedPicture
from explainers.methods.igos import Deletion
from explainers.methods.mask_descent import DescentSettings, descend

_ITERATIONS = 2


def guide_settings(cells: int) -> DescentSettings:
    """Return what the guide is searched with; two iterations, as the released program has them."""
    return DescentSettings(resolution=cells, iterations=_ITERATIONS)


def guide_map(
    picture: MaskedPicture,
    cells: int,
    spread: tuple[float, float, float],
    generator: torch.Generator,
) -> Generator[Ask, Told, Tensor]:
    """Ask for the I-GOS map (cells, cells) after two iterations; high is relevant.

    Parameters
    ----------
    picture, spread, generator
        As of `igos.Deletion`.
    cells
        Patches in each direction.
    """
    settings = guide_settings(cells)
    deletion = Deletion(picture, settings, spread, generator)
    masks = yield from descend(deletion, torch.ones(1, cells, cells), settings)
    return 1 - masks[0]


def ranking(guide: Tensor) -> list[int]:
    """Return all patches, the most relevant first; of equal ones the lower number."""
    heat = guide.flatten().tolist()
    return sorted(range(len(heat)), key=lambda patch: (-heat[patch], patch))
