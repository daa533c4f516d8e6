"""`python -m analysis fit`."""

import argparse
import json
import math
import sys
import time
from pathlib import Path

import pandas as pd

from analysis.errors import FitError
from analysis.glmm.bootstrap import BootstrapTest, bootstrap_test
from analysis.glmm.coding import Coding
from analysis.glmm.fits import Fit
from analysis.glmm.fitting import fit
from analysis.glmm.formula import Formula, parse_formula
from analysis.glmm.hypotheses import likelihood_ratio
from analysis.glmm.tables import (
    as_rows,
    bootstrap_text,
    contrasts_text,
    fit_text,
    likelihood_ratio_text,
    means_text,
)
from analysis.load import load_study
from analysis.population import analysed_trials
from analysis.report.interim import require_uncovered
from analysis.tidy_table import read_file

_DESCRIPTION = """\
Fit a mixed model to a table of one row a trial, with participants and pictures as crossed random
effects.

families
  binomial   right or wrong (0/1, true/false), or counts: cbind(right, wrong). Logistic, by the
             Laplace approximation; estimates are log odds, tests are Wald's z.
  probit     right or wrong, or yes or no, on the scale of d' and c. Otherwise as binomial.
  gaussian   a measurement such as log(rt). REML, t tests with Satterthwaite's degrees of freedom.
  ordinal    three or more ordered categories such as confidence. Cumulative logits, by Laplace.

formulas (the notation of lme4)
  correct ~ condition + (1 | participant) + (1 | item)
  correct ~ condition * phase + (1 | participant) + (1 + condition || item)
  (1 | a)   an intercept for each a            (1 | a/b)       for each a, and for each b within a
  (1 + x | a)   with slopes that covary        (1 + x || a)    with slopes that don't
  a * b     is a + b + a:b                     0 + a           without intercept
Give items a slope of the condition when the same items appear in several conditions, and people
one when they see several conditions: without them such a test can be wrong in a quarter of studies.
"""

_EXAMPLES = """\
examples:
  python -m analysis fit --table trials.csv \\
    --formula "correct ~ condition + (1|participant) + (1|item)" --reference condition=none
  python -m analysis fit --table var/exports/gulls-demo \\
    --formula "correct ~ arm + (1|participant) + (1|stimulus)" --reference arm=none
  python -m analysis fit --table trials.csv --family gaussian \\
    --formula "log(rt) ~ condition + (1|participant) + (1|item)"
  python -m analysis fit --table trials.csv --family ordinal --order low,middle,high \\
    --formula "confidence ~ condition + (1|participant) + (1|item)"
  python -m analysis fit --table trials.csv \\
    --formula "correct ~ condition + (1|participant) + (1|item)" \\
    --means condition --against none --drop condition --bootstrap 999 --seed 1
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the sub-command."""
    parser = commands.add_parser(
        "fit",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--table",
        type=Path,
        required=True,
        help="a CSV or Parquet file, or an export folder (the trials that its plan analyses)",
    )
    parser.add_argument("--formula", required=True, help="see above")
    parser.add_argument(
        "--family", choices=["binomial", "probit", "gaussian", "ordinal"], default="binomial"
    )
    parser.add_argument(
        "--reference",
        action="append",
        default=[],
        metavar="COLUMN=LEVEL",
        help="the level that others are compared with (default: the first in order)",
    )
    parser.add_argument(
        "--sum",
        action="append",
        default=[],
        metavar="COLUMN",
        help="code by sums, so that the intercept is the mean of the levels",
    )
    parser.add_argument(
        "--factor",
        action="append",
        default=[],
        metavar="COLUMN",
        help="numbers in this column are names of categories",
    )
    parser.add_argument("--order", metavar="LOW,…,HIGH", help="of an ordinal outcome's categories")
    parser.add_argument("--ml", action="store_true", help="gaussian: maximum likelihood, not REML")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print one JSON object: fixed, random, deviance (minus twice the log likelihood, or "
        "the REML criterion), n, groups, singular, warnings, seconds",
    )
    also = parser.add_argument_group("more, in the readable output")
    also.add_argument(
        "--means",
        metavar="COLUMN",
        help="marginal means, and differences in log odds and in percentage points, Holm's p",
    )
    also.add_argument("--against", metavar="LEVEL", help="compare with this level, not all pairs")
    also.add_argument("--drop", metavar="TERM", help="likelihood-ratio test of this fixed term")
    also.add_argument(
        "--bootstrap", type=int, metavar="N", help="the same test by N simulated studies"
    )
    also.add_argument("--seed", type=int, default=0, help="of the bootstrap")
    also.add_argument("--workers", type=int, default=1, help="processes of the bootstrap")


