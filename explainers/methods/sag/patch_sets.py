"""Sets of patches as whole numbers: bit p stands for patch p = row * cells + column."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor


def patches_of(patch_set: int) -> list[int]:
    """Return the patches of a set in rising order."""
    return [patch for patch in range(patch_set.bit_length()) if patch_set >> patch & 1]


def leave_one_out(patch_set: int) -> list[int]:
    """Return the sets that lack one patch, for each patch in rising order."""
    return [patch_set ^ 1 << patch for patch in patches_of(patch_set)]


def holds_any(patch_set: int, parts: Iterable[int]) -> bool:
    """Say whether a set contains one of others, or equals it."""
    return any(part & patch_set == part for part in parts)


def without_supersets(patch_sets: Iterable[int]) -> list[int]:
    """Return the sets that contain no other, each once, in their order."""
    distinct = list(dict.fromkeys(patch_sets))
    return [one for one in distinct if not holds_any(one, (p for p in distinct if p != one))]


def masks_of(patch_sets: Sequence[int], cells: int) -> Tensor:
    """Return masks (N, 1, cells, cells): 1 where a patch is in the set, else 0."""
    rows = [[one >> patch & 1 for patch in range(cells**2)] for one in patch_sets]
    return torch.tensor(rows, dtype=torch.float32).view(-1, 1, cells, cells)
