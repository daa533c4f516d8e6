"""What the plan asks beside its contrasts: means, equivalence, and its secondary outcomes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.comparisons import FAILURES, answered, difference_of
from analysis.equivalence import equivalence
from analysis.estimates import Estimate
from analysis.mixed import ArmModel
from analysis.planned_advice import advice_row
from experiments.schema import AnalysisPlan, Contrast, ReactionTimes

JOINT = "mixed logit, likelihood ratio, all arms"


def arm_rows(trials: pd.DataFrame, arms: Sequence[str], plan: AnalysisPlan) -> list[Estimate]:
    """Return the probability of a right answer in each arm, the joint test, and random effects.

    Parameters
    ----------
    trials
        Analysed trials of all arms: participant, stimulus, arm, correct.
    arms
        In the order they are told in.
    """
    people = trials.groupby("arm")["participant"].nunique()
    present = [arm for arm in arms if people.get(arm, 0) >= 2]
    if len(present) < 2:
        return []
    trials = trials[trials["arm"].isin(present)]
    blank = replace(_blank(trials), scale="probability", method="mixed logit", term="mean")
    try:
        model = ArmModel(
            trials, "correct", "binomial", reference=present[0], choice=plan.random_effects
        )
        test, means = model.test(), {own.name: own for own in model.means(1 - plan.alpha)}
    except FAILURES as error:
        return [replace(blank, note=f"can't be computed: {error}")]
    rows = []
    for arm in present:
        share = means[arm].share
        if share is not None:
            own = replace(_of_arms(blank, trials, [arm]), arm=arm, df=means[arm].df)
            rows.append(
                replace(
                    own, estimate=share.value, se=share.se, ci_low=share.low, ci_high=share.high
                )
            )
    joint = replace(
        blank,
        method=JOINT,
        scale="log_odds",
        term="arms",
        statistic=test.f,
        df=test.denominator,
        p=test.p,
        note=f"F with {test.numerator} and {test.denominator:.1f} degrees of freedom; "
        + model.notes,
    )
    spreads = [
        replace(blank, scale="sd", term=row.group, estimate=row.sd)
        for row in model.fit.random_effects()
    ]
    return [*rows, joint, *spreads]


def equivalence_rows(per_contrast: list[list[Estimate]], plan: AnalysisPlan) -> list[Estimate]:
    """Test, where the plan names a smallest effect, whether each contrast's effect is smaller."""
    if plan.smallest_effect is None:
        return []
    return [
        _equivalence_row(difference_of(rows, plan) or rows[0], plan.smallest_effect, plan.alpha)
        for rows in per_contrast
    ]


def _equivalence_row(difference: Estimate, margin: float, alpha: float) -> Estimate:
    blank = Estimate(
        role="secondary",
        method="two one-sided tests",
        arm=difference.arm,
        against=difference.against,
        scale="accuracy_difference",
        n_participants=difference.n_participants,
        n_trials=difference.n_trials,
        n_stimuli=difference.n_stimuli,
        question="equivalence",
    )
    value, se, df = difference.estimate, difference.se, difference.df
    if value is None or se is None or df is None:
        return replace(blank, note=difference.note)
    try:
        found = equivalence(value, se, df, margin=margin, alpha=alpha)
    except ValueError as error:
        return replace(blank, note=f"can't be computed: {error}")
    return replace(
        blank,
        estimate=value,
        se=se,
        df=df,
        ci_low=found.low,
        ci_high=found.high,
        statistic=found.statistic,
        p=found.p,
        note=f"smaller than {100 * margin:g} percentage points either way? Difference by "
        f"{difference.method}; interval of level {1 - 2 * alpha:g}",
    )


