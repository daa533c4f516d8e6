"""A formula, a table and a family, joined to what can be fitted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.errors import FitError, FormulaError
from analysis.glmm.coding import Coding, Floats
from analysis.glmm.covariance import Covariance
from analysis.glmm.design import Design, build_design
from analysis.glmm.families import Binomial, CumulativeLogit, Family
from analysis.glmm.formula import Formula, parse_formula
from analysis.glmm.outcomes import FamilyName, Outcome, read_outcome
from analysis.glmm.probit import Probit
from analysis.glmm.structure import Structure

# Effects of all groupings but the largest: their matrix is dense.
_LARGEST_REST = 12_000


@dataclass(frozen=True)
class Problem:
    """What is to be fitted: matrices and an outcome, and no answer yet.

    Attributes
    ----------
    fixed, names
        Columns with an estimate; without the intercept where thresholds take its place.
    is_reml
        Only gaussian: restricted maximum likelihood.
    """

    design: Design
    family: FamilyName
    outcome: Outcome
    structure: Structure
    covariance: Covariance
    fixed: Floats
    names: tuple[str, ...]
    is_reml: bool

    @property
    def distribution(self) -> Family:
        """Return the distribution of an outcome that isn't gaussian."""
        if self.family == "ordinal":
            return CumulativeLogit(
                self.outcome.values.astype(np.int64), len(self.outcome.categories)
            )
        if self.family == "probit":
            return Probit(self.outcome.values)
        return Binomial(self.outcome.values, self.outcome.trials)

    def without(self, column: int) -> "Problem":
        """Return the problem without one fixed column."""
        names = self.names[:column] + self.names[column + 1 :]
        return replace(self, fixed=np.delete(self.fixed, column, axis=1), names=names)


def prepare(
    formula: str | Formula,
    table: pd.DataFrame,
    family: FamilyName = "binomial",
    *,
    coding: Coding | None = None,
    order: Sequence[str] | None = None,
    is_reml: bool = True,
) -> Problem:
    """Build what `solve` fits; see `fit`."""
    parsed = parse_formula(formula) if isinstance(formula, str) else formula
    if not parsed.random:
        raise FormulaError(
            f"Formula “{parsed}” has no random part. Add one, such as (1 | participant)."
        )
    design = build_design(parsed, table, coding or Coding())
    outcome = read_outcome(parsed, design.table, family, order)
    fixed, names = design.fixed, design.names
    if family == "ordinal":
        if () not in parsed.terms:
            raise FormulaError(
                f"Formula “{parsed}”: thresholds take the intercept's place in the family ordinal. "
                "Leave the 0 out."
            )
        fixed, names = fixed[:, 1:], names[1:]
    _check_groupings(design, outcome, family)
    return Problem(
        design=design,
        family=family,
        outcome=outcome,
        structure=Structure(design.groupings),
        covariance=Covariance(design.groupings),
        fixed=fixed,
        names=names,
        is_reml=is_reml and family == "gaussian",
    )


def _check_groupings(design: Design, outcome: Outcome, family: FamilyName) -> None:
    others = sum(len(own.levels) * own.width for own in design.groupings[1:])
    if others > _LARGEST_REST:
        raise FitError(
            f"The groupings beside {design.groupings[0].name} have {others} random effects, and "
            f"more than {_LARGEST_REST} need too much memory."
        )
    for grouping in design.groupings:
        if len(grouping.levels) == design.rows and outcome.trials.max() <= 1:
            raise FitError(
                f"Grouping {grouping.name} has a level of its own for every row: its variance "
                f"can't be told from {'the residual' if family == 'gaussian' else 'chance'}."
            )
    if design.rows <= design.fixed.shape[1] + 1:
        raise FitError(f"{design.rows} rows are too few for {design.fixed.shape[1]} fixed effects.")
