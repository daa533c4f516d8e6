"""What `effects.confirmatory` would decide, without what only a report needs.

The mixed model's test is a likelihood ratio read as F (see `analysis.mixed`). Three things make its
decision cheaper than its estimate. Of a complete study (everybody meets every picture once) only
the answers differ from the next one's, so that the matrices are built once. No standard error is
needed, so that the curvature isn't. And F has heavier tails than chi-squared: where chi-squared is
not below alpha, F can't be, and its degrees of freedom aren't asked for.

Whatever is out of the ordinary (arms of one answer, missing trials, a fit that fails, another
model in the plan) goes to `confirmatory`. A test holds both against each other.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.crossing import UNITS, crossing_of
from analysis.effects import confirmatory
from analysis.errors import FitError
from analysis.glmm.coding import Coding, Floats
from analysis.glmm.fitting import lowest_deviance, solve
from analysis.glmm.problem import Problem, prepare
from analysis.inference import holm
from experiments.schema import AnalysisPlan, Contrast


@dataclass(frozen=True)
class Decision:
    """The confirmatory answer to one contrast.

    Attributes
    ----------
    is_significant
        Its p value, corrected as the plan says, is below alpha; or within the boundary of a look.
    sign
        Of the estimate.
    is_answered
        Whether there is a p value at all.
    """

    is_significant: bool
    sign: float
    is_answered: bool


@dataclass(frozen=True)
class _Prepared:
    """The models of one contrast of complete studies of one size; only answers change."""

    logistic: Problem
    null: Problem
    linear: Problem


class Decider:
    """Decides study after study by one plan."""

    def __init__(self, plan: AnalysisPlan) -> None:
        self.plan = plan
        self._prepared: dict[tuple[str, str, int, int, int], _Prepared] = {}

    def decide(self, trials: pd.DataFrame) -> list[Decision]:
        """Decide every contrast.

        Parameters
        ----------
        trials
            As `effects.confirmatory` takes them.
        """
        answers = self.answers(trials)
        family = [1.0 if p is None else p for p, _ in answers]
        adjusted = family if self.plan.correction == "none" else holm(family)
        return [
            Decision(p is not None and p_adjusted < self.plan.alpha, sign, p is not None)
            for p_adjusted, (p, sign) in zip(adjusted, answers, strict=True)
        ]

    def answers(self, trials: pd.DataFrame) -> list[tuple[float | None, float]]:
        """Return p and the estimate's sign of every contrast, before any correction.

        Returns
        -------
        list of (p, sign)
            p is None without an answer. Where it isn't below alpha it may be a smaller bound of the
            test's p that isn't below alpha either.
        """
        quick = self._quickly(trials) if self.plan.model == "mixed_logit" else None
        if quick is not None:
            return list(quick)
        rows = confirmatory(trials, self.plan)
        return [(row.p, float(np.sign(row.estimate or 0.0))) for row in rows]

    def _quickly(self, trials: pd.DataFrame) -> list[tuple[float, float]] | None:
        """Return p (or a smaller bound that isn't below alpha) and sign of every contrast."""
        found = []
        for contrast in self.plan.contrasts:
            answer = self._answer(trials, contrast)
            if answer is None:
                return None
            found.append(answer)
        return found

    def _answer(self, trials: pd.DataFrame, contrast: Contrast) -> tuple[float, float] | None:
        pair = _ordered_pair(trials, contrast)
        people = pair.groupby("arm")["participant"].nunique()
        ours, theirs = (int(people.get(own, 0)) for own in (contrast.arm, contrast.against))
        pictures = pair["stimulus"].nunique()
        if min(ours, theirs) < 2 or pictures < 2 or len(pair) != (ours + theirs) * pictures:
            return None
        correct = pair["correct"].to_numpy(np.float64)
        means = correct[: theirs * pictures].mean(), correct[theirs * pictures :].mean()
        if any(mean in (0.0, 1.0) for mean in means):
            return None
        key = (contrast.arm, contrast.against, ours, theirs, pictures)
        if key not in self._prepared:
            self._prepared[key] = _prepare(pair, contrast, self.plan)
        try:
            return self._test(self._prepared[key], correct)
        except (FitError, np.linalg.LinAlgError):
            return None

    def _test(self, prepared: _Prepared, correct: Floats) -> tuple[float, float] | None:
        larger, theta, beta = lowest_deviance(_answered(prepared.logistic, correct))
        smaller, _, _ = lowest_deviance(_answered(prepared.null, correct), near=theta)
        ratio, sign = max(0.0, smaller - larger), float(np.sign(beta[1]))
        p = float(stats.chi2.sf(ratio, 1))
        if p >= self.plan.alpha:
            return p, sign
        linear = solve(_answered(prepared.linear, correct))
        if linear.satterthwaite is None:
            return None
        _, df, _ = linear.satterthwaite.f_test(np.array([[0.0, 1.0]]), linear.beta)
        if not (np.isfinite(df) and df > 0):
            return None
        return float(stats.f.sf(ratio, 1, df)), sign


def _ordered_pair(trials: pd.DataFrame, contrast: Contrast) -> pd.DataFrame:
    """Return the trials of two arms in an order that studies of one size share."""
    pair = trials[trials["arm"].isin([contrast.arm, contrast.against])]
    rank = (pair["arm"] == contrast.arm).to_numpy()
    order = np.lexsort(
        (pd.factorize(pair["stimulus"], sort=True)[0], pd.factorize(pair["participant"])[0], rank)
    )
    return pair.iloc[order]


def _prepare(pair: pd.DataFrame, contrast: Contrast, plan: AnalysisPlan) -> _Prepared:
    random = crossing_of(pair).random_part(plan.random_effects)
    formula = f"correct ~ arm + {random}"
    coding = Coding({"arm": contrast.against}, factors=("arm", *UNITS))
    logistic = prepare(formula, pair, coding=coding)
    return _Prepared(
        logistic=logistic,
        null=logistic.without(1),
        linear=prepare(formula, pair, "gaussian", coding=coding),
    )


def _answered(problem: Problem, correct: Floats) -> Problem:
    return replace(problem, outcome=replace(problem.outcome, values=correct))
