"""Which pictures a stage of trials shows: drawn of every species, or named."""

from typing import Literal

from pydantic import Field

from experiments.declared import Declared, Key, Text


class Probabilities(Declared):
    """A range of the network's probabilities, both ends included."""

    at_least: float = Field(default=0, ge=0, le=1, description="lower end")
    at_most: float = Field(default=1, ge=0, le=1, description="upper end")

    @property
    def is_whole(self) -> bool:
        """Whether it leaves nothing out."""
        return (self.at_least, self.at_most) == (0, 1)

    def holds(self, probability: float) -> bool:
        """Tell whether a probability lies in the range."""
        return self.at_least <= probability <= self.at_most


class PerSpecies(Declared):
    """Draws the same number of pictures of every species, seeded by the protocol."""

    per_species: int = Field(ge=1, description="pictures of each species")
    split: Literal["train", "test", "any"] = Field(
        default="test", description="the network never learnt from pictures of the test split"
    )
    wrong_per_species: int | None = Field(
        default=None,
        ge=0,
        exclude_if=lambda wrong: wrong is None,
        description="so many of them the network names wrongly, all others rightly; absent, as "
        "they come",
    )
    predicted_probability: Probabilities = Field(
        default=Probabilities(),
        exclude_if=lambda wanted: wanted.is_whole,
        description="how sure the network is of its answer, right or wrong",
    )
    true_probability: Probabilities = Field(
        default=Probabilities(),
        exclude_if=lambda wanted: wanted.is_whole,
        description="what the network gives the true species; low where it finds the picture hard",
    )

    @property
    def is_choosy(self) -> bool:
        """Whether it takes some pictures of a split only."""
        ranges = (self.predicted_probability, self.true_probability)
        return self.wrong_per_species is not None or not all(own.is_whole for own in ranges)


class Excluded(Declared):
    """A picture that the study does without."""

    key: Key = Field(description="of the manifest")
    reason: Text = Field(description="why, for readers of the plan; never shown to participants")


class Listed(Declared):
    """Names each picture."""

    keys: tuple[Key, ...] = Field(min_length=1, description="stimulus keys of the manifest")
