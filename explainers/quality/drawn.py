"""What is true of one drawn picture: which pixels tell the explained species from its rival."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explainers.imagesets.gulls import Drawing, DrawnGulls
from explainers.quality.truth import Mask

TELLING, BIRD = "telling", "bird"
# A part with less than this share of the pixels (11 of 224 x 224) counts as hidden.
VISIBLE_SHARE = 2e-4


@dataclass(frozen=True)
class PictureTruth:
    """Where the answer to "why this species and not that one" lies in a picture.

    Attributes
    ----------
    species
        The explained one: what the network says.
    rival
        The one it is told from, see `rival_of`.
    parts
        Visible part -> its mask (H, W); the masks are disjoint.
    told
        Parts that show a mark telling the two species apart, visible or not.
    """

    species: str
    rival: str
    parts: Mapping[str, Mask]
    told: tuple[str, ...]

    @property
    def telling(self) -> tuple[str, ...]:
        """Visible parts that show a mark telling the two species apart."""
        return tuple(part for part in self.parts if part in self.told)

    def regions(self) -> dict[str, Mask]:
        """Return the telling parts and the whole bird as masks; what can't be seen is absent."""
        named = {TELLING: self.telling, BIRD: tuple(self.parts)}
        return {
            name: np.logical_or.reduce([self.parts[part] for part in parts])
            for name, parts in named.items()
            if parts
        }


def truth_of(images: DrawnGulls, drawing: Drawing, species: str, rival: str) -> PictureTruth:
    """Return what is true of a set's drawing, for an explained species and its rival."""
    told = images.telling_parts(species, rival)
    return PictureTruth(species, rival, visible_parts(drawing), told)


def visible_parts(drawing: Drawing) -> dict[str, Mask]:
    """Return the parts of a drawing with enough pixels to be seen."""
    return {part: mask for part, mask in drawing.parts.items() if mask.mean() >= VISIBLE_SHARE}


def rival_of(explained: str, true: str, probabilities: Mapping[str, float]) -> str:
    """Return the species that an explained one has to be told from.

    Parameters
    ----------
    explained, true
        What the network says, and what the picture shows.
    probabilities
        Of every drawn species, for this picture.

    Returns
    -------
    str
        The true species when the network errs, else the most probable of the others.
    """
    if explained != true:
        return true
    others = [species for species in probabilities if species != explained]
    return max(others, key=probabilities.__getitem__)
