"""Do people know when they are right, and does the explanation make them overconfident?

Ratings are read as probabilities on a line from guessing (the lowest rating) to certainty (the
highest). That is an assumption: the words of a rating promise no numbers. Of every person:

overconfidence
    mean stated probability minus accuracy;
brier
    mean squared difference of the stated probability and the outcome (Brier 1950);
auroc2
    probability that a right answer was rated higher than a wrong one, ties counting half
    (type 2, Fleming & Lau 2014); it needs no probabilities, only their order.

Beside them ratings themselves, by a cumulative-logit mixed model. meta-d' is not offered: it needs
many trials a person and a yes-or-no task.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import FitError
from analysis.estimates import Estimate, Scale
from analysis.glmm.coding import Coding
from analysis.glmm.fitting import fit
from analysis.questions.answers import Answer, CannotAnswerError
from analysis.questions.evidence import (
    ArmPair,
    Evidence,
    estimate_of,
    p_told,
    pairs_of,
    require,
    value_told,
)
from analysis.questions.mixed import random_part, weighted_sum
from analysis.questions.people import METHOD, difference_of_people, mean_of_people

QUESTION = "calibration"
TITLE = "Do people know when they are right?"
# With the scale of one arm's mean; differences of two are plain differences.
_MEASURES: dict[str, Scale] = {
    "overconfidence": "difference",
    "brier": "probability",
    "auroc2": "probability",
}
_MODEL = "cumulative-logit mixed model of ratings"


def calibration(evidence: Evidence) -> Answer:
    """Estimate calibration by arm, and compare the arms of each contrast."""
    require(evidence.trials, {"confidence": "a rating of confidence"})
    rated = evidence.trials.dropna(subset=["confidence"])
    rated = rated[rated["arm"].isin(evidence.arms)]
    pairs, told = pairs_of(rated, evidence.contrasts)
    rated = with_stated(rated, evidence.confidence_levels, evidence.chance or 0.0)
    people = calibration_of_people(rated)
    estimates = [
        own
        for measure in _MEASURES
        for own in (
            *_by_arm(people, rated, measure, evidence),
            *_differences(people, pairs, measure, evidence.level),
        )
    ]
    try:
        estimates += _ratings(rated, pairs, evidence.level)
    except FitError as error:
        told.append(f"The {_MODEL} could not be fitted: {error}")
    tables = {"people": people, "bins": calibration_bins(rated, evidence.level)}
    told = [*_told(estimates, evidence), *told]
    return Answer(QUESTION, TITLE, " ".join(told), estimates, tables)


def with_stated(rated: pd.DataFrame, levels: int | None, chance: float) -> pd.DataFrame:
    """Return trials with `stated`, the probability that a rating says.

    Parameters
    ----------
    levels
        Ratings run from 1 to this. None, of a table whose scale nobody told, means from 0 where a
        0 was given, else from 1, up to the highest that was given.
    chance
        What the lowest rating says.

    Raises
    ------
    CannotAnswerError
        When there is one rating only, or one below 0.
    """
    ratings = rated["confidence"].astype(float)
    lowest = 1 if levels else min(1, int(ratings.min()))
    highest = levels or int(ratings.max())
    if lowest < 0:
        raise CannotAnswerError(f"Ratings of confidence start at 0 or 1; {lowest} was given.")
    if highest <= lowest:
        raise CannotAnswerError("Every answer has the same rating of confidence.")
    share = (ratings - lowest) / (highest - lowest)
    return rated.assign(stated=chance + (1 - chance) * share)


def auroc(ratings: np.ndarray[Any, Any], correct: np.ndarray[Any, Any]) -> float:
    """Return the probability that a right answer is rated higher than a wrong one.

    Parameters
    ----------
    ratings
        (trials,).
    correct
        (trials,), 0 or 1.

    Returns
    -------
    float
        In [0, 1]; NaN where all answers are right, or all wrong.
    """
    right = int(correct.sum())
    wrong = len(correct) - right
    if not right or not wrong:
        return float("nan")
    ranks = stats.rankdata(ratings)
    return float((ranks[correct == 1].sum() - right * (right + 1) / 2) / (right * wrong))


def calibration_of_people(rated: pd.DataFrame) -> pd.DataFrame:
    """Return one row a person and arm: trials, accuracy, stated, and the measures."""
    rows = []
    for (person, arm), own in rated.groupby(["participant", "arm"]):
        stated, correct = own["stated"].to_numpy(float), own["correct"].to_numpy(float)
        rows.append(
            {
                "participant": person,
                "arm": arm,
                "trials": len(own),
                "accuracy": correct.mean(),
                "stated": stated.mean(),
                "overconfidence": stated.mean() - correct.mean(),
                "brier": ((stated - correct) ** 2).mean(),
                "auroc2": auroc(stated, correct),
            }
        )
    return pd.DataFrame(rows)


def calibration_bins(rated: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return accuracy by arm and rating, with Wilson's interval as if trials were independent."""
    grouped = rated.groupby(["arm", "confidence", "stated"])["correct"]
    table = grouped.agg(right="sum", trials="count").reset_index()
    intervals = [
        stats.binomtest(right, trials).proportion_ci(level, "wilson")
        for right, trials in zip(table["right"].astype(int), table["trials"], strict=True)
    ]
    return table.assign(
        share=table["right"] / table["trials"],
        low=[own.low for own in intervals],
        high=[own.high for own in intervals],
    )


