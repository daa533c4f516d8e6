"""A published questionnaire scale: its items, where they come from, and how they are scored."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from experiments.items import LikertItem, RatingItem


@dataclass(frozen=True)
class Scale:
    """A scale whose score is the mean of its items.

    Attributes
    ----------
    title
        Its name in the field.
    source
        Who published it, and on what terms it may be used.
    range
        What a score means, and from where to where it runs.
    items
        In order, worded for Larus's participants, who know the classifier as "the program".
    reversed
        Keys of the items that speak against what the scale measures.
    """

    title: str
    source: str
    range: str
    items: tuple[LikertItem | RatingItem, ...]
    reversed: frozenset[str] = frozenset()

    @property
    def ends(self) -> tuple[int, int]:
        """The lowest and the highest answer, the same for every item."""
        return _ends(self.items[0])

    def score(self, answers: Mapping[str, int | None]) -> float | None:
        """Return the mean of the items, reversed ones turned; None unless all were answered.

        Parameters
        ----------
        answers
            By item: the position of a level, from 1, or the point of a rating.
        """
        given = [self._turned(item, answers.get(item.key)) for item in self.items]
        known = [value for value in given if value is not None]
        return fmean(known) if len(known) == len(given) else None

    def _turned(self, item: LikertItem | RatingItem, value: int | None) -> int | None:
        if value is None or item.key not in self.reversed:
            return value
        low, high = _ends(item)
        return low + high - value


def _ends(item: LikertItem | RatingItem) -> tuple[int, int]:
    if isinstance(item, RatingItem):
        return item.points[0], item.points[-1]
    return 1, len(item.levels)
