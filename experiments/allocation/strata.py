"""Strata: groups of participants by what they answered before they were allocated."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated

from pydantic import Field

from experiments.declared import Declared, Key, Text

# No key holds it.
SEPARATOR = "+"
# Answers by stage and question.
Answers = Mapping[tuple[str, str], str | None]


class Factor(Declared):
    """Something known of a participant before the first trial, in a few levels."""

    stage: Key = Field(description="the screening or questionnaire that asks")
    item: Key = Field(description="its question, one with choices")
    levels: dict[Key, Annotated[tuple[Text, ...], Field(min_length=1)]] = Field(
        min_length=2, description="the choices of each level, word for word"
    )

    def level_of(self, answer: str | None) -> str:
        """Return the level an answer belongs to.

        Raises
        ------
        ValueError
            When no level holds it.
        """
        for level, choices in self.levels.items():
            if answer in choices:
                return level
        raise ValueError(f"{answer!r} to {self.item} belongs to no level.")


def stratum_of(factors: Sequence[Factor], answers: Answers) -> str:
    """Return the name of the stratum that some answers put a person into.

    Examples
    --------
    >>> birds = Factor(stage="s", item="q", levels={"novice": ("No",), "watcher": ("Yes",)})
    >>> stratum_of([birds], {("s", "q"): "Yes"})
    'watcher'
    """
    return SEPARATOR.join(
        factor.level_of(answers.get((factor.stage, factor.item))) for factor in factors
    )


def all_strata(factors: Sequence[Factor]) -> list[str]:
    """Return the name of every stratum there can be; without factors the empty one."""
    return [SEPARATOR.join(levels) for levels in product(*(f.levels for f in factors))]
