"""Which of several explanations belongs to the classifier's answer?"""

import random
from collections.abc import Collection, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from experiments.manifest import ManifestExplanation, ManifestStimulus
from experiments.tasks.kind import LETTERS, Asked, Option, TaskKind, lettered


class Distinction(TaskKind):
    """Which explanation belongs to the answer? (HIVE, Kim et al. 2022, distinction task).

    One explains the network's answer, the others explain by the same method its likeliest other
    species; neither answer nor species is told. Placebos can't take part: they belong to no
    answer of their picture, so that none of the choices would be right.
    """

    kind: Literal["distinction"] = "distinction"
    options: int = Field(
        default=4, ge=2, le=len(LETTERS), description="explanations to choose among"
    )

    question: ClassVar[str] = "Which colours show what the program's answer rests on?"
    labels: ClassVar[Mapping[str, str]] = {letter: letter.upper() for letter in LETTERS}
    means: ClassVar[Mapping[str, str]] = {
        "choice": "letter of the explanation chosen; choice_meanings gives the species it explains",
        "right_choice": "letter of the explanation of the network's answer",
    }
    shows_explanation: ClassVar[bool] = False

    def choices(self, species: tuple[str, ...]) -> tuple[str, ...]:
        """Letters, by place."""
        return lettered(self.options)

    def ask(
        self,
        stimulus: ManifestStimulus,
        *,
        choices: tuple[str, ...],
        explanation: str | None,
        generator: random.Random,
    ) -> Asked:
        """Right is the explanation of what the network predicts; the order is drawn."""
        assert explanation is not None  # a check refuses protocols in which an arm shows none
        offered = _different(stimulus, explanation)[: self.options]
        generator.shuffle(offered)
        options = tuple(
            Option(letter, entry.target, layer=entry.layer)
            for letter, entry in zip(choices, offered, strict=True)
        )
        own = stimulus.explanations[explanation].target
        right = next(option.key for option in options if option.stands_for == own)
        return Asked(choices, right, options)

    def missing(
        self, stimulus: ManifestStimulus, *, explanations: Collection[str], species: Collection[str]
    ) -> list[str]:
        """Return the explanations it lacks, of its own answer and of other species."""
        lacking = super().missing(stimulus, explanations=explanations, species=species)
        for name in sorted(set(explanations) & set(stimulus.explanations)):
            if stimulus.explanations[name].source is not None:
                lacking.append(
                    f"an answer that {name!r} belongs to: it is a placebo, and no build "
                    "can mend that (give the arm a true explanation in this phase)"
                )
                continue
            short = self.options - len(_different(stimulus, name))
            if short > 0:
                lacking.append(
                    f"{short} {name!r} explanations of other species that differ "
                    f"(`build --also-for {self.options - 1}`)"
                )
        return lacking


def _different(stimulus: ManifestStimulus, name: str) -> list[ManifestExplanation]:
    """The answer's own explanation, then those of other species that do not look the same."""
    found = {stimulus.explanations[name].layer.sha256: stimulus.explanations[name]}
    for entry in stimulus.alternatives.get(name, ()):
        found.setdefault(entry.layer.sha256, entry)
    return list(found.values())
