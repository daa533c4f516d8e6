"""The items of questionnaires."""

from typing import Annotated, Literal

from pydantic import Field

from experiments.declared import Declared, Key, Text


class _Item(Declared):
    key: Key
    text: Text
    required: bool = True


class LikertItem(_Item):
    """A rating on labelled points."""

    kind: Literal["likert"]
    levels: tuple[Text, ...] = Field(min_length=2, max_length=11)

    @property
    def ends(self) -> tuple[int, int]:
        """The positions of the first and the last level."""
        return 1, len(self.levels)


class ChoiceItem(_Item):
    """One of several answers."""

    kind: Literal["choice"]
    choices: tuple[Text, ...] = Field(min_length=2)


class TextItem(_Item):
    """Free text."""

    kind: Literal["text"]
    max_characters: int = Field(default=2000, ge=1, le=20_000)


class NumberItem(_Item):
    """A whole number."""

    kind: Literal["number"]
    minimum: int
    maximum: int


class RatingItem(_Item):
    """A rating on numbered points of which only the ends have words."""

    kind: Literal["rating"]
    minimum: int = 1
    maximum: int = 7
    step: int = Field(default=1, ge=1)
    low: Text = Field(description="what the lowest point means")
    high: Text = Field(description="what the highest point means")

    @property
    def points(self) -> tuple[int, ...]:
        """The points, from the lowest."""
        return tuple(range(self.minimum, self.maximum + 1, self.step))

    @property
    def ends(self) -> tuple[int, int]:
        """The lowest and the highest point."""
        return self.points[0], self.points[-1]


Item = Annotated[
    LikertItem | ChoiceItem | TextItem | NumberItem | RatingItem, Field(discriminator="kind")
]
