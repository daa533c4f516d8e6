"""A fit as plain rows, and as text to read."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from analysis.errors import FitError
from analysis.estimates import p_text
from analysis.glmm.bootstrap import BootstrapTest
from analysis.glmm.fits import Coefficient, Fit
from analysis.glmm.hypotheses import TermTest, joint_tests
from analysis.glmm.margins import Share, marginal_means, mean_contrasts

_SCALES = {
    "binomial": "log odds of a success",
    "probit": "standard deviations of a normal distribution",
    "gaussian": "units of the outcome",
    "ordinal": "log odds of a higher category",
}


def as_rows(found: Fit, *, seconds: float) -> dict[str, Any]:
    """Return a fit as plain values.

    Parameters
    ----------
    seconds
        Of the whole work, reading included.
    """
    return {
        "fixed": [asdict(row) for row in found.coefficients()],
        "random": [asdict(row) for row in found.random_effects()],
        "deviance": found.deviance,
        "n": found.n,
        "groups": found.groups,
        "singular": found.singular,
        "warnings": list(found.warnings),
        "seconds": seconds,
    }


def fit_text(found: Fit) -> str:
    """Return a fit as tables to read."""
    problem = found.problem
    criterion = "REML criterion" if problem.is_reml else "deviance"
    groups = ", ".join(f"{count} {name}" for name, count in found.groups.items())
    statistic = "chi2" if found.separated else "t" if found.satterthwaite else "z"
    lines = [
        f"{problem.design.formula}",
        f"{problem.family}, {found.n} rows, {groups}; {criterion} {found.deviance:.4f}; "
        f"{found.seconds:.2f} s",
        "",
        f"Fixed effects ({_SCALES[problem.family]})",
        *_table(
            ["", "estimate", "se", statistic, "df", "p"],
            [_coefficient(row) for row in found.coefficients()],
        ),
        "",
        "Random effects (standard deviations)",
        *_table(
            ["", "", "sd"],
            [[row.group, row.term, _number(row.sd)] for row in found.random_effects()],
        ),
        *_correlation_lines(found),
        *_joint_lines(found),
        *(f"WARNING: {warning}" for warning in found.warnings),
    ]
    return "\n".join(lines)


def means_text(found: Fit, by: str) -> str:
    """Return marginal means as a table to read."""
    is_binomial = found.problem.family == "binomial"
    header = ["", "estimate", "se", "95 % interval"]
    header += ["share of successes", "95 % interval"] if is_binomial else []
    rows = [
        [
            mean.name,
            _number(mean.estimate),
            _number(mean.se),
            _range(mean.low, mean.high),
            *_share(mean.share),
        ]
        for mean in marginal_means(found, [by])
    ]
    title = f"\nMarginal means of {by} ({_SCALES[found.problem.family]})"
    title += ", and shares (%) over new people and items" if is_binomial else ""
    return "\n".join([title, *_table(header, rows)])


def contrasts_text(found: Fit, by: str, against: str | None) -> str:
    """Return differences of marginal means as a table to read."""
    header = ["", "estimate", "95 % interval", "p", "p (Holm)"]
    family = found.problem.family
    header += ["odds ratio", "95 % interval"] if family in ("binomial", "ordinal") else []
    header += ["points", "95 % interval"] if family == "binomial" else []
    rows = [
        [
            f"{own.first} - {own.second}",
            _number(own.estimate),
            _range(own.low, own.high),
            _p(own.p),
            _p(own.p_adjusted),
            *([f"{own.odds_ratio[0]:.3f}", _range(*own.odds_ratio[1:])] if own.odds_ratio else []),
            *_share(own.risk_difference),
        ]
        for own in mean_contrasts(found, [by], against=against)
    ]
    lines = ["\nDifferences (intervals not adjusted)", *_table(header, rows)]
    if found.separated:
        lines.append("  These p are Wald's, of the fit with a prior: trust the test of the term.")
    return "\n".join(lines)


def likelihood_ratio_text(test: TermTest) -> str:
    """Return a likelihood-ratio test as a line."""
    return (
        f"\nLikelihood-ratio test of {test.term}: chi2({test.numerator}) = {test.statistic:.3f}, "
        f"{p_text(test.p)}"
    )


def bootstrap_text(test: BootstrapTest) -> str:
    """Return a bootstrap test as a line."""
    failed = f"; {test.failed} more could not be fitted" if test.failed else ""
    return (
        f"By parametric bootstrap: p = {test.p:.4g} "
        f"({len(test.simulated)} simulated studies{failed})"
    )


def _correlation_lines(found: Fit) -> list[str]:
    lines = []
    for grouping in found.problem.design.groupings:
        matrix = found.correlations()[grouping.name]
        for second in range(len(matrix)):
            for first in range(second):
                if matrix[second, first] != 0:
                    pair = f"{grouping.names[first]}, {grouping.names[second]}"
                    lines.append(
                        f"  correlation by {grouping.name} of {pair}: {matrix[second, first]:.3f}"
                    )
    return lines


def _joint_lines(found: Fit) -> list[str]:
    """Return joint tests, where some term has several coefficients or an interaction."""
    terms = found.problem.design.formula.terms
    if found.separated or len(found.problem.names) <= len([term for term in terms if term]) + 1:
        return []
    try:
        tests = joint_tests(found)
    except FitError:
        return []
    rows = []
    for test in tests:
        if test.denominator is None:
            told = f"chi2({test.numerator}) = {test.statistic:.3f}"
        else:
            told = f"F({test.numerator}, {test.denominator:.1f}) = {test.statistic:.3f}"
        rows.append([test.term, told, _p(test.p)])
    return ["", "Terms (type III)", *_table(["", "", "p"], rows)]


def _coefficient(row: Coefficient) -> list[str]:
    df = "" if row.df is None else f"{row.df:.1f}"
    return [row.term, _number(row.estimate), _number(row.se), f"{row.statistic:.2f}", df, _p(row.p)]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return [
        "  "
        + "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (header, *rows)
    ]


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) >= 1000 else f"{value:.4f}"


def _p(p: float) -> str:
    return p_text(p).removeprefix("p ").removeprefix("= ")


def _range(low: float, high: float) -> str:
    return f"{low:.3f} to {high:.3f}"


def _share(share: Share | None) -> list[str]:
    if share is None:
        return []
    return [f"{100 * share.value:.1f}", f"{100 * share.low:.1f} to {100 * share.high:.1f}"]
