"""Simulated participants: how a person of some ability might answer, for rehearsals and power.

Accuracy follows a logistic response model with guessing and lapses (a four-parameter item
response model; Barton & Lord 1981): the answer is right with probability
``guess + (1 - guess - lapse) * logistic(ability + learnt - difficulty + effect)``.

What is learnt grows with the logarithm of the number of answers that feedback followed: the n-th
adds ``slope * log((n + 1) / n)``, with a slope of each person's own. Logarithms of times are
normal, about a mean that depends on the person and on how probably they are right.
`experiments.fitted_respondents` reads models that were fitted to real studies.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from experiments.digest import derive_seed


@dataclass(frozen=True)
class ResponseModel:
    """What a population of respondents is like.

    Attributes
    ----------
    mean_ability, ability_sd
        Of the respondents, in logits; 0 is half-way between guessing and the ceiling.
    item_sd
        Spread of the pictures' difficulty, in logits.
    effects
        What each condition adds, in logits.
    item_condition_sd
        How differently pictures react to a condition: spread of what each condition adds to each
        picture's difficulty beside `effects`, in logits.
    learning, learning_sd
        Logits gained for each unit of the natural logarithm of 1 + answers with feedback: mean and
        spread between respondents.
    learning_effects
        What each condition adds to `learning` where it is shown; it stays when the condition goes.
    guess
        Probability of being right by guessing; None means one in the number of choices.
    lapse
        Probability of a slip by somebody who knows.
    careless
        Share of respondents who answer at random and miss attention checks.
    abandon
        Probability of leaving, at each trial.
    median_rt_ms
        Median time at an even chance of being right.
    rt_sigma, rt_person_sd
        Spread of log time from trial to trial, and of a person's mean of it between persons.
    rt_certainty
        Change of log time from surely wrong to surely right.
    """

    mean_ability: float = 0.3
    ability_sd: float = 0.8
    item_sd: float = 1.0
    effects: Mapping[str, float] = field(default_factory=dict)
    item_condition_sd: float = 0.0
    learning: float = 0.0
    learning_sd: float = 0.0
    learning_effects: Mapping[str, float] = field(default_factory=dict)
    guess: float | None = None
    lapse: float = 0.02
    careless: float = 0.0
    abandon: float = 0.0
    median_rt_ms: float = 4000.0
    rt_sigma: float = 0.5
    rt_person_sd: float = 0.0
    rt_certainty: float = 0.0


@dataclass(frozen=True)
class Question:
    """A trial as a respondent meets it, with the truth that decides how easy it is.

    `guess` is the probability of being right without knowing, where the answers are not equally
    likely guesses. `first_choice` is what the respondent answered before the condition's
    explanation was shown, where that was asked. `has_feedback` says whether the right answer will
    be told, so that it can be learnt from.
    """

    right_choice: str | None
    choices: Sequence[str]
    stimulus: str | None
    condition: str
    instructed_choice: str | None = None
    confidence_levels: int | None = None
    guess: float | None = None
    first_choice: str | None = None
    has_feedback: bool = False


@dataclass(frozen=True)
class Simulated:
    """A simulated answer; confidence runs from 1."""

    choice: str
    confidence: int | None
    rt_ms: float


class Respondent:
    """One simulated person, who learns from what they answer. Equal seeds answer equally."""

    def __init__(self, response_model: ResponseModel, seed: int, item_seed: int) -> None:
        self.response_model = response_model
        self._item_seed = item_seed
        self._random = random.Random(seed)
        self.ability = self._random.gauss(response_model.mean_ability, response_model.ability_sd)
        self.is_careless = self._random.random() < response_model.careless
        self.abandons_after = self._draw_abandonment()
        self.learnt = 0.0
        self._answers_with_feedback = 0
        # Of a generator of their own: who neither learns nor has a pace answers as ever.
        own = random.Random(derive_seed(seed, "learning and pace"))
        self.learning = own.gauss(response_model.learning, response_model.learning_sd)
        self._pace = own.gauss(0.0, response_model.rt_person_sd)

    def answer(self, question: Question) -> Simulated:
        """Answer one trial, and learn from it where the truth is told."""
        choice, certainty = self._choose(question)
        confidence = self._rate(certainty, question.confidence_levels)
        simulated = Simulated(choice, confidence, self._time(certainty))
        if question.has_feedback and question.instructed_choice is None:
            self._learn(question.condition)
        return simulated

    def _learn(self, condition: str) -> None:
        self._answers_with_feedback += 1
        number = self._answers_with_feedback
        slope = self.learning + self.response_model.learning_effects.get(condition, 0.0)
        self.learnt += slope * math.log((number + 1) / number)

    def _choose(self, question: Question) -> tuple[str, float]:
        chance = 1 / len(question.choices)
        if self.is_careless:
            return self._random.choice(list(question.choices)), chance
        if question.instructed_choice is not None:
            return question.instructed_choice, 1.0
        probability = self.probability_correct(question)
        is_right = self._random.random() < self._after_first(question, probability)
        right = question.right_choice or question.choices[0]
        return (right if is_right else self._wrong(question)), probability

    def _after_first(self, question: Question, probability: float) -> float:
        """Return the probability of being right once a first answer was given.

        As few answers change as must, for the overall probability to become what it is now.
        """
        if question.first_choice is None:
            return probability
        alone = self.probability_correct(replace(question, condition="none"))
        if question.first_choice == question.right_choice:
            return min(1.0, probability / alone)
        return max(0.0, (probability - alone) / (1 - alone))

    def _wrong(self, question: Question) -> str:
        wrong = [choice for choice in question.choices if choice != question.right_choice]
        return (
            question.first_choice if question.first_choice in wrong else self._random.choice(wrong)
        )

    def probability_correct(self, question: Question) -> float:
        """Return the probability of a right answer to a picture, in [0, 1]."""
        drawn = self.response_model
        guess = question.guess if drawn.guess is None else drawn.guess
        guess = 1 / len(question.choices) if guess is None else guess
        logit = (
            self.ability
            + self.learnt
            - self._difficulty(question.stimulus, question.condition)
            + drawn.effects.get(question.condition, 0.0)
        )
        return guess + (1 - guess - drawn.lapse) / (1 + math.exp(-logit))

    def _difficulty(self, stimulus: str | None, condition: str) -> float:
        drawn = self.response_model
        own = self._of_picture(drawn.item_sd, stimulus or "")
        return own + self._of_picture(drawn.item_condition_sd, stimulus or "", condition)

    def _of_picture(self, sd: float, *names: str) -> float:
        """Draw what belongs to a picture: the same for everybody."""
        if sd == 0:
            return 0.0
        return random.Random(derive_seed(self._item_seed, "item", *names)).gauss(0.0, sd)

    def _rate(self, certainty: float, levels: int | None) -> int | None:
        if levels is None:
            return None
        noisy = min(1.0, max(0.0, certainty + self._random.gauss(0.0, 0.15)))
        return 1 + min(levels - 1, int(noisy * levels))

    def _time(self, certainty: float) -> float:
        drawn = self.response_model
        centre = math.log(drawn.median_rt_ms / (6 if self.is_careless else 1))
        centre += self._pace + drawn.rt_certainty * (certainty - 0.5)
        return round(self._random.lognormvariate(centre, drawn.rt_sigma), 1)

    def _draw_abandonment(self) -> int | None:
        chance = self.response_model.abandon
        if chance <= 0:
            return None
        return int(math.log(1 - self._random.random()) / math.log(1 - chance))


PROFILES: Mapping[str, ResponseModel] = {
    "attentive": ResponseModel(),
    "careless": ResponseModel(careless=1.0),
    "guessing": ResponseModel(mean_ability=-20.0, ability_sd=0.0, item_sd=0.0),
    "mixed": ResponseModel(careless=0.05, abandon=0.003),
}


def draw_respondents(response_model: ResponseModel, count: int, seed: int) -> list[Respondent]:
    """Draw respondents who share the pictures' difficulties and differ in ability.

    Parameters
    ----------
    response_model
        The population.
    count
        How many.
    seed
        The same seed gives the same people; person k does not depend on `count`.
    """
    items = derive_seed(seed, "items")
    return [
        Respondent(response_model, derive_seed(seed, "respondent", number), items)
        for number in range(count)
    ]
