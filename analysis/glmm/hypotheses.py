"""Tests of whole terms: likelihood ratios between fits, and joint tests within one."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import linalg, stats

from analysis.errors import FitError
from analysis.glmm.coding import Floats, design_columns
from analysis.glmm.fits import Fit
from analysis.glmm.fitting import maximum_deviance
from analysis.glmm.formula import Term


@dataclass(frozen=True)
class TermTest:
    """A test of one or more coefficients at once.

    Attributes
    ----------
    statistic
        F where `denominator` is given, else chi-squared.
    numerator, denominator
        Degrees of freedom.
    """

    term: str
    statistic: float
    numerator: int
    denominator: float | None
    p: float


def likelihood_ratio(larger: Fit, smaller: Fit) -> TermTest:
    """Test what one model has and another has not, by twice the difference of log likelihoods.

    The reference is chi-squared with the difference of the numbers of parameters. With few groups
    it is too liberal for fixed effects (see `bootstrap.bootstrap_test`), and conservative for
    variances, whose zero lies on the border of what is possible (Self & Liang 1987).

    Parameters
    ----------
    larger, smaller
        Of the same rows and outcome, the terms of one among those of the other. Gaussian: both by
        maximum likelihood.

    Raises
    ------
    FitError
        When the two can't be compared.
    """
    check_nested(larger, smaller)
    df = larger.parameter_count - smaller.parameter_count
    chi_squared = max(0.0, smaller.deviance - larger.deviance)
    more = [term for term in larger.problem.design.formula.terms if not _has(smaller, term)]
    name = ", ".join(":".join(term) or "1" for term in more) or "random part"
    return TermTest(name, chi_squared, df, None, float(stats.chi2.sf(chi_squared, df)))


def combination_ratio(found: Fit, contrasts: Floats) -> TermTest:
    """Test that some combinations of the fixed effects are all zero, by a likelihood ratio.

    The fixed columns are turned into those that satisfy contrasts @ beta = 0, and fitted again with
    the same random effects.

    Parameters
    ----------
    found
        Not gaussian. Of separated answers, the deviance without prior counts.
    contrasts
        (k, p), of full rank.

    Raises
    ------
    FitError
        When the fit is gaussian: REML criteria of different fixed terms can't be compared.
    """
    problem = found.problem
    if problem.family == "gaussian":
        raise FitError("A gaussian fit has F tests: see `joint_tests`.")
    basis = linalg.null_space(contrasts)
    names = tuple(f"combination {place}" for place in range(basis.shape[1]))
    smaller = maximum_deviance(replace(problem, fixed=problem.fixed @ basis, names=names))
    chi_squared = max(0.0, smaller - found.deviance)
    count = len(contrasts)
    return TermTest(
        "combinations", chi_squared, count, None, float(stats.chi2.sf(chi_squared, count))
    )


def check_nested(larger: Fit, smaller: Fit) -> None:
    """Refuse fits whose likelihoods can't be compared.

    Raises
    ------
    FitError
        When rows, outcome or family differ, REML was used, or one isn't part of the other.
    """
    ours, theirs = larger.problem, smaller.problem
    if ours.family != theirs.family:
        raise FitError(f"A {ours.family} fit can't be compared with a {theirs.family} one.")
    if ours.design.rows != theirs.design.rows or not np.array_equal(
        ours.outcome.values, theirs.outcome.values
    ):
        raise FitError(
            f"The fits are of different rows ({ours.design.rows} and {theirs.design.rows}). "
            "Leave out rows with missing values before both."
        )
    if ours.is_reml or theirs.is_reml:
        raise FitError("REML criteria of different fixed terms can't be compared: fit by ML.")
    basis, wanted = (own / np.linalg.norm(own, axis=0) for own in (ours.fixed, theirs.fixed))
    spanned = basis @ np.linalg.lstsq(basis, wanted, rcond=None)[0]
    if (
        not np.allclose(spanned, wanted, atol=1e-6)
        or larger.parameter_count <= smaller.parameter_count
    ):
        raise FitError(f"{theirs.design.formula} is no part of {ours.design.formula}.")


def _has(found: Fit, term: Term) -> bool:
    return any(set(own) == set(term) for own in found.problem.design.formula.terms)


def joint_tests(found: Fit) -> list[TermTest]:
    """Test each fixed term at the mean of the levels of all others (type III).

    The coefficients that sum coding would give are linear combinations of those of the fit; the
    test is that those of a term are all zero, whatever coding was used. Gaussian: F with
    Satterthwaite's degrees of freedom (see `linear.Satterthwaite`). Else: Wald's chi-squared.

    Raises
    ------
    FitError
        When columns were left out because others determine them: such terms have no such test.
    """
    design = found.problem.design
    variables = {
        name: replace(variable, is_sum_coded=True) for name, variable in design.variables.items()
    }
    terms = design.formula.terms
    _, columns, term_of = design_columns(terms, variables, design.rows)
    if columns.shape[1] != design.fixed.shape[1]:
        raise FitError("Some fixed columns were left out: terms can't be tested jointly.")
    turned = np.linalg.lstsq(columns, design.fixed, rcond=None)[0]
    lacking = design.fixed.shape[1] - found.problem.fixed.shape[1]
    return [
        _joint_test(found, ":".join(term), turned[term_of == place][:, lacking:])
        for place, term in enumerate(terms)
        if term
    ]


def _joint_test(found: Fit, name: str, contrasts: Floats) -> TermTest:
    if found.satterthwaite is not None:
        f, denominator, p = found.satterthwaite.f_test(contrasts, found.beta)
        return TermTest(name, f, len(contrasts), denominator, p)
    estimate = contrasts @ found.beta
    covariance = contrasts @ found.beta_covariance @ contrasts.T
    chi_squared = float(estimate @ np.linalg.solve(covariance, estimate))
    p = float(stats.chi2.sf(chi_squared, len(contrasts)))
    return TermTest(name, chi_squared, len(contrasts), None, p)
