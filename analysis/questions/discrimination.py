"""Do people say yes at the right moments (d'), or only more or less often (c)?

Equal-variance signal detection for yes-or-no judgements, or for taking a classifier's advice, where
the signal is that the advice is right. Two ways, because each has a weakness:

* d' and c of every person, with the log-linear correction of Hautus (1995), compared between arms
  by t. Few trials a person bias d' towards zero, the same in all arms.
* one mixed model of all judgements (DeCarlo 1998): `said_yes ~ arm + arm:signal`, where signal is
  -1/2 or 1/2. The coefficient of the signal is d', minus the intercept is c, for one person and one
  picture; by the probit link on the scale of d', by the logit link in log odds.

c is zero for who says yes as often as no, and larger the less readily they say yes.
"""

from collections.abc import Mapping

import pandas as pd
from scipy import stats

from analysis.errors import FitError
from analysis.estimates import Estimate, Scale
from analysis.glmm.fits import Fit
from analysis.glmm.fitting import fit
from analysis.glmm.outcomes import FamilyName
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
from analysis.questions.mixed import random_part, weighted_sum
from analysis.questions.people import METHOD, difference_of_people, mean_of_people

QUESTION = "discrimination"
TITLE = "Do people tell when to say yes (d'), or do they only say it more often (c)?"
_TERMS = {"sensitivity": "d_prime", "criterion": "c"}
_LINKS: Mapping[FamilyName, tuple[str, Scale]] = {
    "probit": ("probit mixed model", "probit"),
    "binomial": ("logistic mixed model", "log_odds"),
}


def discrimination(evidence: Evidence) -> Answer:
    """Compare d' and c between the arms of each contrast."""
    judged = judgements(evidence.trials)
    pairs, told = pairs_of(judged, evidence.contrasts)
    judged = judged[judged["arm"].isin(evidence.arms)]
    people = sensitivity_of_people(judged)
    estimates = [
        own
        for arm in evidence.arms
        for own in _means(people, judged[judged["arm"] == arm], arm, evidence.level)
    ]
    for contrast, pair in pairs:
        estimates += _differences(people, pair, contrast, evidence.level)
    told = [_told(estimates, contrast) for contrast, _ in pairs] + told
    for link in _LINKS:
        try:
            found = judgement_model(judged, link)
        except FitError as error:
            told.append(f"The {_LINKS[link][0]} could not be fitted: {error}")
            continue
        for contrast, pair in pairs:
            estimates += model_differences(found, pair, contrast, evidence.level)
    return Answer(QUESTION, TITLE, " ".join(told), estimates, {"people": people})


def judgements(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the judgements of some trials (see `advice.judged_advice`).

    Raises
    ------
    CannotAnswerError
        When trials hold none, or one of signal and noise never occurs.
    """
    judged = judged_advice(trials)
    if judged["signal"].nunique() < 2:
        raise CannotAnswerError("Signal and noise must both occur, and only one of them does.")
    return judged


def d_prime_and_c(hits: int, signals: int, false_alarms: int, noises: int) -> tuple[float, float]:
    """Return d' and c by the log-linear correction (Hautus 1995): half a yes and half a no more.

    Parameters
    ----------
    hits, signals
        Yes where there was a signal, of how many signals.
    false_alarms, noises
        Yes where there was none, of how many.
    """
    hit = float(stats.norm.ppf((hits + 0.5) / (signals + 1)))
    false_alarm = float(stats.norm.ppf((false_alarms + 0.5) / (noises + 1)))
    return hit - false_alarm, -(hit + false_alarm) / 2


def sensitivity_of_people(judged: pd.DataFrame) -> pd.DataFrame:
    """Return one row a person and arm: counts, `d_prime` and `c`, missing without either kind."""
    rows = []
    for (person, arm), own in judged.groupby(["participant", "arm"], sort=True):
        yes, signal = own["said_yes"], own["signal"]
        counts = (
            int((yes & signal).sum()),
            int(signal.sum()),
            int((yes & (1 - signal)).sum()),
            int((1 - signal).sum()),
        )
        known = counts[1] > 0 and counts[3] > 0
        d_prime, c = d_prime_and_c(*counts) if known else (float("nan"), float("nan"))
        names = ("participant", "arm", "hits", "signals", "false_alarms", "noises", "d_prime", "c")
        rows.append(dict(zip(names, (person, arm, *counts, d_prime, c), strict=True)))
    return pd.DataFrame(rows)


def judgement_model(judged: pd.DataFrame, link: FamilyName, random: str | None = None) -> Fit:
    """Fit all judgements at once.

    Parameters
    ----------
    judged
        From `judgements`.
    link
        probit or binomial (logit).
    random
        The random part; None for what the design asks for, people's own sensitivities among it.

    Raises
    ------
    FitError
        When the model can't be fitted.
    """
    table = judged.assign(signal=judged["signal"] - 0.5)
    part = random or random_part(table, slope="signal")
    return fit(f"said_yes ~ 0 + arm + arm:signal + {part}", table, link)


def model_differences(
    found: Fit, pair: pd.DataFrame, contrast: ArmPair, level: float
) -> list[Estimate]:
    """Return the differences of d' and c between two arms by a fit of `judgement_model`."""
    method, scale = _LINKS[found.problem.family]
    sensitivity = {f"arm{contrast.arm}:signal": 1.0, f"arm{contrast.against}:signal": -1.0}
    criterion = {f"arm{contrast.arm}": -1.0, f"arm{contrast.against}": 1.0}
    return [
        weighted_sum(found, weights, level).fill(_blank(pair, term, method, scale, contrast))
        for term, weights in (("sensitivity", sensitivity), ("criterion", criterion))
    ]


def _blank(
    trials: pd.DataFrame, term: str, method: str, scale: Scale, contrast: ArmPair
) -> Estimate:
    return estimate_of(
        trials,
        QUESTION,
        "said_yes",
        method,
        scale,
        arm=contrast.arm,
        against=contrast.against,
        term=term,
    )


def _means(people: pd.DataFrame, own: pd.DataFrame, arm: str, level: float) -> list[Estimate]:
    values = people[people["arm"] == arm]
    if values["d_prime"].notna().sum() < 2:
        return []
    return [
        mean_of_people(values[column], level).fill(
            estimate_of(
                own, QUESTION, "said_yes", "mean of people's values", "probit", arm=arm, term=term
            )
        )
        for term, column in _TERMS.items()
    ]


def _differences(
    people: pd.DataFrame, pair: pd.DataFrame, contrast: ArmPair, level: float
) -> list[Estimate]:
    by_person = people.set_index(["participant", "arm"])
    return [
        difference_of_people(
            _blank(pair, term, METHOD, "probit", contrast), by_person[column], contrast, level
        )
        for term, column in _TERMS.items()
    ]


def _told(estimates: list[Estimate], contrast: ArmPair) -> str:
    d_prime, c = (
        own
        for own in estimates
        if (own.arm, own.against, own.method) == (contrast.arm, contrast.against, METHOD)
    )
    return (
        f"{contrast.arm} against {contrast.against}: d' differs by {value_told(d_prime)} "
        f"({p_told(d_prime)}), c by {value_told(c)} ({p_told(c)}; a larger c is saying yes less "
        "readily)."
    )
