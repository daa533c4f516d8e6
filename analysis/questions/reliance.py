"""Do people take advice when it is right, and leave it when it is wrong?

Advice is taken by answering what the classifier answers, or by saying yes to it where that is the
task. Each measure is the share of some trials:

over_reliance
    wrong advice that is taken; under_reliance: right advice that is not;
accuracy_right, accuracy_wrong
    right answers where the advice is right, and where it is wrong; where the task is to say yes or
    no they would be the same shares turned round, and are left out;
rair, rsr
    where people answer before and after the advice (Schemmer et al. 2023, appropriate reliance):
    first wrong, advice right, and in the end right; first right, advice wrong, and in the end
    right. Both are 1 for perfect reliance;
switched
    advice unlike the first answer that is taken (Yin, Vaughan & Wallach 2019).
"""

from dataclasses import dataclass, replace

import pandas as pd

from analysis.estimates import Estimate, Scale
from analysis.questions.advice import judged_advice
from analysis.questions.answers import Answer, CannotAnswerError
from analysis.questions.evidence import (
    ArmPair,
    Evidence,
    estimate_of,
    p_told,
    pairs_of,
    value_told,
)
from analysis.questions.shares import DIFFERENCE_METHOD, METHOD, share, share_difference

QUESTION = "reliance"
TITLE = "Do people rely on the classifier when it is right, and not when it is wrong?"


@dataclass(frozen=True)
class Measure:
    """A share of some trials.

    Attributes
    ----------
    eligible
        Says of each trial whether it counts.
    value
        What is counted in those that do.
    """

    name: str
    eligible: "pd.Series[bool]"
    value: "pd.Series[bool]"


def reliance(evidence: Evidence) -> Answer:
    """Estimate every measure by arm, and compare the arms of each contrast."""
    advised = judged_advice(evidence.trials)
    _, told = pairs_of(advised, evidence.contrasts)
    estimates: list[Estimate] = []
    for measure in measures(advised):
        outcomes = outcomes_of(advised, measure)
        estimates += _by_arm(outcomes, measure, evidence)
        estimates += _differences(outcomes, measure, evidence)
    told = [_told(estimates, contrast) for contrast in evidence.contrasts] + told
    return Answer(
        QUESTION, TITLE, " ".join(filter(None, told)), estimates, {"by_person": _people(advised)}
    )


def measures(advised: pd.DataFrame) -> list[Measure]:
    """Return the measures that trials with advice allow.

    Parameters
    ----------
    advised
        From `advice.judged_advice`; where answers are species `correct` and `advice_species`, and
        for measures of first answers `first_choice`, with `first_correct` or `true_species`.
    """
    is_right, taken = advised["signal"] == 1, advised["said_yes"] == 1
    found = [
        Measure("over_reliance", ~is_right, taken),
        Measure("under_reliance", is_right, ~taken),
    ]
    if "advice_species" not in advised or advised["advice_species"].isna().all():
        return found
    correct = advised["correct"] == 1
    found += [
        Measure("accuracy_right", is_right, correct),
        Measure("accuracy_wrong", ~is_right, correct),
    ]
    if "first_choice" not in advised or advised["first_choice"].isna().all():
        return found
    has_first = advised["first_choice"].notna()
    first_right = _first_right(advised)
    differs = advised["first_choice"] != advised["advice_species"]
    return [
        *found,
        Measure("rair", has_first & ~first_right & is_right, correct),
        Measure("rsr", has_first & first_right & ~is_right, correct),
        Measure("switched", has_first & differs, taken),
    ]


def _first_right(advised: pd.DataFrame) -> "pd.Series[bool]":
    if "first_correct" in advised:
        return advised["first_correct"].fillna(False).astype(bool)
    return advised["first_choice"] == advised["true_species"]


def outcomes_of(advised: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """Return the trials that count for a measure, with `value`, 0 or 1."""
    value = measure.value.astype(float)
    return advised.assign(value=value)[measure.eligible]


def _blank(
    outcomes: pd.DataFrame, measure: Measure, arm: str, against: str, scale: Scale
) -> Estimate:
    method = DIFFERENCE_METHOD if against else METHOD
    return estimate_of(outcomes, QUESTION, measure.name, method, scale, arm=arm, against=against)


def _by_arm(outcomes: pd.DataFrame, measure: Measure, evidence: Evidence) -> list[Estimate]:
    found = []
    for arm in evidence.arms:
        own = outcomes[outcomes["arm"] == arm]
        if own["participant"].nunique() > 1:
            blank = _blank(own, measure, arm, "", "probability")
            found.append(share(own, evidence.level).fill(blank))
    return found


def _differences(outcomes: pd.DataFrame, measure: Measure, evidence: Evidence) -> list[Estimate]:
    try:
        pairs, _ = pairs_of(outcomes, evidence.contrasts)
    except CannotAnswerError:
        return []  # such trials are too few in every arm: the table by person shows them
    found = []
    for contrast, pair in pairs:
        blank = _blank(pair, measure, contrast.arm, contrast.against, "accuracy_difference")
        try:
            found.append(share_difference(pair, evidence.level).fill(blank))
        except CannotAnswerError as error:
            found.append(replace(blank, note=str(error)))
    return found


def _people(advised: pd.DataFrame) -> pd.DataFrame:
    """Return every measure of every person, with the number of trials it stands on."""
    tables = []
    for measure in measures(advised):
        grouped = outcomes_of(advised, measure).groupby(["arm", "participant"])["value"]
        table = grouped.agg(share="mean", trials="count").reset_index()
        tables.append(table.assign(measure=measure.name))
    return pd.concat(tables, ignore_index=True)


def _told(estimates: list[Estimate], contrast: ArmPair) -> str:
    words = {
        "over_reliance": "wrong advice was taken",
        "under_reliance": "right advice was not taken",
        "rair": "a wrong first answer was corrected by right advice",
        "rsr": "a right first answer was kept against wrong advice",
    }
    parts = [
        f"{words[own.outcome]} {value_told(own, '+.1f', 100)} percentage points more often "
        f"({p_told(own)})"
        for own in estimates
        if (own.arm, own.against) == (contrast.arm, contrast.against)
        and own.outcome in words
        and own.p is not None
    ]
    if not parts:
        return ""
    return f"In {contrast.arm}, against {contrast.against}, {'; '.join(parts)}."
