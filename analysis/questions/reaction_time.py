"""Does the explanation cost time?

A linear mixed model of the logarithm of the reaction time of right answers, by REML, with
Satterthwaite's degrees of freedom. Times below 200 ms (nobody has seen the picture by then) and
above a minute (nobody looked all the while) are left out and counted.
"""

import numpy as np
import pandas as pd

from analysis.estimates import Estimate
from analysis.glmm.fitting import fit
from analysis.questions.answers import Answer, CannotAnswerError
from analysis.questions.evidence import (
    Evidence,
    estimate_of,
    number_told,
    p_told,
    pairs_of,
    require,
)
from analysis.questions.mixed import random_part, weighted_sum

QUESTION = "reaction_time"
TITLE = "Does the explanation cost time?"
FASTEST_MS, SLOWEST_MS = 200.0, 60_000.0
_METHOD = "linear mixed model of log time, right answers"
_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def reaction_time(evidence: Evidence) -> Answer:
    """Compare times between the arms of each contrast."""
    require(evidence.trials, {"rt_ms": "a reaction time"})
    timed = evidence.trials[evidence.trials["rt_ms"].notna()]
    kept = timed[timed["rt_ms"].between(FASTEST_MS, SLOWEST_MS)]
    right = kept[(kept["correct"] == 1) & kept["arm"].isin(evidence.arms)]
    pairs, told = pairs_of(right, evidence.contrasts)
    if right.groupby("participant").size().max() < 2:
        raise CannotAnswerError("Nobody has two right answers with a time.")
    found = fit(f"log(rt_ms) ~ 0 + arm + {random_part(right)}", right, "gaussian")
    differences = [
        weighted_sum(
            found, {f"arm{contrast.arm}": 1.0, f"arm{contrast.against}": -1.0}, evidence.level
        ).fill(
            estimate_of(
                pair,
                QUESTION,
                "rt_ms",
                _METHOD,
                "log_ratio",
                arm=contrast.arm,
                against=contrast.against,
            )
        )
        for contrast, pair in pairs
    ]
    left_out = f"{len(timed) - len(kept)} of {len(timed)} times were left out as too short or long."
    told = [*(_told(own) for own in differences), left_out, *told]
    return Answer(
        QUESTION, TITLE, " ".join(told), differences, {"quantiles": _quantiles(kept, evidence)}
    )


def _quantiles(kept: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Return quantiles of the times of right and of wrong answers by arm."""
    own = kept[kept["arm"].isin(evidence.arms)]
    grouped = own.groupby(["arm", "correct"])["rt_ms"]
    rows = grouped.quantile(np.array(_QUANTILES)).rename("rt_ms").reset_index()
    return rows.rename(columns={"level_2": "quantile"})


def _told(own: Estimate) -> str:
    assert own.estimate is not None and own.ci_low is not None and own.ci_high is not None
    change, low, high = (100 * float(np.expm1(x)) for x in (own.estimate, own.ci_low, own.ci_high))
    return (
        f"Right answers took {number_told(change, '+.1f')} % more time in {own.arm} than in "
        f"{own.against} ({number_told(low, '+.1f')} to {number_told(high, '+.1f')} %, "
        f"{p_told(own)})."
    )
