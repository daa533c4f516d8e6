"""What the concepts of one picture are worth: few, faithful, apart, and local."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  torch's own convention

from explainers.methods.xnn.metrics import area_of_half, spread_over_parts
from explainers.quality.truth import Mask
from explainers.rendering.layer import enlarged


@dataclass(frozen=True)
class ConceptScores:
    """Scores of one picture's significant concepts.

    Attributes
    ----------
    significant
        How many there are.
    covered
        Share of the evidence that they carry.
    error
        Of the logit, XNN minus network.
    overlap
        Mean cosine of two concept maps, in [0, 1]; None for fewer than two.
    area
        Mean share of the picture that holds half of a concept's heat; None without a concept.
    spread
        Mean entropy of a concept's heat over the bird's parts, over the largest possible; None
        where the parts are not known or no concept is on them.
    """

    significant: int
    covered: float
    error: float
    overlap: float | None
    area: float | None
    spread: float | None


def score_concepts(
    own: Mapping[str, Any], maps: Tensor, parts: Mapping[str, Mask] | None
) -> ConceptScores:
    """Score what an XNN says of one picture.

    Parameters
    ----------
    own
        The method's own part of the explanation.
    maps
        (k, h, w) in [0, 1], of the significant concepts.
    parts
        Visible part of a bird -> its mask (H, W), where that is known.
    """
    flat = F.normalize(maps.flatten(1).double(), dim=1)
    overlaps = [float(flat[one] @ flat[other]) for one, other in combinations(range(len(maps)), 2)]
    spreads = [_spread(heat, parts) for heat in maps] if parts else []
    told = [spread for spread in spreads if spread is not None]
    return ConceptScores(
        significant=len(maps),
        covered=own["covered"],
        error=own["xnn_logit"] - own["logit"],
        overlap=fmean(overlaps) if overlaps else None,
        area=fmean([area_of_half(heat) for heat in maps]) if len(maps) else None,
        spread=fmean(told) if told else None,
    )


def _spread(heat: Tensor, parts: Mapping[str, Mask]) -> float | None:
    height, width = next(iter(parts.values())).shape
    return spread_over_parts(enlarged(torch.as_tensor(heat), (width, height)), parts)
