"""Arms compared by a mixed model, with people and pictures as the design crosses them.

The test is a likelihood ratio read as F: its chi-squared over its degrees of freedom, with the
denominator of the matching linear mixed model (same random effects, 0 and 1 as numbers; REML,
Satterthwaite 1946, Fai & Cornelius 1996). With many people and pictures this is the chi-squared
test; with few, chi-squared and Wald's z call too many null studies significant
(the rates are in docs/analysis.md, the reasons in docs/adr/0009).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from analysis.crossing import UNITS, RandomEffects, crossing_of
from analysis.errors import FitError
from analysis.glmm.bootstrap import Progress, bootstrap
from analysis.glmm.coding import Coding, Floats
from analysis.glmm.fits import Fit
from analysis.glmm.fitting import fit
from analysis.glmm.hypotheses import combination_ratio
from analysis.glmm.margins import MarginalMean, Share, marginal_means, mean_contrasts
from analysis.inference import Comparison


@dataclass(frozen=True)
class RatioTest:
    """A likelihood ratio read as F.

    Attributes
    ----------
    f
        Chi-squared over `numerator`.
    denominator
        Satterthwaite's degrees of freedom of the linear model.
    """

    f: float
    numerator: int
    denominator: float

    @property
    def p(self) -> float:
        """Return the p value."""
        return float(stats.f.sf(self.f, self.numerator, self.denominator))


class ArmModel:
    """A mixed model of an outcome by arm, and the linear one that gives degrees of freedom.

    Parameters
    ----------
    trials
        Of the arms to compare: participant, stimulus, arm and the outcome.
    outcome
        A column: 0 and 1 for binomial, ordered categories for ordinal, numbers for gaussian.
    reference
        The arm that the others are held against.
    choice
        Of the random effects, see `Crossing.random_part`.
    order
        Of an ordinal outcome's categories.

    Attributes
    ----------
    fit
        Of the outcome.
    linear
        Of the outcome as numbers; the same as `fit` where that is gaussian, and None where nothing
        is left for a linear model to explain.

    Raises
    ------
    FitError
        When the model can't be fitted.
    ValueError
        When nobody and nothing has more trials than one.
    """

    def __init__(
        self,
        trials: pd.DataFrame,
        outcome: str,
        family: Literal["binomial", "ordinal", "gaussian"],
        *,
        reference: str,
        choice: RandomEffects = "by_design",
        order: list[str] | None = None,
    ) -> None:
        self.random_part = crossing_of(trials).random_part(choice)
        self.family = family
        self._clusters = min(trials[unit].nunique() for unit in UNITS)
        formula = f"{outcome} ~ arm + {self.random_part}"
        coding = Coding({"arm": reference}, factors=("arm", *UNITS))
        self.fit = fit(formula, trials, family, coding=coding, order=order)
        self.linear: Fit | None = self.fit
        if family != "gaussian":
            self.linear = _linear(formula, outcome, trials, coding)

    @property
    def notes(self) -> str:
        """Return what a reader must know of the fit, the random effects first."""
        told = [f"random effects {self.random_part}"]
        zeros = [row.group for row in self.fit.random_effects() if row.sd == 0.0]
        if zeros:
            told.append(f"no variance was found by {' and '.join(zeros)}, which is left out")
        if self.fit.separated:
            told.append(
                "some arm's answers are all alike: the estimate is from a fit with a normal prior, "
                "the test from the fit without"
            )
        if self.linear is None:
            told.append(
                "no linear model could be fitted: degrees of freedom are those of the fewest "
                "clusters"
            )
        told += [own for own in self.fit.warnings if "Singular" not in own and "prior" not in own]
        return "; ".join(told)

    def test(self) -> RatioTest:
        """Test that all arms are alike. Gaussian: F with Satterthwaite's degrees of freedom."""
        contrasts = self._arms()
        denominator = self.denominator(contrasts)
        if self.fit.satterthwaite is not None:
            f, _, _ = self.fit.satterthwaite.f_test(contrasts, self.fit.beta)
            return RatioTest(f, len(contrasts), denominator)
        ratio = combination_ratio(self.fit, contrasts)
        return RatioTest(ratio.statistic / len(contrasts), len(contrasts), denominator)

    def denominator(self, contrasts: Floats) -> float:
        """Return the degrees of freedom of the linear model for some contrasts of the arms."""
        if self.linear is not None and self.linear.satterthwaite is not None:
            # An ordinal fit has thresholds in the place of the linear model's intercept.
            lacking = len(self.linear.beta) - contrasts.shape[1]
            padded = np.pad(contrasts, ((0, 0), (lacking, 0)))
            _, found, _ = self.linear.satterthwaite.f_test(padded, self.linear.beta)
            if np.isfinite(found) and found > 0:
                return found
        return float(self._clusters - 1)

    def wald(self) -> Comparison:
        """Return the last arm against the reference on the scale of the model, with t."""
        contrast = self._arms()[-1:]
        se = float(np.sqrt((contrast @ self.fit.beta_covariance @ contrast.T)[0, 0]))
        estimate = float((contrast @ self.fit.beta)[0])
        return Comparison(estimate, se, self.denominator(contrast))

    def linear_comparison(self) -> Comparison:
        """Return the last arm against the reference by the linear model.

        Raises
        ------
        ValueError
            When there is none.
        """
        if self.linear is None or self.linear.satterthwaite is None:
            raise ValueError("the arms explain every answer: no error is left to measure")
        row = self.linear.coefficients()[-1]
        return Comparison(row.estimate, row.se, float(row.df or 0.0))

    def risk_difference(self, level: float) -> Share:
        """Return the difference of probabilities over new people and pictures.

        Last arm minus reference; interval by the delta method and t.

        Raises
        ------
        ValueError
            When the outcome isn't right or wrong.
        """
        df = self.denominator(self._arms()[-1:])
        reference, last = self._levels()[0], self._levels()[-1]
        (contrast,) = (
            own
            for own in mean_contrasts(self.fit, ["arm"], against=reference, level=level, df=df)
            if own.first == last
        )
        if contrast.risk_difference is None:
            raise ValueError("only what is right or wrong has a difference of probabilities")
        return contrast.risk_difference

    def means(self, level: float) -> list[MarginalMean]:
        """Return the probability of a right answer in each arm, over new people and pictures."""
        df = None
        if self.linear is not None:
            df = min(own.df or np.inf for own in marginal_means(self.linear, ["arm"]))
        return marginal_means(self.fit, ["arm"], level=level, df=df)

    def bootstrap_interval(
        self, level: float, *, simulations: int, seed: int, progress: Progress | None = None
    ) -> tuple[float, float]:
        """Return the percentile interval of the risk difference over simulated studies.

        Raises
        ------
        ValueError
            When hardly any simulated study can be fitted.
        """
        drawn = bootstrap(
            self.fit, _difference_of, simulations=simulations, seed=seed, progress=progress
        )
        if len(drawn) < simulations / 2:
            raise ValueError("most simulated studies can't be fitted")
        low, high = np.quantile(drawn[:, 0], [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)

    def _levels(self) -> tuple[str, ...]:
        return self.fit.problem.design.variables["arm"].levels

    def _arms(self) -> Floats:
        """Return the contrasts that pick the arms' coefficients, (arms - 1, p)."""
        count = len(self._levels()) - 1
        return np.eye(len(self.fit.beta))[-count:]


def _linear(formula: str, outcome: str, trials: pd.DataFrame, coding: Coding) -> Fit | None:
    numbers = trials.assign(**{outcome: trials[outcome].astype(float)})
    try:
        return fit(formula, numbers, "gaussian", coding=coding)
    except FitError:
        return None


def _difference_of(found: Fit) -> Floats:
    levels = found.problem.design.variables["arm"].levels
    contrasts = mean_contrasts(found, ["arm"], against=levels[0], correction="none")
    difference = contrasts[-1].risk_difference
    return np.array([np.nan if difference is None else difference.value])
