"""What will the classifier say?"""

import random
from collections.abc import Collection, Mapping
from typing import ClassVar, Literal

from experiments.manifest import ManifestStimulus
from experiments.tasks.kind import Asked, TaskKind


class ForwardSimulation(TaskKind):
    """What will the classifier say of the picture? (Doshi-Velez & Kim 2017, forward simulation)."""

    kind: Literal["forward_simulation"] = "forward_simulation"

    question: ClassVar[str] = "Which gull will the program say this is?"
    means: ClassVar[Mapping[str, str]] = {
        "choice": "species that the network was expected to answer",
        "right_choice": "the network's answer, right or wrong",
    }

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
        """Right is what the network predicts."""
        return Asked(choices, stimulus.predicted_species)

    def missing(
        self, stimulus: ManifestStimulus, *, explanations: Collection[str], species: Collection[str]
    ) -> list[str]:
        """Return the explanations it lacks, and the network's answer where it is not offered."""
        lacking = super().missing(stimulus, explanations=explanations, species=species)
        answer = f"the network's answer {stimulus.predicted_species} among the protocol's species"
        return lacking if stimulus.predicted_species in species else [*lacking, answer]
