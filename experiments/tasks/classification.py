"""Which species does the picture show?"""

import random
from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from experiments.manifest import ManifestStimulus
from experiments.tasks.kind import Asked, TaskKind


class Classification(TaskKind):
    """Which species does the picture show? Forced choice among the protocol's species."""

    kind: Literal["classification"] = "classification"
    first_answer: bool = Field(
        default=False,
        description="ask once without and once with explanation and advice, so that reliance on "
        "them can be measured",
    )

    question: ClassVar[str] = "Which gull is this?"
    means: ClassVar[Mapping[str, str]] = {
        "choice": "species chosen",
        "right_choice": "the true species",
    }

    @property
    def asks_first(self) -> bool:
        """As the protocol says."""
        return self.first_answer

    def choices(self, species: tuple[str, ...]) -> tuple[str, ...]:
        """Every species."""
        return species

    def ask(
        self,
        stimulus: ManifestStimulus,
        *,
        choices: tuple[str, ...],
        explanation: str | None,
        generator: random.Random,
    ) -> Asked:
        """Right is the true species."""
        return Asked(choices, stimulus.true_species)
