"""Which of two versions of the picture, with parts hidden, will the classifier score higher?"""

import random
from collections.abc import Collection, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from experiments.manifest import ManifestStimulus
from experiments.tasks.kind import Asked, Option, TaskKind, lettered


class CounterfactualChoice(TaskKind):
    """Two versions with parts hidden: which does the classifier score higher?

    The question of the user study of Shitole et al. (2021, NeurIPS, section 5): answered first
    without, then with the explanation of the whole picture, with a confidence each.
    """

    kind: Literal["counterfactual"] = "counterfactual"
    first_answer: bool = Field(
        default=True, description="ask once without and once with the explanation, as in the study"
    )

    question: ClassVar[str] = "With which picture is the program surer of its answer?"
    labels: ClassVar[Mapping[str, str]] = {letter: letter.upper() for letter in lettered(2)}
    means: ClassVar[Mapping[str, str]] = {
        "choice": "letter of the version chosen; choice_meanings gives its key in the manifest",
        "right_choice": "letter of the version with the higher score",
    }
    tells_prediction: ClassVar[bool] = True

    @property
    def asks_first(self) -> bool:
        """As the protocol says."""
        return self.first_answer

    def choices(self, species: tuple[str, ...]) -> tuple[str, ...]:
        """Two letters, by place."""
        return lettered(2)

    def ask(
        self,
        stimulus: ManifestStimulus,
        *,
        choices: tuple[str, ...],
        explanation: str | None,
        generator: random.Random,
    ) -> Asked:
        """Right is the version with the higher score; which of the two comes first is drawn."""
        versions = list(stimulus.counterfactuals)
        generator.shuffle(versions)
        higher = max(versions, key=lambda version: version.score)
        options = tuple(
            Option(letter, version.key, picture=version.picture)
            for letter, version in zip(choices, versions, strict=True)
        )
        return Asked(choices, choices[versions.index(higher)], options)

    def missing(
        self, stimulus: ManifestStimulus, *, explanations: Collection[str], species: Collection[str]
    ) -> list[str]:
        """Return the explanations it lacks, and its two versions where they are not there."""
        lacking = super().missing(stimulus, explanations=explanations, species=species)
        versions = "two versions with parts hidden (`build --counterfactuals`)"
        return lacking if stimulus.counterfactuals else [*lacking, versions]
