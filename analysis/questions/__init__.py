"""Questions the plan did not ask: the exploratory half of the analysis.

One file a question. Each takes the `evidence.Evidence` and returns an `answers.Answer`, or raises
`answers.CannotAnswerError` with a sentence that says why the data can't tell. None of their
estimates is confirmatory, whatever it says.
"""

from collections.abc import Callable
from dataclasses import dataclass

from analysis.comparisons import FAILURES
from analysis.errors import FitError
from analysis.questions import (
    bayes_factor,
    calibration,
    discrimination,
    explanation_scores,
    explanation_use,
    learning,
    moderators,
    pictures,
    reaction_time,
    reliance,
    scales,
    two_answers,
)
from analysis.questions.answers import Answer, CannotAnswerError, NotAnswered
from analysis.questions.evidence import Evidence
from analysis.questions.gathering import evidence_of

__all__ = [
    "Answer",
    "Answers",
    "CannotAnswerError",
    "Evidence",
    "NotAnswered",
    "ask_all",
    "evidence_of",
]

_QUESTIONS: tuple[tuple[str, str, Callable[[Evidence], Answer]], ...] = (
    (bayes_factor.QUESTION, bayes_factor.TITLE, bayes_factor.bayes_factor),
    (learning.QUESTION, learning.TITLE, learning.learning),
    (moderators.QUESTION, moderators.TITLE, moderators.moderators),
    (pictures.QUESTION, pictures.TITLE, pictures.pictures),
    (
        explanation_scores.QUESTION,
        explanation_scores.TITLE,
        explanation_scores.explanation_scores,
    ),
    (explanation_use.QUESTION, explanation_use.TITLE, explanation_use.explanation_use),
    (discrimination.QUESTION, discrimination.TITLE, discrimination.discrimination),
    (reliance.QUESTION, reliance.TITLE, reliance.reliance),
    (two_answers.QUESTION, two_answers.TITLE, two_answers.two_answers),
    (calibration.QUESTION, calibration.TITLE, calibration.calibration),
    (reaction_time.QUESTION, reaction_time.TITLE, reaction_time.reaction_time),
    (scales.QUESTION, scales.TITLE, scales.scales),
)


@dataclass(frozen=True)
class Answers:
    """What every question came to.

    Attributes
    ----------
    answered
        In the order they are told.
    not_answered
        The others, each with a sentence that says why.
    """

    answered: tuple[Answer, ...]
    not_answered: tuple[NotAnswered, ...]


def ask_all(
    evidence: Evidence, *, progress: Callable[[int, int, str], None] | None = None
) -> Answers:
    """Ask every question.

    Parameters
    ----------
    evidence
        Of the analysed participants.
    progress
        Called with the number of questions done, of all, and the title of the next; at the end
        with an empty title.
    """
    answered: list[Answer] = []
    not_answered: list[NotAnswered] = []
    for done, (question, title, ask) in enumerate(_QUESTIONS):
        if progress:
            progress(done, len(_QUESTIONS), title)
        try:
            answered.append(ask(evidence))
        except (CannotAnswerError, FitError) as error:
            not_answered.append(NotAnswered(question, title, str(error)))
        except FAILURES as error:
            # What was asked beside the plan must not cost the plan's own answer.
            reason = f"It could not be computed ({type(error).__name__}: {error})."
            not_answered.append(NotAnswered(question, title, reason))
    if progress:
        progress(len(_QUESTIONS), len(_QUESTIONS), "")
    return Answers(tuple(answered), tuple(not_answered))
