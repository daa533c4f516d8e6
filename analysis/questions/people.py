"""One number a person, compared between arms."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimates import Estimate
from analysis.questions.answers import CannotAnswerError
from analysis.questions.evidence import ArmPair
from analysis.questions.mixed import Tested

METHOD = "Welch t on participants' values"


def compare_people(values: "pd.Series[float]", ours: str, theirs: str, level: float) -> Tested:
    """Compare people's values in one arm with those in another.

    Parameters
    ----------
    values
        Indexed by `participant` and `arm`; missing values are left out.
    ours, theirs
        The arm, and the one it is compared with.

    Returns
    -------
    Tested
        By Welch's t; of differences where everybody has a value in both arms.

    Raises
    ------
    CannotAnswerError
        When an arm has fewer than two values, or nobody differs from anybody.
    """
    table = values.dropna().unstack("arm").reindex(columns=[ours, theirs])
    table = table.dropna(how="all")
    both = table.notna().all(axis=1)
    if both.all() and len(table) > 1:
        found = stats.ttest_rel(table[ours], table[theirs])
        estimate = float((table[ours] - table[theirs]).mean())
    else:
        groups = [table[own].dropna().to_numpy(float) for own in (ours, theirs)]
        if min(map(len, groups)) < 2:
            raise CannotAnswerError(f"{ours} or {theirs} has fewer than two people with a value.")
        found = stats.ttest_ind(*groups, equal_var=False)
        estimate = float(groups[0].mean() - groups[1].mean())
    if not np.isfinite(found.statistic):
        raise CannotAnswerError(f"Nobody in {ours} and {theirs} differs from anybody.")
    interval = found.confidence_interval(level)
    se = abs(estimate / float(found.statistic)) if found.statistic else None
    return Tested(
        estimate,
        se,
        float(found.df),
        float(interval.low),
        float(interval.high),
        float(found.statistic),
        float(found.pvalue),
    )


def difference_of_people(
    blank: Estimate, values: "pd.Series[float]", contrast: ArmPair, level: float
) -> Estimate:
    """Return an estimate with the difference of `compare_people`, or a note that says why not."""
    try:
        return compare_people(values, contrast.arm, contrast.against, level).fill(blank)
    except CannotAnswerError as error:
        return replace(blank, note=str(error))


def mean_of_people(values: "pd.Series[float]", level: float) -> Tested:
    """Return the mean of people's values with its t interval, and no test.

    Raises
    ------
    CannotAnswerError
        When fewer than two people have a value.
    """
    known = values.dropna().to_numpy(float)
    if len(known) < 2:
        raise CannotAnswerError("Fewer than two people have a value.")
    mean, se = float(known.mean()), float(known.std(ddof=1) / np.sqrt(len(known)))
    reach = float(stats.t.ppf((1 + level) / 2, len(known) - 1)) * se
    return Tested(mean, se, float(len(known) - 1), mean - reach, mean + reach, None, None)
