"""A graph's roots as a map over the picture."""

from collections.abc import Generator, Sequence

import torch
from torch import Tensor

from explainers.asking import Ask, Told
from explainers.methods.sag.confidence import Confidence
from explainers.methods.sag.patch_sets import leave_one_out, patches_of


def importance(confidence: Confidence, roots: Sequence[int]) -> Generator[Ask, Told, Tensor]:
    """Return how much a patch's removal from the roots loses, (cells, cells) in [0, 1].

    It is the sum over roots of the fall in probability, as a share of the largest sum: a patch
    counts for more where it is in several roots and where it can't be missed. Patches in no root
    are 0. A removal always loses something, for roots are minimal.
    """
    heat = torch.zeros(confidence.cells**2)
    for root in roots:
        (whole,) = yield from confidence.probabilities([root], exact=True)
        less = yield from confidence.probabilities(leave_one_out(root), exact=True)
        heat[patches_of(root)] += whole - torch.tensor(less)
    return (heat / heat.max()).view(confidence.cells, confidence.cells)
