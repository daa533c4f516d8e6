"""Tests that many published studies used: of normality, and of ranks where it fails."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimates import Estimate
from analysis.questions.answers import CannotAnswerError

SHAPIRO = "Shapiro-Wilk test of normality"
MANN_WHITNEY = "Mann-Whitney U"
WILCOXON = "Wilcoxon signed ranks"


def shapiro_wilk(blank: Estimate, values: "pd.Series[float]") -> Estimate:
    """Return an estimate whose test asks whether people's values are normal (Shapiro & Wilk 1965).

    Parameters
    ----------
    blank
        What the values are of.
    values
        One a person; missing ones are left out.
    """
    known = values.dropna().to_numpy(float)
    blank = replace(blank, method=SHAPIRO)
    if len(known) < 3 or np.ptp(known) == 0:
        return replace(blank, note="fewer than three values, or all alike: there is nothing to ask")
    found = stats.shapiro(known)
    return replace(blank, statistic=float(found.statistic), p=float(found.pvalue))


def mann_whitney(blank: Estimate, ours: "pd.Series[float]", theirs: "pd.Series[float]") -> Estimate:
    """Return how probably somebody of one arm has a larger value than somebody of the other.

    Parameters
    ----------
    blank
        What the values are of.
    ours, theirs
        One value a person, indexed by person; missing ones are left out.

    Returns
    -------
    Estimate
        U over the number of pairs (a tie is half), U, and its two-sided p (Mann & Whitney 1947),
        exact for up to eight people without ties.
    """
    groups = [own.dropna() for own in (ours, theirs)]
    blank = replace(blank, method=MANN_WHITNEY, scale="probability")
    if set(groups[0].index) & set(groups[1].index):
        return replace(
            blank, note="people are in both arms, which this test can't take into account"
        )
    if min(map(len, groups)) < 2:
        return replace(blank, note="an arm has fewer than two people with a value")
    found = stats.mannwhitneyu(*groups, alternative="two-sided")
    larger = float(found.statistic) / (len(groups[0]) * len(groups[1]))
    return replace(blank, estimate=larger, statistic=float(found.statistic), p=float(found.pvalue))


def wilcoxon(blank: Estimate, differences: "pd.Series[float]") -> Estimate:
    """Return the mean of people's differences, and whether they have a direction.

    Parameters
    ----------
    blank
        What the differences are of.
    differences
        One a person; missing ones are left out.

    Raises
    ------
    CannotAnswerError
        When nobody's values differ.
    """
    known = differences.dropna().to_numpy(float)
    if len(known) < 2 or not known.any():
        raise CannotAnswerError("Fewer than two people have both values, or nobody's differ.")
    found = stats.wilcoxon(known)
    return replace(
        blank,
        method=WILCOXON,
        estimate=float(known.mean()),
        statistic=float(found.statistic),
        p=float(found.pvalue),
        n_participants=len(known),
    )
