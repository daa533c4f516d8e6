"""Simulated participants: how a person of some ability might answer, for rehearsals and power.

Accuracy follows a logistic response model with guessing and lapses (a four-parameter item
response model; Barton & Lord 1981): the answer is right with probability
``guess + (1 - guess - lapse) * logistic(ability + learnt - difficulty + effect)``.

Where a classifier's answer is judged, people lean to believing it: right answers to it come easier,
and wrong ones harder, by the same logits. Where it is told as advice and is another than their own,
they take it with a probability that depends on whether it is right (a picture speaks for right
advice). So what a condition does to telling right from wrong advice, and what it does to believing,
are planted apart.

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

# In HIVE (Kim et al. 2022; CUB, Grad-CAM) 72.4 % of right and 32.8 % of wrong answers were judged
# rightly: so it is when one in twenty knows (.724 + .328 - 1), and of the others .71 say yes
# ((.724 - .052) / .948), whose logit this is.
_BELIEF = 0.895
# Lu & Yin (2021), advice that agrees with people on 70 % of known cases: 28.4 % of wrong answers
# were changed to right advice, 17.6 % of right ones to wrong advice. Mean and difference of logits.
_SWITCHING, _SWITCHING_INSIGHT = -1.234, 0.619


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
    belief, belief_sd
        Logits by which people lean to saying that the classifier is right: mean and spread between
        respondents. Where models have a floor for guessing, it is the guesses that lean.
    switching, switching_insight
        Where advice is unlike one's own answer, the logit of taking it, and how much larger that is
        for right than for wrong advice.
    belief_effects
        What each condition adds to `belief` and to `switching`: minus a shift of the criterion.
    sensitivity_effects
        What each condition adds to the difference, in logits, between taking or believing right
        advice and wrong advice.
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
    insight, insight_effects
        How much surer people are of right than of wrong answers that are equally probable, of the
        whole scale: everywhere, and what each condition adds.
    """

    mean_ability: float = 0.3
    ability_sd: float = 0.8
    item_sd: float = 1.0
    effects: Mapping[str, float] = field(default_factory=dict)
    item_condition_sd: float = 0.0
    learning: float = 0.0
    learning_sd: float = 0.0
    learning_effects: Mapping[str, float] = field(default_factory=dict)
    belief: float = _BELIEF
    belief_sd: float = 0.0
    switching: float = _SWITCHING
    switching_insight: float = _SWITCHING_INSIGHT
    belief_effects: Mapping[str, float] = field(default_factory=dict)
    sensitivity_effects: Mapping[str, float] = field(default_factory=dict)
    guess: float | None = None
    lapse: float = 0.02
    careless: float = 0.0
    abandon: float = 0.0
    median_rt_ms: float = 4000.0
    rt_sigma: float = 0.5
    rt_person_sd: float = 0.0
    rt_certainty: float = 0.0
    insight: float = 0.0
    insight_effects: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """A trial as a respondent meets it, with the truth that decides how easy it is.

    `judges_right` says, where the question is whether the classifier is right, that it is.
    `advice` is the classifier's answer where it is told, which the truth says is right or wrong.
    `first_choice` is what the respondent answered before the condition's
    explanation was shown, where that was asked. `has_feedback` says whether the right answer will
    be told, so that it can be learnt from.
    """

    right_choice: str | None
    choices: Sequence[str]
    stimulus: str | None
    condition: str
    instructed_choice: str | None = None
    confidence_levels: int | None = None
    judges_right: bool | None = None
    advice: str | None = None
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
        self.belief = own.gauss(response_model.belief, response_model.belief_sd)

    def answer(self, question: Question) -> Simulated:
        """Answer one trial, and learn from it where the truth is told."""
        choice, certainty = self._choose(question)
        confidence = self._rate(question, choice, certainty)
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
        own = right if is_right else self._wrong(question)
        return self._advised(question, own), probability

    def _advised(self, question: Question, own: str) -> str:
        """Return the answer that is left once the classifier's is known."""
        advice = question.advice
        if advice is None or advice == own or advice not in question.choices:
            return own
        drawn, condition = self.response_model, question.condition
        insight = drawn.switching_insight + drawn.sensitivity_effects.get(condition, 0.0)
        sign = 1.0 if advice == question.right_choice else -1.0
        logit = drawn.switching + drawn.belief_effects.get(condition, 0.0) + sign * insight / 2
        return advice if self._random.random() < _logistic(logit) else own

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
        logit = (
            self.ability
            + self.learnt
            - self._difficulty(question.stimulus, question.condition)
            + drawn.effects.get(question.condition, 0.0)
        )
        guess = 1 / len(question.choices) if drawn.guess is None else drawn.guess
        if question.judges_right is not None:
            lean = self._lean(question)
            logit += drawn.sensitivity_effects.get(question.condition, 0.0) / 2
            if drawn.guess is None:
                guess = _logistic(lean)
            else:
                logit += lean
        return guess + (1 - guess - drawn.lapse) * _logistic(logit)

    def _lean(self, question: Question) -> float:
        """Return the logits by which believing the classifier makes the right answer easier."""
        believed = self.belief + self.response_model.belief_effects.get(question.condition, 0.0)
        return believed if question.judges_right else -believed

    def _difficulty(self, stimulus: str | None, condition: str) -> float:
        drawn = self.response_model
        own = self._of_picture(drawn.item_sd, stimulus or "")
        return own + self._of_picture(drawn.item_condition_sd, stimulus or "", condition)

    def _of_picture(self, sd: float, *names: str) -> float:
        """Draw what belongs to a picture: the same for everybody."""
        if sd == 0:
            return 0.0
        return random.Random(derive_seed(self._item_seed, "item", *names)).gauss(0.0, sd)

    def _rate(self, question: Question, choice: str, certainty: float) -> int | None:
        levels = question.confidence_levels
        if levels is None:
            return None
        drawn = self.response_model
        insight = drawn.insight + drawn.insight_effects.get(question.condition, 0.0)
        known = insight / 2 if choice == question.right_choice else -insight / 2
        noisy = min(1.0, max(0.0, certainty + known + self._random.gauss(0.0, 0.15)))
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


def _logistic(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


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
