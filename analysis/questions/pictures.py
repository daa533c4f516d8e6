"""Does the explanation help on some pictures and harm on others?

For each contrast a logistic mixed model in which every picture has its own ease and its own effect
of the arm, correlated: `correct ~ treated + (1 | participant) + (1 + treated | stimulus)` with
treated -1/2 and 1/2. It tells

* how much the effect varies between pictures (its standard deviation, and the likelihood ratio
  against none, conservative because zero lies on the border),
* whether it is larger on hard pictures (the correlation with ease; a picture's observed ease and
  observed benefit share their errors, this correlation doesn't),
* every picture's effect, shrunk towards the mean, with its interval: of the mean effect and of what
  the picture adds to it, together.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import FitError
from analysis.estimates import Estimate, p_text
from analysis.glmm.fits import Fit
from analysis.glmm.fitting import fit
from analysis.glmm.hypotheses import likelihood_ratio
from analysis.questions.answers import Answer, CannotAnswerError
from analysis.questions.evidence import ArmPair, Evidence, estimate_of, pairs_of

QUESTION = "pictures"
TITLE = "Does the explanation help on some pictures and not on others?"
_FEWEST = 6
_METHOD = "logistic mixed model with an effect of each picture"


def pictures(evidence: Evidence) -> Answer:
    """Estimate how the effect of each contrast varies between pictures."""
    pairs, told = pairs_of(evidence.trials, evidence.contrasts)
    estimates: list[Estimate] = []
    tables: list[pd.DataFrame] = []
    for contrast, pair in pairs:
        shared = _in_both_arms(pair)
        if shared["stimulus"].nunique() < _FEWEST:
            told.append(
                f"{contrast.arm} against {contrast.against}: fewer than {_FEWEST} pictures were "
                "shown in both arms."
            )
            continue
        own, table, sentence = _varying(shared, contrast, evidence.level)
        estimates += own
        tables.append(table)
        told.insert(len(tables) - 1, sentence)
    if not tables:
        raise CannotAnswerError(" ".join(told))
    return Answer(
        QUESTION,
        TITLE,
        " ".join(told),
        estimates,
        {"caterpillar": pd.concat(tables, ignore_index=True)},
    )


def _in_both_arms(pair: pd.DataFrame) -> pd.DataFrame:
    arms = pair.groupby("stimulus")["treated"].nunique()
    return pair[pair["stimulus"].isin(arms.index[arms == 2])]


def _varying(
    pair: pd.DataFrame, contrast: ArmPair, level: float
) -> tuple[list[Estimate], pd.DataFrame, str]:
    centred = pair.assign(treated=pair["treated"] - 0.5)
    person = "(1 | participant)"
    if (centred.groupby("participant")["treated"].nunique() > 1).any():
        person = "(1 + treated || participant)"
    fixed = f"correct ~ treated + {person}"
    found = fit(f"{fixed} + (1 + treated | stimulus)", centred)
    blank = estimate_of(
        pair,
        QUESTION,
        "correct",
        _METHOD,
        "sd",
        arm=contrast.arm,
        against=contrast.against,
        term="effect between pictures",
    )
    sd = next(
        own.sd for own in found.random_effects() if (own.group, own.term) == ("stimulus", "treated")
    )
    spread = replace(blank, estimate=sd, note="; ".join(found.warnings))
    try:
        test = likelihood_ratio(found, fit(f"{fixed} + (1 | stimulus)", centred))
        spread = replace(spread, statistic=test.statistic, df=float(test.numerator), p=test.p)
    except FitError as error:
        spread = replace(spread, note=f"{spread.note}; {error}")
    correlation = float(found.correlations()["stimulus"][1, 0])
    ease = replace(
        blank,
        scale="correlation",
        term="effect with ease",
        estimate=correlation if np.isfinite(correlation) else None,
        note="" if np.isfinite(correlation) else "effect or ease doesn't vary between pictures",
    )
    table = caterpillar(found, pair, level).assign(arm=contrast.arm, against=contrast.against)
    return [spread, ease], table, _told(spread, table, contrast)


def caterpillar(found: Fit, pair: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return every picture's effect in order, with what was observed of it.

    Parameters
    ----------
    found
        Whose pictures have a slope of `treated`.
    pair
        The trials, `treated` 0 or 1.

    Returns
    -------
    DataFrame
        `stimulus`; `effect`, `low`, `high` (log odds, the shrunk prediction and its interval given
        the scales of the random effects); `share`, `share_against` of right answers; `answers`.
    """
    place = found.problem.names.index("treated")
    effects = found.conditional_modes()["stimulus"]["treated"] + found.beta[place]
    spread = found.total_sds("stimulus", "treated")
    reach = float(stats.norm.ppf((1 + level) / 2)) * spread
    shares = pair.groupby(["stimulus", "treated"])["correct"].mean().unstack()
    table = pd.DataFrame(
        {
            "effect": effects,
            "low": effects - reach,
            "high": effects + reach,
            "share": shares[1].reindex(effects.index),
            "share_against": shares[0].reindex(effects.index),
            "answers": pair.groupby("stimulus").size().reindex(effects.index),
        }
    )
    return table.sort_values("effect", kind="stable").rename_axis("stimulus").reset_index()


def _told(spread: Estimate, table: pd.DataFrame, contrast: ArmPair) -> str:
    helped = int((table["low"] > 0).sum())
    harmed = int((table["high"] < 0).sum())
    test = "" if spread.p is None else f" ({p_text(spread.p)} against none)"
    return (
        f"{contrast.arm} against {contrast.against}: the effect varies between pictures with a "
        f"standard deviation of {spread.estimate:.2f} log odds{test}; of {len(table)} pictures the "
        f"interval lies above zero for {helped} and below for {harmed}."
    )
