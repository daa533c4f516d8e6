"""What is true of the people of a rehearsal, on the scales in which a report tells it.

Shares of right answers are means of the response model over many people, each with pictures of
their own. Sensitivity and criterion belong to one person and one picture of a probit model, which
the logistic response model is not: they are what that model finds in a study so large that chance
hardly counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.planned_advice import TERMS
from analysis.questions.discrimination import judgement_model, model_differences
from analysis.questions.evidence import ArmPair
from experiments.respondents import Question, Respondent, ResponseModel, draw_respondents
from experiments.schema import Protocol, Trials
from experiments.tasks.agreement import NO, YES

_SEED = 20261127
# What makes people and pictures react to an explanation is not in the profiles that judge.
_RANDOM = "(1 + signal || participant) + (1 | stimulus)"


@dataclass(frozen=True)
class Size:
    """How many people and pictures truths are means of: for shares, and for d' and c an arm."""

    people: int = 2000
    pictures: int = 24
    judges: int = 300
    judged: int = 120


class Truths:
    """Of a protocol whose people answer by a response model."""

    def __init__(self, protocol: Protocol, people: ResponseModel, size: Size | None = None) -> None:
        self.protocol = protocol
        self.people = people
        self._size = size or Size()
        phase = protocol.analysis.phase
        stages = protocol.trials_stages()
        (self._asked,) = (stage for stage in stages if stage.phase == phase)
        self._before = stages[: stages.index(self._asked)]

    def difference(self, outcome: str, arm: str, against: str) -> float:
        """Return how much larger an outcome is in an arm than in another.

        Parameters
        ----------
        outcome
            `accuracy`, `over_reliance` or `under_reliance`, as shares; `sensitivity` or
            `criterion`, on the scale of the probit model.
        """
        if outcome in TERMS:
            return self._judged(arm, against)[TERMS.index(outcome)]
        return self.shares[arm][outcome] - self.shares[against][outcome]

    @cached_property
    def shares(self) -> Mapping[str, Mapping[str, float]]:
        """By arm: right answers, and where a classifier is judged, over- and under-reliance."""
        return {arm: self._shares(arm) for arm in self.protocol.arms}

    def _shares(self, arm: str) -> Mapping[str, float]:
        chances = pd.DataFrame(
            [
                (signal, self._chance(person, arm, f"{number} {picture}", signal))
                for number, person in enumerate(self._people(arm, self._size.people))
                for picture, signal in enumerate(self._signals(self._size.pictures))
            ],
            columns=["signal", "chance"],
        )
        told = {"accuracy": float(chances["chance"].mean())}
        if self._is_judgement:
            right = chances.groupby("signal")["chance"].mean()
            told |= {"over_reliance": 1 - right.loc[0], "under_reliance": 1 - right.loc[1]}
        return told

    def _judged(self, arm: str, against: str) -> tuple[float, ...]:
        """Return the differences of d' and c in a study of many judges of the same pictures."""
        generator = np.random.default_rng(_SEED)
        table = pd.DataFrame(
            [
                (f"{own} {number}", own, f"{picture}", signal, chance > generator.random())
                for own in (arm, against)
                for number, person in enumerate(self._people(own, self._size.judges))
                for picture, signal in enumerate(self._signals(self._size.judged))
                for chance in [self._chance(person, own, f"{picture}", signal)]
            ],
            columns=["participant", "arm", "stimulus", "signal", "correct"],
        )
        table["said_yes"] = (table["correct"] == (table["signal"] == 1)).astype(int)
        found = judgement_model(table, "probit", _RANDOM)
        rows = model_differences(found, table, ArmPair(arm, against), 0.95)
        return tuple(row.estimate or 0.0 for row in rows)

    @property
    def _is_judgement(self) -> bool:
        return self._asked.task.kind == "agreement"

    def _signals(self, count: int) -> list[int]:
        """Whether the classifier is right on each of so many pictures, as often as planned."""
        drawn = self._asked.stimuli
        if not self._is_judgement or drawn.wrong_per_species is None:
            return [1] * count
        return [int(n % drawn.per_species >= drawn.wrong_per_species) for n in range(count)]

    def _people(self, arm: str, count: int) -> list[Respondent]:
        """The same people in every arm, once they have learnt what comes before."""
        people = draw_respondents(self.people, count, _SEED)
        for stage in self._before:
            if not stage.feedback:
                continue
            question = self._question(stage, arm, None)
            for person in people:
                for _ in range(stage.stimuli.per_species * len(self.protocol.species)):
                    person.answer(question)
        return people

    def _question(self, stage: Trials, arm: str, picture: str | None) -> Question:
        (condition,) = self.protocol.arms[arm].conditions_in(stage.phase)
        choices = stage.task.choices(self.protocol.species)
        return Question(choices[0], choices, picture, condition, has_feedback=stage.feedback)

    def _chance(self, person: Respondent, arm: str, picture: str, signal: int) -> float:
        question = self._question(self._asked, arm, picture)
        if self._is_judgement:
            right = YES if signal else NO
            question = replace(question, right_choice=right, judges_right=bool(signal))
        return person.probability_correct(question)
