"""What a question gives back: an answer, or a sentence that says why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from analysis.estimates import Estimate


class CannotAnswerError(Exception):
    """The data can't answer a question. The message is a sentence that says why."""


@dataclass(frozen=True)
class Answer:
    """What was found.

    Attributes
    ----------
    question
        Its name in a word, as in `Estimate.question`.
    title
        As a reader is asked it.
    told
        What was found, in one plain paragraph.
    estimates
        All of them exploratory.
    tables
        What plots and CSV files are made of, by name; one row an observation or a group.
    """

    question: str
    title: str
    told: str
    estimates: list[Estimate]
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class NotAnswered:
    """A question the data can't answer, and why, in a sentence."""

    question: str
    title: str
    reason: str