def _by_arm(
    people: pd.DataFrame, rated: pd.DataFrame, measure: str, evidence: Evidence
) -> list[Estimate]:
    found = []
    for arm in evidence.arms:
        values = people.loc[people["arm"] == arm, measure]
        if values.notna().sum() > 1:
            blank = estimate_of(
                rated[rated["arm"] == arm],
                QUESTION,
                measure,
                "mean of people's values",
                _MEASURES[measure],
                arm=arm,
            )
            found.append(mean_of_people(values, evidence.level).fill(blank))
    return found


def _differences(
    people: pd.DataFrame,
    pairs: list[tuple[ArmPair, pd.DataFrame]],
    measure: str,
    level: float,
) -> list[Estimate]:
    values = people.set_index(["participant", "arm"])[measure]
    return [
        difference_of_people(
            estimate_of(
                pair,
                QUESTION,
                measure,
                METHOD,
                "difference",
                arm=contrast.arm,
                against=contrast.against,
            ),
            values,
            contrast,
            level,
        )
        for contrast, pair in pairs
    ]


def _ratings(
    rated: pd.DataFrame, pairs: list[tuple[ArmPair, pd.DataFrame]], level: float
) -> list[Estimate]:
    """Compare ratings themselves, answers that are equally often right."""
    table = rated.assign(rating=rated["confidence"].astype(int).astype(str))
    coding = Coding(reference={"arm": pairs[0][0].against})
    formula = f"rating ~ arm + correct + {random_part(table)}"
    order = sorted(table["rating"].unique(), key=int)
    found = fit(formula, table, "ordinal", coding=coding, order=order)
    return [
        weighted_sum(
            found, {f"arm{contrast.arm}": 1.0, f"arm{contrast.against}": -1.0}, level
        ).fill(
            estimate_of(
                pair,
                QUESTION,
                "confidence",
                _MODEL,
                "log_odds",
                arm=contrast.arm,
                against=contrast.against,
            )
        )
        for contrast, pair in pairs
    ]


def _told(estimates: list[Estimate], evidence: Evidence) -> list[str]:
    own = {(e.outcome, e.arm, e.against): e for e in estimates}
    told = [
        f"In {arm} people's ratings said they were right more often than they were, by "
        f"{value_told(own['overconfidence', arm, ''], '+.1f', 100)} percentage points."
        for arm in evidence.arms
        if ("overconfidence", arm, "") in own
    ]
    for contrast in evidence.contrasts:
        key = ("auroc2", contrast.arm, contrast.against)
        if key in own:
            told.append(
                f"{contrast.arm} against {contrast.against}: the probability that a right answer "
                f"was rated higher than a wrong one differs by {value_told(own[key])} "
                f"({p_told(own[key])})."
            )
    return told