def run(args: argparse.Namespace) -> int:
    """Fit, and print the fit."""
    _check(args)
    began = time.perf_counter()
    table = _read(args.table, parse_formula(args.formula))
    found = _fit(args, table, args.formula, is_reml=not args.ml)
    if args.json:
        rows = as_rows(found, seconds=time.perf_counter() - began)
        print(json.dumps(_finite(rows), ensure_ascii=False, allow_nan=False))
        return 0
    print(fit_text(found))
    if args.means:
        print(means_text(found, args.means))
        print(contrasts_text(found, args.means, args.against))
    if args.drop:
        _print_test(args, table, found)
    return 0


def _check(args: argparse.Namespace) -> None:
    if args.json and (args.means or args.drop):
        raise FitError("--json prints the fit alone: leave --means and --drop out.")
    if args.bootstrap is not None and (not args.drop or args.bootstrap < 1):
        raise FitError("--bootstrap N needs --drop TERM and at least one simulated study.")
    if args.against and not args.means:
        raise FitError("--against LEVEL needs --means COLUMN.")


def _read(path: Path, formula: Formula) -> pd.DataFrame:
    if path.is_dir():
        study = load_study(path)
        require_uncovered(path, study)
        return analysed_trials(study)
    return read_file(path, as_text=formula.names_of_groups())


def _fit(
    args: argparse.Namespace, table: pd.DataFrame, formula: str | Formula, *, is_reml: bool
) -> Fit:
    references = {}
    for text in args.reference:
        column, equals, level = text.partition("=")
        if not equals:
            raise FitError(f"--reference {text}: write COLUMN=LEVEL.")
        references[column] = level
    return fit(
        formula,
        table,
        args.family,
        coding=Coding(references, tuple(args.sum), tuple(args.factor)),
        order=args.order.split(",") if args.order else None,
        is_reml=is_reml,
    )


def _print_test(args: argparse.Namespace, table: pd.DataFrame, found: Fit) -> None:
    if found.problem.is_reml:
        found = _fit(args, table, found.problem.design.formula, is_reml=False)
    smaller_formula = found.problem.design.formula.without(tuple(args.drop.split(":")))
    smaller = _fit(args, found.problem.design.table, smaller_formula, is_reml=False)
    print(likelihood_ratio_text(likelihood_ratio(found, smaller)))
    if args.bootstrap:
        print(bootstrap_text(_bootstrap(args, found, smaller)))


def _bootstrap(args: argparse.Namespace, found: Fit, smaller: Fit) -> BootstrapTest:
    def show(done: int, asked: int) -> None:
        if sys.stderr.isatty():
            end = "\n" if done == asked else ""
            print(f"\rsimulated studies: {done} of {asked}", end=end, file=sys.stderr, flush=True)

    return bootstrap_test(
        found,
        smaller,
        simulations=args.bootstrap,
        seed=args.seed,
        progress=show,
        workers=args.workers,
    )


def _finite(value: object) -> object:
    """Put None in the place of what JSON has no word for."""
    if isinstance(value, dict):
        return {key: _finite(own) for key, own in value.items()}
    if isinstance(value, list):
        return [_finite(own) for own in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
