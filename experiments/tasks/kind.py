"""What a kind of task declares."""

import random
from abc import abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

from experiments.declared import Declared
from experiments.manifest import ManifestStimulus, Picture
from experiments.respondents import Question, Respondent, Simulated

LETTERS = "abcdef"


@dataclass(frozen=True)
class Option:
    """An answer that is a picture, or a layer over the trial's own.

    Attributes
    ----------
    key
        A letter, by place on the page: it tells nothing of what it stands for.
    stands_for
        What that is, by a name of the manifest; never sent to a browser.
    picture, layer
        One of the two.
    """

    key: str
    stands_for: str
    picture: Picture | None = None
    layer: Picture | None = None


@dataclass(frozen=True)
class Asked:
    """What a trial offers, in the order of the page, and which answer is right."""

    choices: tuple[str, ...]
    right_choice: str
    options: tuple[Option, ...] = ()


class TaskKind(Declared):
    """One kind of task; a subclass is also the form of its parameters in a protocol.

    Attributes
    ----------
    kind
        Its name in protocols and in the column `trial_type`.
    question
        What is asked where the protocol words no question of its own.
    labels
        How participants read the answers that are no species.
    means
        What the columns `choice` and `right_choice` mean in its trials.
    tells_prediction
        Whether the page must say what the network answered.
    shows_explanation
        Whether the condition's explanation is shown beside the picture; not where explanations are
        the answers.
    """

    kind: str
    question: ClassVar[str]
    labels: ClassVar[Mapping[str, str]] = {}
    means: ClassVar[Mapping[str, str]]
    tells_prediction: ClassVar[bool] = False
    shows_explanation: ClassVar[bool] = True

    @property
    def asks_first(self) -> bool:
        """Whether to ask before explanation and advice are shown, and again with them."""
        return False

    @abstractmethod
    def choices(self, species: tuple[str, ...]) -> tuple[str, ...]:
        """Return the answers offered, by key; the session's order of species is given."""

    @abstractmethod
    def ask(
        self,
        stimulus: ManifestStimulus,
        *,
        choices: tuple[str, ...],
        explanation: str | None,
        generator: random.Random,
    ) -> Asked:
        """Return what a trial offers, and the rule of `correct`: which answer is right.

        Parameters
        ----------
        stimulus
            The picture, of which nothing in `missing` is missing.
        choices
            From `choices`.
        explanation
            The manifest's name of what the trial's condition shows; None shows nothing.
        generator
            Of this trial alone, the same in every arm.
        """

    def missing(
        self, stimulus: ManifestStimulus, *, explanations: Collection[str], species: Collection[str]
    ) -> list[str]:
        """Return in words what a picture lacks for this task.

        Parameters
        ----------
        stimulus
            The picture.
        explanations
            Names of all that some arm shows.
        species
            Of the protocol.
        """
        lacking = sorted(set(explanations) - set(stimulus.explanations))
        return [f"the explanation {name!r}, which an arm will show" for name in lacking]

    def simulate(self, respondent: Respondent, question: Question) -> Simulated:
        """Return how a simulated participant answers a trial of this kind."""
        return respondent.answer(question)


def lettered(count: int) -> tuple[str, ...]:
    """Return the keys of so many options."""
    return tuple(LETTERS[:count])
