"""The two answers of a trial that asks twice, as rows: what each measures, and of whom."""

from dataclasses import dataclass

import pandas as pd

from analysis.estimates import Scale
from analysis.glmm.outcomes import FamilyName

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class Measure:
    """One thing measured at both answers.

    Attributes
    ----------
    before, after
        Its columns of the trials.
    family
        Of the mixed model; times are modelled as logarithms.
    """

    name: str
    before: str
    after: str
    scale: Scale
    family: FamilyName
    method: str

    def is_in(self, asked: pd.DataFrame) -> bool:
        """Say whether trials hold it for both answers."""
        columns = (self.before, self.after)
        return all(name in asked and asked[name].notna().any() for name in columns)


MEASURES = (
    Measure("score", "first_correct", "correct", "probability", "binomial", "logistic mixed model"),
    Measure(
        "confidence",
        "first_confidence",
        "confidence",
        "difference",
        "ordinal",
        "cumulative-logit mixed model",
    ),
    Measure(
        "time_ms",
        "first_rt_ms",
        "rt_ms",
        "difference",
        "gaussian",
        "linear mixed model of log times",
    ),
)


def both_answers(asked: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """Return one row an answer: participant, stimulus, arm, moment, measure and value.

    Parameters
    ----------
    asked
        Trials with two answers.
    measure
        Whose columns are read.
    """
    who = asked[["participant", "stimulus", "arm"]]
    rows = [
        who.assign(moment=moment, measure=measure.name, value=asked[column].astype("float64"))
        for moment, column in ((BEFORE, measure.before), (AFTER, measure.after))
    ]
    return pd.concat(rows, ignore_index=True).dropna(subset=["value"])


def values_of_people(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of each person, measure and moment, with the number of answers behind it."""
    grouped = answers.groupby(["measure", "arm", "moment", "participant"])["value"]
    return grouped.agg(value="mean", answers="count").reset_index()
