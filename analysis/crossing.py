"""What a study crosses with what, read from who met which condition, and blind to every answer.

A mixed model needs the random effects that the design makes possible (Barr et al. 2013): an
intercept for whoever answers or is shown more than once, and an interaction with the condition for
whoever meets several conditions. The interaction is a grouping of its own, `(1 | stimulus:arm)`,
with one variance for all conditions of the comparison.
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

RandomEffects = Literal["by_design", "intercepts"]
UNITS = ("participant", "stimulus")
# An interaction needs answers to tell it from chance: this many to a cell, on average.
_ANSWERS_A_CELL = 2.0


@dataclass(frozen=True)
class Crossing:
    """How participants and pictures meet the conditions of some trials.

    Attributes
    ----------
    repeated
        Units (participant, stimulus) that have more trials than one.
    crossed
        Units of which at least half meet two conditions or more, and which have two answers a
        condition or more on average, so that an interaction can be told from chance.
    """

    repeated: tuple[str, ...]
    crossed: tuple[str, ...]

    def random_part(self, choice: RandomEffects) -> str:
        """Return the random terms of a formula.

        Raises
        ------
        ValueError
            When nobody and nothing has more trials than one: there is nothing to be random.
        """
        if not self.repeated:
            raise ValueError(
                "every participant and picture has one trial: a mixed model needs more"
            )
        groups = list(self.repeated)
        if choice == "by_design":
            groups += [f"{unit}:arm" for unit in self.crossed]
        return " + ".join(f"(1 | {group})" for group in groups)


def crossing_of(trials: pd.DataFrame) -> Crossing:
    """Read the crossing from trials: participant, stimulus, arm."""
    return Crossing(
        repeated=tuple(unit for unit in UNITS if trials[unit].nunique() < len(trials)),
        crossed=tuple(unit for unit in UNITS if _is_crossed(trials, unit)),
    )


def meets_several(trials: pd.DataFrame, unit: str) -> bool:
    """Say whether at least half of the participants, or pictures, meet two conditions or more."""
    met = trials.groupby(unit, observed=True)["arm"].nunique()
    return bool((met >= 2).mean() >= 0.5)


def _is_crossed(trials: pd.DataFrame, unit: str) -> bool:
    cells = len(trials[[unit, "arm"]].drop_duplicates())
    return meets_several(trials, unit) and len(trials) >= _ANSWERS_A_CELL * cells
