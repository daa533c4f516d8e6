"""Is the classifier right?"""

import dataclasses
import random
from collections.abc import Collection, Mapping
from typing import ClassVar, Literal

from experiments.manifest import ManifestStimulus
from experiments.respondents import Question, Respondent, Simulated
from experiments.tasks.kind import Asked, TaskKind

YES, NO = "yes", "no"


class Agreement(TaskKind):
    """The classifier's answer is told: is it right? (HIVE, Kim et al. 2022, agreement task)."""

    kind: Literal["agreement"] = "agreement"

    question: ClassVar[str] = "Is the program right?"
    labels: ClassVar[Mapping[str, str]] = {YES: "Yes, it is right", NO: "No, it is wrong"}
    means: ClassVar[Mapping[str, str]] = {
        "choice": "yes, the network's answer is right, or no",
        "right_choice": "yes where predicted_species is true_species, else no",
    }
    tells_prediction: ClassVar[bool] = True

    def choices(self, species: tuple[str, ...]) -> tuple[str, ...]:
        """Yes and no, in this order."""
        return (YES, NO)

    def ask(
        self,
        stimulus: ManifestStimulus,
        *,
        choices: tuple[str, ...],
        explanation: str | None,
        generator: random.Random,
    ) -> Asked:
        """Right is yes where the network predicts the true species."""
        is_right = stimulus.predicted_species == stimulus.true_species
        return Asked(choices, YES if is_right else NO)

    def missing(
        self, stimulus: ManifestStimulus, *, explanations: Collection[str], species: Collection[str]
    ) -> list[str]:
        """Return the explanations it lacks, and a strange answer, which can only be wrong."""
        lacking = super().missing(stimulus, explanations=explanations, species=species)
        said = stimulus.predicted_species
        strange = f"the network's answer among the protocol's species (it is {said!r})"
        return lacking if said in species else [*lacking, strange]

    def simulate(self, respondent: Respondent, question: Question) -> Simulated:
        """Return an answer of somebody who leans to believing the classifier, as people do."""
        is_right = question.right_choice == YES
        return respondent.answer(dataclasses.replace(question, judges_right=is_right))
