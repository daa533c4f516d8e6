"""The plan's contrasts, answered: one confirmatory estimate each, and others beside it."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.estimates import Estimate, p_text
from analysis.inference import (
    Comparison,
    gee,
    holm,
    permutation_p,
    two_way_difference,
    two_way_logit,
    welch,
)
from experiments.schema import AnalysisPlan, Contrast

PRIMARY = "two-way cluster-robust logit"
DIFFERENCE = "two-way cluster-robust difference"


def effects(trials: pd.DataFrame, plan: AnalysisPlan, *, seed: int) -> list[Estimate]:
    """Estimate every contrast of the plan.

    Parameters
    ----------
    trials
        Analysed trials: participant, stimulus, arm, correct.
    plan
        Its contrasts, and the correction over them.
    seed
        Of the permutation test.

    Returns
    -------
    list of Estimate
        For each contrast the confirmatory estimate first. Where a method can't answer, its row
        says why. The correction is over all planned contrasts: one without an answer stays in the
        family with p = 1, for a plan made for three tests doesn't become a plan for two.
    """
    return [
        row
        for first in confirmatory(trials, plan)
        for row in (first, *_sensitivity(trials, first, 1 - plan.alpha, seed))
    ]


def confirmatory(trials: pd.DataFrame, plan: AnalysisPlan) -> list[Estimate]:
    """Return the confirmatory estimate of every contrast, and nothing beside it.

    Power is simulated with this function, so that it is the power of the report's own test.

    Parameters
    ----------
    trials, plan
        As in `effects`.
    """
    rows = [_primary(trials, contrast, 1 - plan.alpha) for contrast in plan.contrasts]
    if plan.correction == "none":
        return rows
    adjusted = holm([1.0 if row.p is None else row.p for row in rows])
    return [
        row if row.p is None else replace(row, p_adjusted=p)
        for row, p in zip(rows, adjusted, strict=True)
    ]


def arms_in_order(plan: AnalysisPlan, arms: Iterable[str]) -> list[str]:
    """Return a protocol's arms in the order a reader expects them.

    The order of declaration is lost, because the frozen protocol sorts its keys. The plan's
    contrasts are a list, which keeps its order: first the arms that are compared against, then
    those compared with them, then, by name, the arms of no contrast.
    """
    baselines = [contrast.against for contrast in plan.contrasts]
    compared = [contrast.arm for contrast in plan.contrasts]
    return list(dict.fromkeys([*baselines, *compared, *sorted(arms)]))


def disagreements(estimates: list[Estimate], plan: AnalysisPlan) -> list[str]:
    """Return a sentence for each method that decides otherwise than the confirmatory one."""
    told = []
    when = "" if plan.correction == "none" else " (both before correction)"
    for row in estimates:
        first = next(e for e in estimates if (e.arm, e.against) == (row.arm, row.against))
        if row is first or row.p is None or first.p is None:
            continue
        if (row.p < plan.alpha) != (first.p < plan.alpha):
            told.append(
                f"{row.arm} against {row.against}: {row.method} gives {p_text(row.p)}, "
                f"{first.method} {p_text(first.p)}{when}."
            )
    return told


def _pair(trials: pd.DataFrame, arm: str, against: str) -> pd.DataFrame:
    pair = trials[trials["arm"].isin([arm, against])]
    return pair.assign(treated=(pair["arm"] == arm).astype(int))


def _primary(trials: pd.DataFrame, contrast: Contrast, level: float) -> Estimate:
    pair = _pair(trials, contrast.arm, contrast.against)
    blank = Estimate(
        role="confirmatory",
        method=PRIMARY,
        arm=contrast.arm,
        against=contrast.against,
        scale="log_odds",
        n_participants=pair["participant"].nunique(),
        n_trials=len(pair),
        n_stimuli=pair["stimulus"].nunique(),
    )
    reason = _unanswerable(pair, contrast)
    if reason:
        return replace(blank, note=reason)
    return _row(blank, PRIMARY, two_way_logit, pair, level, separated=_separation(pair))


def _sensitivity(trials: pd.DataFrame, first: Estimate, level: float, seed: int) -> list[Estimate]:
    """Return the other methods' answers beside a confirmatory one."""
    pair = _pair(trials, first.arm, first.against)
    if _unanswerable(pair, Contrast(arm=first.arm, against=first.against)):
        return []
    blank = Estimate(
        role="sensitivity",
        method="",
        arm=first.arm,
        against=first.against,
        scale="log_odds",
        n_participants=first.n_participants,
        n_trials=first.n_trials,
        n_stimuli=first.n_stimuli,
    )
    separated = _separation(pair)
    return [
        replace(
            _row(blank, DIFFERENCE, two_way_difference, pair, level),
            scale="accuracy_difference",
        ),
        replace(
            _row(blank, "Welch t on participants' means", welch, pair, level),
            scale="accuracy_difference",
        ),
        _permutation(blank, pair, seed),
        _row(blank, "GEE by participant, bias-reduced", gee, pair, level, separated=separated),
    ]


def _row(
    blank: Estimate,
    method: str,
    compare: Callable[[pd.DataFrame], Comparison],
    pair: pd.DataFrame,
    level: float,
    *,
    separated: str = "",
) -> Estimate:
    if separated:
        return replace(blank, method=method, note=separated)
    try:
        found = compare(pair)
        low, high = found.interval(level)
        statistic, p = found.statistic, found.p
        if not np.isfinite([found.estimate, found.se, found.df, low, high, statistic, p]).all():
            raise ValueError("it gives no finite answer")
    except (ValueError, ZeroDivisionError, np.linalg.LinAlgError) as error:
        return replace(blank, method=method, note=f"can't be computed: {error}")
    return replace(
        blank,
        method=method,
        estimate=found.estimate,
        se=found.se,
        df=found.df,
        ci_low=low,
        ci_high=high,
        statistic=statistic,
        p=p,
        note=found.note,
    )


def _permutation(blank: Estimate, pair: pd.DataFrame, seed: int) -> Estimate:
    means = pair.groupby(["treated", "participant"])["correct"].mean()
    return replace(
        blank,
        method="permutation of participants",
        scale="accuracy_difference",
        estimate=float(means.loc[1].mean() - means.loc[0].mean()),
        p=permutation_p(pair, seed=seed),
    )


def _unanswerable(pair: pd.DataFrame, contrast: Contrast) -> str:
    people = pair.groupby("arm")["participant"].nunique()
    for arm in (contrast.arm, contrast.against):
        if people.get(arm, 0) < 2:
            return (
                f"arm {arm} has {people.get(arm, 0)} analysed participants; at least 2 are needed"
            )
    return "" if pair["stimulus"].nunique() >= 2 else "at least 2 pictures are needed"


def _separation(pair: pd.DataFrame) -> str:
    shares = pair.groupby("arm")["correct"].mean()
    for arm, share in shares.items():
        if share in (0.0, 1.0):
            every = "right" if share else "wrong"
            return f"every answer of arm {arm} is {every}: log odds are infinite"
    return ""
