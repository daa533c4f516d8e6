"""Advice as a planned secondary outcome: sensitivity, criterion, over- and under-reliance.

What the exploratory questions of the same names compute (`questions.discrimination`,
`questions.reliance`), for the plan's contrasts and with its random effects, as rows of role
secondary. Where the data can't tell, the row says why: a planned outcome is never left out.
"""

from dataclasses import replace

import pandas as pd

from analysis.comparisons import FAILURES
from analysis.estimates import Estimate
from analysis.questions.advice import judged_advice
from analysis.questions.answers import CannotAnswerError
from analysis.questions.discrimination import judgement_model, judgements, model_differences
from analysis.questions.evidence import ArmPair, estimate_of, pairs_of
from analysis.questions.reliance import measures, outcomes_of
from analysis.questions.shares import DIFFERENCE_METHOD, share_difference
from experiments.schema import AnalysisPlan, Contrast

TERMS = ("sensitivity", "criterion")
SHARES = ("over_reliance", "under_reliance")
_INTERCEPTS = "(1 | participant) + (1 | stimulus)"


def advice_row(
    trials: pd.DataFrame, outcome: str, contrast: Contrast, plan: AnalysisPlan
) -> Estimate:
    """Compare one outcome of advice between the arms of a contrast.

    Parameters
    ----------
    trials
        Analysed, with the columns that `questions.advice` names.
    outcome
        Of `TERMS`: by a probit mixed model of all judgements; of `SHARES`: difference of shares
        with errors clustered by people and pictures.
    """
    pair = ArmPair(contrast.arm, contrast.against)
    try:
        row = _by_model if outcome in TERMS else _by_shares
        return replace(row(trials, outcome, pair, plan), role="secondary", question=outcome)
    except (CannotAnswerError, *FAILURES) as error:
        own = trials[trials["arm"].isin([pair.arm, pair.against])]
        blank = estimate_of(own, outcome, outcome, "none", "difference", **vars(pair))
        return replace(blank, role="secondary", note=f"can't be computed: {error}")


def _by_model(trials: pd.DataFrame, outcome: str, pair: ArmPair, plan: AnalysisPlan) -> Estimate:
    own = judgements(trials[trials["arm"].isin([pair.arm, pair.against])])
    pairs_of(own, [pair])
    random = _INTERCEPTS if plan.random_effects == "intercepts" else None
    found = judgement_model(own, "probit", random)
    rows = model_differences(found, own, pair, 1 - plan.alpha)
    return replace(rows[TERMS.index(outcome)], outcome="said_yes")


def _by_shares(trials: pd.DataFrame, outcome: str, pair: ArmPair, plan: AnalysisPlan) -> Estimate:
    advised = judged_advice(trials)
    measure = next(own for own in measures(advised) if own.name == outcome)
    [(_, own)], _ = pairs_of(outcomes_of(advised, measure), [pair])
    blank = estimate_of(
        own, outcome, outcome, DIFFERENCE_METHOD, "accuracy_difference", **vars(pair)
    )
    return share_difference(own, 1 - plan.alpha).fill(blank)
