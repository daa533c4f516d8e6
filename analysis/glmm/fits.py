"""A fitted mixed model, and the rows it is told in."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

from analysis.glmm.coding import Floats
from analysis.glmm.factorisation import Factorisation
from analysis.glmm.linear import Satterthwaite
from analysis.glmm.problem import Problem


@dataclass(frozen=True)
class Coefficient:
    """One row of the table of fixed effects.

    Attributes
    ----------
    statistic
        z, or t where `df` is given; where answers are separated the likelihood-ratio chi-squared,
        with one degree of freedom.
    """

    term: str
    estimate: float
    se: float
    statistic: float
    df: float | None
    p: float


@dataclass(frozen=True)
class RandomEffect:
    """The standard deviation of one random effect between the groups of a grouping."""

    group: str
    term: str
    sd: float


@dataclass(frozen=True)
class Fit:
    """A fitted mixed model.

    Attributes
    ----------
    theta
        Relative factors of the random effects' covariance, see `Covariance`.
    beta
        Fixed effects, in the order of `problem.names`.
    thresholds
        Of an ordinal outcome: log odds of each lower category at a linear predictor of zero.
    sigma
        Residual standard deviation; 1 unless gaussian.
    uncertainty
        Covariance of (theta, beta, thresholds): the inverse observed information, twice the inverse
        second derivatives of the deviance by all of them (R's `vcov(..., use.hessian = TRUE)`);
        zero for scales that are zero. Gaussian: zero but for beta, sigma^2 (X'V^-1 X)^-1, as
        R's `vcov`.
    deviance
        Minus twice the maximised log likelihood, or the REML criterion. Where answers are separated
        that of the fit without prior.
    modes
        Standardised random effects u at their modes.
    singular
        Some variance is zero, or some correlation is 1 or -1.
    separated
        Some estimate is infinite: `beta` and `theta` come from a fit with a normal prior.
    likelihood_ratios
        Where answers are separated: of each coefficient, in place of its Wald statistic.
    """

    problem: Problem
    theta: Floats
    beta: Floats
    thresholds: Floats
    sigma: float
    uncertainty: Floats
    deviance: float
    modes: Floats
    singular: bool
    separated: bool
    likelihood_ratios: Floats
    satterthwaite: Satterthwaite | None
    warnings: tuple[str, ...]
    seconds: float

    @property
    def n(self) -> int:
        """Return the number of rows."""
        return self.problem.design.rows

    @property
    def groups(self) -> dict[str, int]:
        """Return the number of groups by grouping."""
        return {own.name: len(own.levels) for own in self.problem.design.groupings}

    @property
    def parameter_count(self) -> int:
        """Return the number of estimated parameters, as for a likelihood-ratio test."""
        is_gaussian = self.problem.family == "gaussian"
        return len(self.theta) + len(self.beta) + len(self.thresholds) + is_gaussian

    @property
    def beta_covariance(self) -> Floats:
        """Return the covariance of the fixed effects, (p, p)."""
        own = slice(len(self.theta), len(self.theta) + len(self.beta))
        return self.uncertainty[own, own]

    def coefficients(self) -> list[Coefficient]:
        """Return the table of fixed effects; thresholds last, named by their categories."""
        names = list(self.problem.names)
        categories = self.problem.outcome.categories
        names += [f"{low}|{high}" for low, high in pairwise(categories)]
        estimates = np.concatenate([self.beta, self.thresholds])
        errors = np.sqrt(np.diag(self.uncertainty)[len(self.theta) :])
        return [
            self._coefficient(index, name, float(estimate), float(error))
            for index, (name, estimate, error) in enumerate(
                zip(names, estimates, errors, strict=True)
            )
        ]

    def _coefficient(self, index: int, name: str, estimate: float, se: float) -> Coefficient:
        if self.separated and index < len(self.beta):
            chi_squared = float(self.likelihood_ratios[index])
            p = float(stats.chi2.sf(chi_squared, 1))
            return Coefficient(name, estimate, se, chi_squared, 1.0, p)
        statistic = estimate / se if se > 0 else np.nan
        if self.satterthwaite is None:
            p = float(2 * stats.norm.sf(abs(statistic)))
            return Coefficient(name, estimate, se, statistic, None, p)
        df = self.satterthwaite.degrees(np.eye(len(self.beta))[index])
        p = float(2 * stats.t.sf(abs(statistic), df))
        return Coefficient(name, estimate, se, statistic, df, p)

    def random_effects(self) -> list[RandomEffect]:
        """Return standard deviations by grouping; the residual last, where there is one."""
        found = []
        factors = self.problem.covariance.factors(self.theta)
        for grouping, factor in zip(self.problem.design.groupings, factors, strict=True):
            sds = self.sigma * np.sqrt((factor**2).sum(axis=1))
            found += [
                RandomEffect(grouping.name, name, float(sd))
                for name, sd in zip(grouping.names, sds, strict=True)
            ]
        if self.problem.family == "gaussian":
            found.append(RandomEffect("Residual", "", self.sigma))
        return found

    def correlations(self) -> dict[str, Floats]:
        """Return the correlations of the effects of each grouping, (K, K); NaN beside zeros."""
        found = {}
        factors = self.problem.covariance.factors(self.theta)
        for grouping, factor in zip(self.problem.design.groupings, factors, strict=True):
            sds = np.sqrt((factor**2).sum(axis=1))
            with np.errstate(invalid="ignore", divide="ignore"):
                found[grouping.name] = (factor @ factor.T) / np.outer(sds, sds)
        return found

    def conditional_modes(self) -> dict[str, pd.DataFrame]:
        """Return the predicted effects of every group, as R's `ranef`."""
        structure = self.problem.structure
        effects = self.sigma * structure.scaled(
            self.modes, self.problem.covariance.factors(self.theta)
        )
        return {
            own.name: pd.DataFrame(values, index=list(own.levels), columns=list(own.names))
            for own, values in zip(
                self.problem.design.groupings, structure.by_group(effects), strict=True
            )
        }

    def conditional_sds(self) -> dict[str, pd.DataFrame]:
        """Return the standard deviations of the effects of every group given the data.

        They take the estimated parameters for the true ones, as the roots of R's `condVar`.
        """
        factored, _ = self._factored()
        found = {}
        for own, factor, block in zip(
            self.problem.design.groupings,
            factored.factors,
            factored.inverse_blocks(),
            strict=False,
        ):
            variances = np.einsum("ab,lbc,ac->la", factor, block, factor)
            found[own.name] = pd.DataFrame(
                self.sigma * np.sqrt(variances), index=list(own.levels), columns=list(own.names)
            )
        return found

    def total_sds(self, grouping: str, term: str) -> "pd.Series[float]":
        """Return standard deviations of a fixed effect and a group's own, summed, by group.

        With A over the random effects u, B = Lambda' Z'WX and a group's effect k'u,

            Var(c'beta + k'u) = sigma^2 k'A^-1 k + d'V d,    d = c - B'A^-1 k,

        where V is the covariance of beta: who doesn't know the mean effect doesn't know a group's.
        The scales of the random effects are taken for true.

        Parameters
        ----------
        grouping
            With an effect of `term` of its own.
        term
            Among the fixed effects, too.
        """
        problem = self.problem
        structure = problem.structure
        factored, weight = self._factored()
        weighted = structure.random_columns.T @ (weight[:, None] * problem.fixed)
        border = structure.scaled_back(weighted, factored.factors)
        groupings = problem.design.groupings
        index = [own.name for own in groupings].index(grouping)
        own = groupings[index]
        row = factored.factors[index][own.names.index(term)]
        solved = np.stack(
            [structure.by_group(column)[index] @ row for column in factored.solve(border).T], axis=1
        )
        away = np.eye(len(self.beta))[problem.names.index(term)] - solved
        of_mean = np.einsum("lp,pq,lq->l", away, self.beta_covariance, away)
        of_group = self.conditional_sds()[grouping][term].to_numpy() ** 2
        return pd.Series(np.sqrt(of_group + of_mean), index=list(own.levels))

    def _factored(self) -> tuple[Factorisation, Floats]:
        """Return A at the estimates, factored, and the weights W of its rows."""
        problem = self.problem
        structure = problem.structure
        factors = problem.covariance.factors(self.theta)
        weight = np.ones(self.n)
        if problem.family != "gaussian":
            random = structure.random_columns @ structure.scaled(self.modes, factors)
            eta = problem.fixed @ self.beta + random
            weight = problem.distribution.at(eta, self.thresholds).weight
        return Factorisation(structure, structure.products(weight), factors), weight
