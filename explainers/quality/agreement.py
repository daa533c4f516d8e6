"""Do a heat map and the network rank the parts of a bird alike?

A part's heat is the mean over its pixels: what a viewer sees is how bright a part is, and total
heat would rank parts by their size. A part's sensitivity comes from twins (`quality.twins`).
Rankings are compared by Kendall's tau-b (Kendall, Biometrika 33, 1945), which corrects for ties:
parts that don't tell two species apart all have sensitivity zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explainers.quality.truth import Floats, Mask, ShownMap
from explainers.rendering.layer import enlarged

# Two parts agree or they don't: no ranking to speak of.
FEWEST_PARTS = 3
_LEVEL_DIGITS = 6


@dataclass(frozen=True)
class Agreement:
    """How one map ranks the parts of its picture, beside chance.

    Attributes
    ----------
    tau
        Kendall's tau-b with the network's sensitivities, in [-1, 1]; 0 for a map that is equally
        hot everywhere.
    tau_shuffled
        Mean tau of the method's maps for other pictures; None when there are none. A random
        ranking has 0.
    top
        1 when the hottest part is the one the network is most sensitive to; parts that are equally
        hot share it.
    top_random
        What a random ranking has: one over the number of visible parts.
    top_shuffled
        Mean of `top` over the method's maps for other pictures.
    """

    tau: float
    tau_shuffled: float | None
    top: float
    top_random: float
    top_shuffled: float | None


@dataclass(frozen=True)
class MeasuredParts:
    """The visible parts of a picture and how much each decides for the network.

    Attributes
    ----------
    masks
        Part -> its mask (H, W).
    sensitivities
        Part -> change of the network's log-odds, not negative; the same parts.
    """

    masks: Mapping[str, Mask]
    sensitivities: Mapping[str, float]

    @property
    def ranked(self) -> bool:
        """Whether there is a ranking to agree with: three parts, and not all level."""
        return len(self.masks) >= FEWEST_PARTS and len(set(self.sensitivities.values())) > 1


def agreements(
    maps: Sequence[ShownMap], parts: Mapping[str, MeasuredParts], size: tuple[int, int]
) -> dict[str, Agreement]:
    """Return how one method's maps rank the parts, by stimulus, where the network ranks them.

    Parameters
    ----------
    maps
        All that the method has in a folder, one for each stimulus.
    parts
        Stimulus -> its parts.
    size
        Width and height of all pictures.
    """
    if not maps:
        return {}
    pixels = np.stack([enlarged(shown.heat, size).ravel() for shown in maps])
    made_for = np.array([shown.made_for for shown in maps])
    found = {}
    for row, shown in enumerate(maps):
        measured = parts[shown.stimulus]
        if measured.ranked:
            heats = _part_heats(pixels, measured)
            sensitivities = np.array([measured.sensitivities[part] for part in measured.masks])
            others = heats[made_for != shown.stimulus]
            found[shown.stimulus] = agreement(sensitivities, heats[row], others)
    return found


def agreement(sensitivities: Floats, own: Floats, others: Floats) -> Agreement:
    """Compare a map's ranking of parts with the network's.

    Parameters
    ----------
    sensitivities
        (parts,), not all equal.
    own
        (parts,), the map's mean heat in each.
    others
        (maps, parts), the same for the method's maps for other pictures; may have no rows.
    """
    taus, tops = tau_b(others, sensitivities), same_top(others, sensitivities)
    return Agreement(
        tau=float(tau_b(own[None], sensitivities)[0]),
        tau_shuffled=float(taus.mean()) if len(taus) else None,
        top=float(same_top(own[None], sensitivities)[0]),
        top_random=1 / len(sensitivities),
        top_shuffled=float(tops.mean()) if len(tops) else None,
    )


def tau_b(rankings: Floats, reference: Floats) -> Floats:
    """Return Kendall's tau-b of each ranking (N, parts) with the reference (parts,).

    A ranking of equals only agrees and disagrees with nothing: it has 0.
    """
    first, second = np.triu_indices(len(reference), k=1)
    ours = np.sign(rankings[:, first] - rankings[:, second])
    theirs = np.sign(reference[first] - reference[second])
    untied = np.sqrt(np.abs(ours).sum(1) * np.abs(theirs).sum())
    taus: Floats = (ours * theirs).sum(1) / np.where(untied > 0, untied, 1)
    return taus


def same_top(rankings: Floats, reference: Floats) -> Floats:
    """Return how often each ranking (N, parts) has the reference's top part, in [0, 1].

    Parts level at the top are each picked equally often, on either side.
    """
    same: Floats = _top(rankings) @ _top(reference[None])[0]
    return same


def _part_heats(pixels: NDArray[np.float32], parts: MeasuredParts) -> Floats:
    """Mean heat (maps, parts); what differs by rounding only is level."""
    masks = np.stack([mask.ravel() for mask in parts.masks.values()])
    means: Floats = pixels.astype(np.float64) @ masks.T / masks.sum(axis=1)
    return means.round(_LEVEL_DIGITS)


def _top(rankings: Floats) -> Floats:
    level = rankings == rankings.max(axis=1, keepdims=True)
    tops: Floats = level / level.sum(axis=1, keepdims=True)
    return tops
