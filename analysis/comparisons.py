"""One contrast of the plan, answered by every method that can."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.crossing import meets_several
from analysis.errors import FitError, FormulaError
from analysis.estimates import Estimate
from analysis.glmm.bootstrap import Progress
from analysis.inference import (
    Comparison,
    gee,
    paired,
    participant_means,
    permutation_p,
    sign_flip_p,
    two_way_difference,
    two_way_logit,
    welch,
)
from analysis.mixed import ArmModel
from experiments.schema import AnalysisPlan, Contrast

MIXED = "mixed logit, likelihood ratio"
WALD = "mixed logit, Wald t"
LINEAR = "linear mixed model"
TWO_WAY = "two-way cluster-robust logit"
DIFFERENCE = "two-way cluster-robust difference"

# What a model may end with where data are too few or too extreme.
FAILURES = (FitError, FormulaError, ValueError, ZeroDivisionError, np.linalg.LinAlgError)


@dataclass(frozen=True)
class Bootstrap:
    """A parametric bootstrap of risk differences, where it was asked for."""

    simulations: int
    seed: int
    progress: Progress | None = None


def compare(
    trials: pd.DataFrame,
    contrast: Contrast,
    plan: AnalysisPlan,
    *,
    seed: int,
    bootstrap: Bootstrap | None = None,
) -> list[Estimate]:
    """Return the plan's own estimate of a contrast first, and those of other methods after it."""
    pair = _pair(trials, contrast)
    blank = _blank(pair, contrast)
    reason = _unanswerable(pair, contrast)
    if reason:
        return [replace(blank, role="confirmatory", method=_first_method(plan), note=reason)]
    level = 1 - plan.alpha
    separated = _separation(pair)
    mixed = _mixed_rows(pair, contrast, plan, blank, bootstrap)
    two_way = [
        _row(blank, TWO_WAY, two_way_logit, pair, level, separated=separated),
        _row(_in_points(blank), DIFFERENCE, two_way_difference, pair, level),
    ]
    first, *others = (
        [*mixed, *two_way] if plan.model == "mixed_logit" else [two_way[0], *mixed, two_way[1]]
    )
    return [
        replace(first, role="confirmatory"),
        *others,
        *_of_participants(pair, blank, level, seed),
        _row(blank, "GEE by participant, bias-reduced", gee, pair, level, separated=separated),
    ]


def decide(trials: pd.DataFrame, contrast: Contrast, plan: AnalysisPlan) -> Estimate:
    """Return the plan's own estimate of a contrast alone, the first of `compare`."""
    pair = _pair(trials, contrast)
    blank = replace(_blank(pair, contrast), role="confirmatory")
    reason = _unanswerable(pair, contrast)
    if reason:
        return replace(blank, method=_first_method(plan), note=reason)
    if plan.model == "two_way_cluster":
        separated = _separation(pair)
        return _row(blank, TWO_WAY, two_way_logit, pair, 1 - plan.alpha, separated=separated)
    try:
        model = ArmModel(
            pair, "correct", "binomial", reference=contrast.against, choice=plan.random_effects
        )
        return _ratio_row(model, blank, 1 - plan.alpha, None)
    except FAILURES as error:
        return _failed(_in_points(blank), MIXED, error)


def difference_of(rows: list[Estimate], plan: AnalysisPlan) -> Estimate | None:
    """Return, of the rows of one contrast, the difference in accuracy by the plan's own model."""
    wanted = MIXED if plan.model == "mixed_logit" else DIFFERENCE
    return next((row for row in rows if row.method == wanted), None)


def answered(blank: Estimate, method: str, found: Comparison, level: float) -> Estimate:
    """Return the row of a comparison.

    Raises
    ------
    ValueError
        When some figure isn't finite.
    """
    low, high = found.interval(level)
    figures = [found.estimate, found.se, found.df, low, high, found.statistic, found.p]
    if not np.isfinite(figures).all():
        raise ValueError("it gives no finite answer")
    return replace(
        blank,
        method=method,
        estimate=found.estimate,
        se=found.se,
        df=found.df,
        ci_low=low,
        ci_high=high,
        statistic=found.statistic,
        p=found.p,
        note=found.note,
    )


def _pair(trials: pd.DataFrame, contrast: Contrast) -> pd.DataFrame:
    pair = trials[trials["arm"].isin([contrast.arm, contrast.against])]
    return pair.assign(treated=(pair["arm"] == contrast.arm).astype(int))


