"""Does a heat map lie where the truth is? Scores of maps against known regions of their pictures.

A map is read as three ways of placing one unit of attention on the pixels of its picture, and a
score is the share of that unit inside the region:

mass
    in proportion to the heat (relevance mass accuracy of Arras, Osman & Samek, CLEVR-XAI,
    Information Fusion 81, 2022);
top
    evenly on the hottest tenth of the pixels (like their relevance rank accuracy, which takes as
    many pixels as the region has; a fixed tenth can be compared across regions);
pointing
    on the hottest pixel (the pointing game of Zhang et al., International Journal of Computer
    Vision 126, 2018, without its 15 pixels of tolerance: a bill is smaller than that).

Pixels that are equally hot share places evenly, so a score is what picking among them at random
gives on average, and a constant map, zero or not, scores the region's share of the area. Maps are
enlarged as participants see them before they are scored.

Each score stands beside two levels of chance: `area`, what a map without any information scores,
and `shuffled`, the mean score of the same method's maps for all other pictures of the folder. The
second also knows where in a picture gulls tend to be, and is the one to beat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from explainers.rendering.layer import enlarged

SCORES = ("mass", "top", "pointing")
TOP_SHARE = 0.1

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ShownMap:
    """A heat map and the pictures it has to do with.

    Attributes
    ----------
    stimulus
        Key of the picture it is shown with.
    made_for
        Key of the picture it was computed for; another one for a placebo.
    heat
        (h, w) in [0, 1], at the method's own resolution.
    """

    stimulus: str
    made_for: str
    heat: Tensor


@dataclass(frozen=True)
class TruthScore:
    """A score beside its two levels of chance, each in [0, 1].

    Attributes
    ----------
    value
        Share of the attention inside the region.
    area
        Share of the picture's area that the region has.
    shuffled
        Mean score of the method's maps that were computed for other pictures; None when there are
        none.
    """

    value: float
    area: float
    shuffled: float | None


# Region -> score -> its value.
RegionScores = dict[str, dict[str, TruthScore]]


def placements(heat: NDArray[np.floating]) -> Floats:
    """Return where a map places attention.

    Parameters
    ----------
    heat
        (H, W), not negative.

    Returns
    -------
    ndarray
        (3, H, W) in the order of `SCORES`; each of the three sums to 1.
    """
    flat = heat.astype(np.float64).ravel()
    tenth = max(1, round(TOP_SHARE * flat.size))
    placed = np.stack([_by_heat(flat), _on_hottest(flat, tenth), _on_hottest(flat, 1)])
    return placed.reshape(3, *heat.shape)


def score_maps(
    maps: Sequence[ShownMap],
    regions: Mapping[str, Mapping[str, Mask]],
    size: tuple[int, int],
) -> dict[str, RegionScores]:
    """Return the scores of one method's maps, by stimulus.

    Parameters
    ----------
    maps
        All that the method has in a folder, one for each stimulus.
    regions
        Stimulus -> name of a region -> its mask (H, W), not empty.
    size
        Width and height of all pictures.
    """
    total = sum((_placed(shown, size) for shown in maps), start=np.zeros(()))
    made_for = {shown.made_for: shown for shown in maps}
    scores = {}
    for shown in maps:
        own = _placed(shown, size)
        # A placebo's own map was made for another picture; the map made for this one is elsewhere.
        excluded = made_for.get(shown.stimulus)
        count = len(maps) - (excluded is not None)
        rest = total if excluded is None else total - _placed(excluded, size)
        others = rest / count if count else None
        scores[shown.stimulus] = {
            name: _region_scores(own, others, mask)
            for name, mask in regions[shown.stimulus].items()
        }
    return scores


def _region_scores(own: Floats, others: Floats | None, mask: Mask) -> dict[str, TruthScore]:
    area = float(mask.mean())
    return {
        score: TruthScore(
            value=float(own[index][mask].sum()),
            area=area,
            shuffled=None if others is None else float(others[index][mask].sum()),
        )
        for index, score in enumerate(SCORES)
    }


def _placed(shown: ShownMap, size: tuple[int, int]) -> Floats:
    return placements(enlarged(shown.heat, size))


def _by_heat(heat: Floats) -> Floats:
    total = heat.sum()
    return heat / total if total > 0 else np.full_like(heat, 1 / heat.size)


def _on_hottest(heat: Floats, count: int) -> Floats:
    """Spread one unit over the `count` hottest; those level with the last share its places."""
    last = np.partition(heat, -count)[-count]
    above, level = heat > last, heat == last
    placed: Floats = (above + level * ((count - above.sum()) / level.sum())) / count
    return placed
