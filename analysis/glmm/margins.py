"""Marginal means and differences: what a fit says of a condition, on its own scale and in shares.

A mean is over a balanced grid: every combination of the levels of all factors counts alike, numbers
are at their mean (Lenth's reference grid). On the scale of the linear predictor it is x' beta. The
probability of an answer from a new person to a new picture integrates the random effects out,

    P = mean over the grid of E[expit(x' beta + s N)],    s^2 = sum over groupings |Lambda' z|^2,

by Gauss and Hermite's rule; a difference of two such means is a risk difference. Standard errors
are those of the delta method with the covariance of theta and beta together. Odds ratios are
conditional: they compare answers of one person to one picture, and are farther from 1 than marginal
ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Literal

import numpy as np
from scipy import stats
from scipy.special import expit

from analysis.errors import FitError
from analysis.glmm.coding import Floats, design_columns
from analysis.glmm.fits import Fit
from analysis.inference import holm

_NODES = 61


@dataclass(frozen=True)
class Share:
    """A probability, or a difference of two, over new people and pictures, with its interval."""

    value: float
    se: float
    low: float
    high: float


@dataclass(frozen=True)
class MarginalMean:
    """The mean at one combination of levels.

    Attributes
    ----------
    levels
        By column.
    estimate, se, df, low, high
        On the scale of the linear predictor; `df` is None where the reference is normal.
    share
        Binomial only.
    """

    levels: dict[str, str]
    estimate: float
    se: float
    df: float | None
    low: float
    high: float
    share: Share | None

    @property
    def name(self) -> str:
        """Return the levels in one word."""
        return ", ".join(self.levels.values())


@dataclass(frozen=True)
class MeanContrast:
    """The difference of two marginal means, first minus second.

    Attributes
    ----------
    estimate, se, df, low, high
        On the scale of the linear predictor: log odds for binomial and ordinal. The interval isn't
        adjusted.
    statistic, p, p_adjusted
        Of `estimate` against zero; adjusted by Holm over all contrasts asked for together.
    odds_ratio
        With its interval; binomial and ordinal only.
    risk_difference
        Binomial only.
    """

    first: str
    second: str
    estimate: float
    se: float
    df: float | None
    low: float
    high: float
    statistic: float
    p: float
    p_adjusted: float
    odds_ratio: tuple[float, float, float] | None
    risk_difference: Share | None


def marginal_means(
    found: Fit, by: Sequence[str], *, level: float = 0.95, df: float | None = None
) -> list[MarginalMean]:
    """Return the mean at every combination of the levels of some factors.

    Parameters
    ----------
    by
        Columns of the fixed terms that are factors.
    level
        Of the intervals.
    df
        Of the intervals, where the family has no degrees of freedom of its own; None: normal.

    Raises
    ------
    FitError
        When a column is no factor of the fixed terms.
    """
    grid = _Grid(found, by)
    means = []
    for levels, rows in grid.cells:
        linear = grid.fixed[rows].mean(axis=0)
        estimate, se, own_df, low, high = _interval(found, linear, level, df)
        share = None
        if found.problem.family == "binomial":
            value, slope = grid.share(rows)
            share = _share(found, value, slope, _quantile(level, df), (0.0, 1.0))
        means.append(
            MarginalMean(dict(zip(by, levels, strict=True)), estimate, se, own_df, low, high, share)
        )
    return means


def mean_contrasts(
    found: Fit,
    by: Sequence[str],
    *,
    against: str | None = None,
    correction: Literal["holm", "none"] = "holm",
    level: float = 0.95,
    df: float | None = None,
) -> list[MeanContrast]:
    """Compare marginal means.

    Parameters
    ----------
    by
        As in `marginal_means`.
    against
        The level (with several factors: their levels joined by ", ") that all others are compared
        with; None compares every pair.
    correction
        Of the p values.
    df
        As in `marginal_means`.

    Raises
    ------
    FitError
        When a column is no factor of the fixed terms, or `against` is no level.
    """
    grid = _Grid(found, by)
    names = [", ".join(levels) for levels, _ in grid.cells]
    if against is None:
        pairs = list(combinations(range(len(names)), 2))
    elif against in names:
        pairs = [(own, names.index(against)) for own in range(len(names)) if names[own] != against]
    else:
        raise FitError(f"{' and '.join(by)} has no level {against!r}. It has {', '.join(names)}.")
    contrasts = [_contrast(grid, names, pair, level, df) for pair in pairs]
    if correction == "none":
        return contrasts
    adjusted = holm([contrast.p for contrast in contrasts])
    return [
        replace(contrast, p_adjusted=p) for contrast, p in zip(contrasts, adjusted, strict=True)
    ]


def _contrast(
    grid: "_Grid", names: list[str], pair: tuple[int, int], level: float, given_df: float | None
) -> MeanContrast:
    found = grid.found
    ours, theirs = (grid.cells[index][1] for index in pair)
    linear = grid.fixed[ours].mean(axis=0) - grid.fixed[theirs].mean(axis=0)
    estimate, se, df, low, high = _interval(found, linear, level, given_df)
    statistic = estimate / se
    p = 2.0 * float(stats.norm.sf(abs(statistic)) if df is None else stats.t.sf(abs(statistic), df))
    difference = None
    if found.problem.family == "binomial":
        (one, slope), (other, other_slope) = grid.share(ours), grid.share(theirs)
        reach = _quantile(level, df)
        difference = _share(found, one - other, slope - other_slope, reach, (-1.0, 1.0))
    ratio = None
    if found.problem.family in ("binomial", "ordinal"):
        ratio = (float(np.exp(estimate)), float(np.exp(low)), float(np.exp(high)))
    return MeanContrast(
        first=names[pair[0]],
        second=names[pair[1]],
        estimate=estimate,
        se=se,
        df=df,
        low=low,
        high=high,
        statistic=statistic,
        p=p,
        p_adjusted=p,
        odds_ratio=ratio,
        risk_difference=difference,
    )


def _interval(
    found: Fit, linear: Floats, level: float, given_df: float | None
) -> tuple[float, float, float | None, float, float]:
    estimate = float(linear @ found.beta)
    se = float(np.sqrt(linear @ found.beta_covariance @ linear))
    df = given_df if found.satterthwaite is None else found.satterthwaite.degrees(linear)
    reach = se * _quantile(level, df)
    return estimate, se, df, estimate - reach, estimate + reach


def _quantile(level: float, df: float | None) -> float:
    tail = (1.0 + level) / 2.0
    return float(stats.norm.ppf(tail) if df is None else stats.t.ppf(tail, df))


def _share(
    found: Fit, value: float, slope: Floats, quantile: float, limits: tuple[float, float]
) -> Share:
    count = len(slope)
    se = float(np.sqrt(slope @ found.uncertainty[:count, :count] @ slope))
    reach = se * quantile
    return Share(value, se, max(limits[0], value - reach), min(limits[1], value + reach))


class _Grid:
    """Every combination of the levels of all factors, and the rows of each marginal mean.

    Attributes
    ----------
    fixed
        Fixed columns, (combinations, p).
    cells
        Levels of the marginal means, each with its rows.
    """

    def __init__(self, found: Fit, by: Sequence[str]) -> None:
        self.found = found
        design = found.problem.design
        fixed_variables = {name for term in design.formula.terms for name in term}
        factors = {name: own for name, own in design.variables.items() if own.levels}
        for name in by:
            if name not in factors or name not in fixed_variables:
                offered = ", ".join(sorted(set(factors) & fixed_variables)) or "none"
                raise FitError(
                    f"{name} is no factor of the fixed terms, so it has no means. "
                    f"Factors are: {offered}."
                )
        combos = list(product(*(range(len(own.levels)) for own in factors.values())))
        self.rows = len(combos)
        codes = np.array(combos, dtype=np.int64).reshape(self.rows, len(factors))
        places = dict(zip(factors, codes.T, strict=True))
        self.variables = {
            name: own.at(places[name] if own.levels else np.full(self.rows, own.values.mean()))
            for name, own in design.variables.items()
        }
        columns = design.fixed_at(self.variables, self.rows)
        self.fixed = columns[:, columns.shape[1] - found.problem.fixed.shape[1] :]
        levels = [[factors[name].levels[code] for code in places[name]] for name in by]
        rows_of: dict[tuple[str, ...], list[int]] = {}
        for row, own in enumerate(zip(*levels, strict=True)):
            rows_of.setdefault(own, []).append(row)
        self.cells = list(rows_of.items())

    def share(self, rows: list[int]) -> tuple[float, Floats]:
        """Return the mean probability of some rows, and its slope by theta and beta."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        weights = weights / weights.sum()
        spread, spread_slope = self._spread()
        eta = self.fixed[rows] @ self.found.beta
        at = expit(eta[:, None] + np.sqrt(spread[rows])[:, None] * nodes)
        density = at * (1.0 - at)
        by_eta = density @ weights
        # By Stein's identity the slope by the variance is half the mean second derivative.
        by_spread = 0.5 * (density * (1.0 - 2.0 * at)) @ weights
        slope = np.concatenate([by_spread @ spread_slope[rows], by_eta @ self.fixed[rows]])
        return float((at @ weights).mean()), slope / len(rows)

    def _spread(self) -> tuple[Floats, Floats]:
        """Return the variance of the random part of each row, and its slope by theta."""
        problem = self.found.problem
        factors = problem.covariance.factors(self.found.theta)
        variance = np.zeros(self.rows)
        slopes = np.zeros((self.rows, problem.covariance.size))
        for index, (grouping, factor) in enumerate(
            zip(problem.design.groupings, factors, strict=True)
        ):
            columns = np.hstack(
                [
                    design_columns(part.terms, self.variables, self.rows)[1]
                    for part in grouping.parts
                ]
            )
            scaled = columns @ factor
            variance += (scaled**2).sum(axis=1)
            for place, (owner, row, column) in enumerate(problem.covariance.entries):
                if owner == index:
                    slopes[:, place] = 2.0 * columns[:, row] * scaled[:, column]
        return variance, slopes
