"""What a field mark does to a network, measured by twins.

A twin is a drawn picture once more with one mark changed to another species' value and nothing
else. The effect of a mark is therefore the difference in the network's answer, without any
assumption about explanations: a counterfactual, not an estimate.

A mark can be hidden although its part is seen, as mirrors are under a closed wing. Such a twin is
no twin: it is left out, by its pixels and not by what the network says of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from explainers.evaluator import Evaluator
from explainers.images import ImageRecord
from explainers.imagesets.gulls import MARK_PARTS, Drawing, DrawnGulls
from explainers.quality.drawn import VISIBLE_SHARE, visible_parts

# Of 255: a smaller change of a pixel is not seen.
_SEEN_STEP = 8


@dataclass(frozen=True)
class TwinChange:
    """How one changed mark moved a network.

    Attributes
    ----------
    picture
        Key of the picture.
    species
        What it shows.
    other
        The species whose value the mark was given.
    mark
        The changed mark.
    seen
        How much the change shows: mean absolute difference of the pixels, 0 to 255.
    change
        In log(p(other) / p(species)); above 0 when the network moved the right way.
    """

    picture: str
    species: str
    other: str
    mark: str
    seen: float
    change: float

    @property
    def right(self) -> bool:
        """Whether the network moved towards the other species."""
        return self.change > 0


def marks_on_visible_parts(
    images: DrawnGulls, drawing: Drawing, species: str, other: str
) -> tuple[str, ...]:
    """Return the marks that tell two species of a set apart on parts that a drawing shows."""
    seen = visible_parts(drawing)
    return tuple(
        mark
        for mark in images.telling_marks(species, other)
        if any(part in seen for part in MARK_PARTS[mark])
    )


def measure_twins(
    evaluator: Evaluator,
    images: DrawnGulls,
    record: ImageRecord,
    drawing: Drawing,
    other: str,
) -> list[TwinChange]:
    """Change every telling mark that a picture shows, one at a time, and ask the network.

    Parameters
    ----------
    evaluator
        Owns the network, which knows both species.
    images
        The set that draws the twins.
    record, drawing
        The picture and its truth.
    other
        The species whose values the marks are given.
    """
    marks = marks_on_visible_parts(images, drawing, record.species, other)
    drawn = {mark: images.twin(record, mark, other).picture for mark in marks}
    steps = {mark: pixel_steps(drawing.picture, twin) for mark, twin in drawn.items()}
    twins = {mark: twin for mark, twin in drawn.items() if is_seen(steps[mark])}
    network = evaluator.network
    asked = [network.to_tensor(picture) for picture in (drawing.picture, *twins.values())]
    positions = network.species.index(other), network.species.index(record.species)
    odds = evaluator.log_odds(torch.stack(asked), *positions).tolist()
    return [
        TwinChange(
            *(record.key, record.species, other, mark),
            seen=float(steps[mark].mean()),
            change=odd - odds[0],
        )
        for mark, odd in zip(twins, odds[1:], strict=True)
    ]


def pixel_steps(picture: Image.Image, twin: Image.Image) -> NDArray[np.int16]:
    """Return the absolute differences (H, W, 3) of two pictures, 0 to 255."""
    return np.abs(np.asarray(picture, dtype=np.int16) - np.asarray(twin, dtype=np.int16))


def is_seen(steps: NDArray[np.int16]) -> bool:
    """Tell whether enough pixels differ for the change to be seen."""
    return bool((steps.max(axis=2) > _SEEN_STEP).mean() >= VISIBLE_SHARE)


def part_sensitivities(drawing: Drawing, changes: Sequence[TwinChange]) -> dict[str, float]:
    """Return how much each visible part decides between two species.

    A part decides as much as its most telling mark: the largest absolute change of the log-odds
    over its marks. The sum would favour parts for which a guide lists many marks, and a change in
    the wrong direction is dependence, too. A part on which the two species look alike has 0.

    Parameters
    ----------
    drawing
        Of the picture.
    changes
        Of its twins for one other species.
    """
    return {
        part: max(
            (abs(change.change) for change in changes if part in MARK_PARTS[change.mark]),
            default=0.0,
        )
        for part in visible_parts(drawing)
    }
