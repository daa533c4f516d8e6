"""The items of questionnaires."""

from typing import Annotated, Literal

from pydantic import Field

from experiments.declared import Declared, Key, Text


class _Item(Declared):
    key: Key
    text: Text = Field(description="what is asked")
    required: bool = Field(default=True, description="must be answered to go on")


class LikertItem(_Item):
    """A rating on labelled points."""

    kind: Literal["likert"]
    levels: tuple[Text, ...] = Field(
        min_length=2, max_length=11, description="words of the points, from the first"
    )

    @property
    def ends(self) -> tuple[int, int]:
        """The positions of the first and the last level."""
        return 1, len(self.levels)


class ChoiceItem(_Item):
    """One of several answers."""

    kind: Literal["choice"]
    choices: tuple[Text, ...] = Field(min_length=2, description="the answers offered")


class TextItem(_Item):
    """Free text."""

    kind: Literal["text"]
    max_characters: int = Field(
        default=2000, ge=1, le=20_000, description="longer answers are refused"
    )


class NumberItem(_Item):
    """A whole number."""

    kind: Literal["number"]
    minimum: int = Field(description="lowest number taken")
    maximum: int = Field(description="highest number taken")


class RatingItem(_Item):
    """A rating on numbered points of which only the ends have words."""

    kind: Literal["rating"]
    minimum: int = Field(default=1, description="lowest point")
    maximum: int = Field(default=7, description="highest point")
    step: int = Field(default=1, ge=1, description="between two points")
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