def outcome_rows(trials: pd.DataFrame, plan: AnalysisPlan) -> list[Estimate]:
    """Compare the plan's secondary outcomes of each contrast.

    Parameters
    ----------
    trials
        With `confidence` (ordered categories) and `rt_ms`, each possibly absent or missing: then
        they have no row. What outcomes of advice need, `planned_advice` says.
    """
    rows = []
    for outcome in plan.secondary:
        if outcome == "confidence":
            own = _rated(trials)
            make = _confidence
        elif outcome == "reaction_time":
            own = _timed(trials, plan.reaction_times)
            make = _reaction_time
        else:
            rows += [advice_row(trials, outcome, contrast, plan) for contrast in plan.contrasts]
            continue
        if not own.empty:
            rows += [make(own, contrast, plan) for contrast in plan.contrasts]
    return rows


def _rated(trials: pd.DataFrame) -> pd.DataFrame:
    if "confidence" not in trials:
        return trials.iloc[:0]
    rated = trials[trials["confidence"].notna()]
    return rated.assign(confidence=rated["confidence"].astype("int64"))


def _timed(trials: pd.DataFrame, rule: ReactionTimes) -> pd.DataFrame:
    """Return the right answers whose time lies within the plan's cut-offs."""
    if "rt_ms" not in trials:
        return trials.iloc[:0]
    times = trials["rt_ms"].astype("float64")
    kept = times.between(rule.shortest_ms, rule.longest_ms) & (trials["correct"] == 1)
    return trials[kept].assign(log_rt=np.log(times[kept].where(times[kept] > 0)))


def _confidence(trials: pd.DataFrame, contrast: Contrast, plan: AnalysisPlan) -> Estimate:
    """Compare ratings by a cumulative-logit mixed model: log odds of a higher rating."""
    pair = _pair(trials, contrast)
    blank = replace(
        _of_pair(pair, contrast),
        question="confidence",
        outcome="confidence",
        method="cumulative-logit mixed model, likelihood ratio",
    )
    try:
        model = ArmModel(
            pair,
            "confidence",
            "ordinal",
            reference=contrast.against,
            choice=plan.random_effects,
            order=[str(own) for own in sorted(pair["confidence"].unique())],
        )
        row = answered(blank, blank.method, model.wald(), 1 - plan.alpha)
        test = model.test()
    except FAILURES as error:
        return replace(blank, note=f"can't be computed: {error}")
    sign = np.sign(row.estimate or 0.0) or 1.0
    return replace(
        row,
        statistic=float(sign * np.sqrt(test.f)),
        df=test.denominator,
        p=test.p,
        note=model.notes,
    )


def _reaction_time(trials: pd.DataFrame, contrast: Contrast, plan: AnalysisPlan) -> Estimate:
    """Compare log reaction times by a linear mixed model with Satterthwaite's df."""
    pair = _pair(trials, contrast)
    rule = plan.reaction_times
    blank = replace(
        _of_pair(pair, contrast),
        question="reaction_time",
        outcome="log_rt",
        scale="log_ratio",
        method="linear mixed model of log reaction times",
    )
    try:
        model = ArmModel(
            pair, "log_rt", "gaussian", reference=contrast.against, choice=plan.random_effects
        )
        row = answered(blank, blank.method, model.linear_comparison(), 1 - plan.alpha)
    except FAILURES as error:
        return replace(blank, note=f"can't be computed: {error}")
    told = f"right answers between {rule.shortest_ms} and {rule.longest_ms} ms; {model.notes}"
    return replace(row, note=told)


def _pair(trials: pd.DataFrame, contrast: Contrast) -> pd.DataFrame:
    return trials[trials["arm"].isin([contrast.arm, contrast.against])]


def _blank(trials: pd.DataFrame) -> Estimate:
    return _of_arms(
        Estimate("secondary", "", "", "", "log_odds", 0, 0, 0), trials, list(trials["arm"].unique())
    )


def _of_pair(pair: pd.DataFrame, contrast: Contrast) -> Estimate:
    return replace(_blank(pair), arm=contrast.arm, against=contrast.against)


def _of_arms(blank: Estimate, trials: pd.DataFrame, arms: Sequence[str]) -> Estimate:
    own = trials[trials["arm"].isin(arms)]
    return replace(
        blank,
        n_participants=own["participant"].nunique(),
        n_trials=len(own),
        n_stimuli=own["stimulus"].nunique(),
    )
