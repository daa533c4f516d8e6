"""Shares of yes-or-no outcomes when people give several: by arm, and between arms."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.inference import two_way_difference
from analysis.questions.answers import CannotAnswerError
from analysis.questions.mixed import Tested

METHOD = "share of trials, errors clustered by people"
DIFFERENCE_METHOD = "difference of shares, errors clustered by people and pictures"


def share(outcomes: pd.DataFrame, level: float) -> Tested:
    """Return the share of successes, with errors clustered by people.

    Parameters
    ----------
    outcomes
        `participant`, and `value`, 0 or 1.

    Returns
    -------
    Tested
        The share, and the t interval of the ratio of successes to trials by linearisation
        (Cochran 1977, section 2.11), cut to [0, 1]. Without a test.

    Raises
    ------
    CannotAnswerError
        When fewer than two people have such trials.
    """
    people = outcomes.groupby("participant")["value"].agg(["sum", "count"])
    if len(people) < 2:
        raise CannotAnswerError(f"{len(people)} people have such trials; 2 are needed.")
    total = float(people["count"].sum())
    estimate = float(people["sum"].sum()) / total
    residuals = people["sum"] - estimate * people["count"]
    spread = len(people) / (len(people) - 1) * float((residuals**2).sum())
    se = float(np.sqrt(spread)) / total
    df = float(len(people) - 1)
    reach = float(stats.t.ppf((1 + level) / 2, df)) * se
    note = "all answers are alike, which leaves no error to estimate" if se == 0 else ""
    low, high = max(0.0, estimate - reach), min(1.0, estimate + reach)
    return Tested(estimate, se, df, low, high, None, None, note)


def share_difference(outcomes: pd.DataFrame, level: float) -> Tested:
    """Compare the shares of two arms, with errors clustered by people and pictures.

    Parameters
    ----------
    outcomes
        `participant`, `stimulus`, `treated` and `value`, 0 or 1.

    Raises
    ------
    CannotAnswerError
        When an arm has no such trials, or all outcomes are alike.
    """
    if outcomes["treated"].nunique() < 2:
        raise CannotAnswerError("One of the arms has no such trials.")
    try:
        found = two_way_difference(outcomes.assign(correct=outcomes["value"]))
    except ValueError as error:
        raise CannotAnswerError(f"{str(error).capitalize()}.") from error
    low, high = found.interval(level)
    return Tested(
        found.estimate, found.se, found.df, low, high, found.statistic, found.p, found.note
    )