def _blank(pair: pd.DataFrame, contrast: Contrast) -> Estimate:
    return Estimate(
        role="sensitivity",
        method="",
        arm=contrast.arm,
        against=contrast.against,
        scale="log_odds",
        n_participants=pair["participant"].nunique(),
        n_trials=len(pair),
        n_stimuli=pair["stimulus"].nunique(),
    )


def _in_points(blank: Estimate) -> Estimate:
    return replace(blank, scale="accuracy_difference")


def _first_method(plan: AnalysisPlan) -> str:
    return MIXED if plan.model == "mixed_logit" else TWO_WAY


def _mixed_rows(
    pair: pd.DataFrame,
    contrast: Contrast,
    plan: AnalysisPlan,
    blank: Estimate,
    bootstrap: Bootstrap | None,
) -> list[Estimate]:
    level, points = 1 - plan.alpha, _in_points(blank)
    try:
        model = ArmModel(
            pair, "correct", "binomial", reference=contrast.against, choice=plan.random_effects
        )
    except FAILURES as error:
        unmade = ((points, MIXED), (blank, WALD), (points, LINEAR))
        return [_failed(own, method, error) for own, method in unmade]
    try:
        first = _ratio_row(model, points, level, bootstrap)
    except FAILURES as error:
        first = _failed(points, MIXED, error)
    rows = [first]
    for own, method, make in (
        (blank, WALD, model.wald),
        (points, LINEAR, model.linear_comparison),
    ):
        try:
            rows.append(answered(own, method, make(), level))
        except FAILURES as error:
            rows.append(_failed(own, method, error))
    if model.fit.separated:
        note = "the estimate is infinite without a prior: Wald's test says nothing of it"
        rows[1] = replace(rows[1], statistic=None, df=None, p=None, note=note)
    return rows


def _ratio_row(
    model: ArmModel, blank: Estimate, level: float, bootstrap: Bootstrap | None
) -> Estimate:
    """Return the risk difference with its interval, and beside it the likelihood-ratio test."""
    test, share = model.test(), model.risk_difference(level)
    low, high, note = share.low, share.high, model.notes
    if bootstrap is not None:
        (low, high), told = _bootstrapped(model, level, bootstrap, (low, high))
        note += f"; {told}"
    sign = np.sign(model.wald().estimate) or 1.0
    figures = [share.value, share.se, test.denominator, low, high, test.f, test.p]
    if not np.isfinite(figures).all():
        raise ValueError("it gives no finite answer")
    return replace(
        blank,
        scale="accuracy_difference",
        method=MIXED,
        estimate=share.value,
        se=share.se,
        df=test.denominator,
        ci_low=low,
        ci_high=high,
        statistic=float(sign * np.sqrt(test.f)),
        p=test.p,
        note=note,
    )


def _bootstrapped(
    model: ArmModel, level: float, asked: Bootstrap, otherwise: tuple[float, float]
) -> tuple[tuple[float, float], str]:
    """Return the interval asked for, or the other one where it can't be had, and a note."""
    try:
        found = model.bootstrap_interval(
            level, simulations=asked.simulations, seed=asked.seed, progress=asked.progress
        )
    except FAILURES as error:
        return otherwise, f"interval by the delta method, for {error}"
    return found, f"interval by parametric bootstrap, {asked.simulations} simulated studies"


def _of_participants(
    pair: pd.DataFrame, blank: Estimate, level: float, seed: int
) -> list[Estimate]:
    """Return the tests on participants' means: paired where people met both arms."""
    points = _in_points(blank)
    if meets_several(pair, "participant"):
        by_t = _row(points, "paired t on participants' means", paired, pair, level)
        shuffled = replace(points, method="permutation of signs", estimate=by_t.estimate)
        p_value = sign_flip_p
    else:
        by_t = _row(points, "Welch t on participants' means", welch, pair, level)
        ours, theirs = participant_means(pair)
        difference = float(ours.mean() - theirs.mean())
        shuffled = replace(points, method="permutation of participants", estimate=difference)
        p_value = permutation_p
    try:
        return [by_t, replace(shuffled, p=p_value(pair, seed=seed))]
    except ValueError as error:
        return [by_t, _failed(points, shuffled.method, error)]


def _row(
    blank: Estimate,
    method: str,
    compare_by: Callable[[pd.DataFrame], Comparison],
    pair: pd.DataFrame,
    level: float,
    *,
    separated: str = "",
) -> Estimate:
    if separated:
        return replace(blank, method=method, note=separated)
    try:
        return answered(blank, method, compare_by(pair), level)
    except FAILURES as error:
        return _failed(blank, method, error)


def _failed(blank: Estimate, method: str, error: Exception) -> Estimate:
    return replace(blank, method=method, note=f"can't be computed: {error}")


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
