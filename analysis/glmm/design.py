"""A formula and a table, joined to the matrices of a model."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import FitError
from analysis.glmm.coding import (
    Coding,
    Floats,
    Integers,
    Variable,
    design_columns,
    level_codes,
    read_variable,
)
from analysis.glmm.formula import Formula, RandomPart, column_of

# A column that is this much shorter once the columns before it are taken out depends on them.
_DEPENDENT = 1e-7


@dataclass(frozen=True)
class Grouping:
    """All random effects of one grouping factor.

    Attributes
    ----------
    levels
        Names of the groups.
    codes
        The group of each row.
    columns
        (rows, K): what is multiplied with the K effects of the row's group.
    names
        Of the columns.
    blocks
        Which columns covary: the sizes of consecutive blocks.
    """

    name: str
    levels: tuple[str, ...]
    codes: Integers
    columns: Floats
    names: tuple[str, ...]
    blocks: tuple[int, ...]
    parts: tuple[RandomPart, ...]

    @property
    def width(self) -> int:
        """Return the number of effects of one group."""
        return int(self.columns.shape[1])


@dataclass(frozen=True)
class Design:
    """The matrices of a model.

    Attributes
    ----------
    table
        The rows without missing values.
    variables
        Of the fixed and random terms, by name.
    fixed
        (rows, p); columns that depend on earlier ones are left out.
    names, term_of
        Of the columns of `fixed`; `term_of` is the place in `formula.terms`.
    kept
        Which of all columns of the fixed terms `fixed` holds.
    groupings
        The one with the most random effects first.
    warnings
        What was left out, and what can't be told apart.
    """

    formula: Formula
    table: pd.DataFrame
    variables: Mapping[str, Variable]
    fixed: Floats
    names: tuple[str, ...]
    term_of: Integers
    kept: Integers
    groupings: tuple[Grouping, ...]
    warnings: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return len(self.table)

    def fixed_at(self, variables: Mapping[str, Variable], rows: int) -> Floats:
        """Return the fixed columns in other rows."""
        _, columns, _ = design_columns(self.formula.terms, variables, rows)
        return columns[:, self.kept]


def build_design(formula: Formula, table: pd.DataFrame, coding: Coding) -> Design:
    """Build the matrices of a formula.

    Parameters
    ----------
    table
        One row a trial. Rows with a missing value in a column of the formula are left out, and
        a warning counts them.

    Raises
    ------
    FitError
        When a column is missing, nothing is left, or a factor or grouping has one level.
    """
    names = _variables_of(formula)
    table, warnings = _complete_rows(formula, table, names, coding)
    variables = {name: read_variable(table, name, coding) for name in names}
    all_names, columns, term_of = design_columns(formula.terms, variables, len(table))
    kept = _independent(columns)
    if len(kept) < len(all_names):
        dependent = [name for index, name in enumerate(all_names) if index not in set(kept)]
        warnings.append(
            f"Left out of the fixed terms, because other columns determine them: "
            f"{', '.join(dependent)}."
        )
    groupings = _groupings(formula, table, variables, warnings)
    return Design(
        formula=formula,
        table=table,
        variables=variables,
        fixed=np.ascontiguousarray(columns[:, kept]),
        names=tuple(all_names[index] for index in kept),
        term_of=term_of[kept],
        kept=kept,
        groupings=groupings,
        warnings=tuple(warnings),
    )


def _variables_of(formula: Formula) -> list[str]:
    terms = [*formula.terms, *(term for part in formula.random for term in part.terms)]
    return list(dict.fromkeys(name for term in terms for name in term))


def _complete_rows(
    formula: Formula, table: pd.DataFrame, variables: list[str], coding: Coding
) -> tuple[pd.DataFrame, list[str]]:
    columns = [column_of(name) for name in (*formula.outcome, *variables)]
    columns += [name for part in formula.random for name in part.group]
    columns = list(dict.fromkeys(columns))
    for name in [*columns, *sorted(coding.columns())]:
        if name not in table.columns:
            known = ", ".join(map(str, table.columns))
            raise FitError(f"The table has no column {name}. It has {known}.")
    if table.empty:
        raise FitError("The table has no rows.")
    complete = table[columns].notna().all(axis=1).to_numpy()
    if complete.all():
        return table[columns].reset_index(drop=True), []
    lacking = table.columns[table.isna().any()].intersection(columns)
    left_out = int((~complete).sum())
    if not complete.any():
        raise FitError(f"Every row lacks a value in {', '.join(lacking)}: nothing can be fitted.")
    warning = f"{left_out} of {len(table)} rows lack a value in {', '.join(lacking)}: left out."
    return table.loc[complete, columns].reset_index(drop=True), [warning]


def _independent(columns: Floats) -> Integers:
    """Return the columns that no earlier ones determine, by Gram and Schmidt, twice."""
    basis = np.empty((len(columns), 0))
    kept = []
    for index, column in enumerate(columns.T):
        rest = column.copy()
        for _ in range(2):
            rest -= basis @ (basis.T @ rest)
        length = float(np.linalg.norm(rest))
        if length > _DEPENDENT * float(np.linalg.norm(column)):
            kept.append(index)
            basis = np.column_stack([basis, rest / length])
    return np.array(kept, dtype=np.int64)


def _groupings(
    formula: Formula,
    table: pd.DataFrame,
    variables: Mapping[str, Variable],
    warnings: list[str],
) -> tuple[Grouping, ...]:
    parts: dict[frozenset[str], list[RandomPart]] = {}
    for part in formula.random:
        parts.setdefault(frozenset(part.group), []).append(part)
    found = [_grouping(table, variables, own, warnings) for own in parts.values()]
    return tuple(sorted(found, key=lambda own: -len(own.levels) * own.width))


def _grouping(
    table: pd.DataFrame,
    variables: Mapping[str, Variable],
    parts: list[RandomPart],
    warnings: list[str],
) -> Grouping:
    group = parts[0].group
    codes, levels = _group_codes(table, group)
    name = ":".join(group)
    if len(levels) < 2:
        raise FitError(
            f"Grouping {name} has one level only ({levels[0]}): nothing varies between its "
            "groups. Leave its random part out."
        )
    names: list[str] = []
    columns: list[Floats] = []
    blocks: list[int] = []
    for part in parts:
        own_names, own, _ = design_columns(part.terms, variables, len(table))
        repeated = set(own_names) & set(names)
        if repeated:
            raise FitError(
                f"{name} has two random effects of {', '.join(sorted(repeated))}. "
                f"Write (0 + … | {name}) for a part without intercept."
            )
        names += own_names
        columns.append(own)
        blocks += [len(own_names)] if part.is_correlated else [1] * len(own_names)
    grouping = Grouping(
        name, levels, codes, np.hstack(columns), tuple(names), tuple(blocks), tuple(parts)
    )
    warnings += _constant_slopes(grouping)
    return grouping


def _group_codes(table: pd.DataFrame, group: tuple[str, ...]) -> tuple[Integers, tuple[str, ...]]:
    codes, levels = level_codes(table[group[0]])
    for column in group[1:]:
        inner, inner_levels = level_codes(table[column])
        pairs, codes = np.unique(codes * len(inner_levels) + inner, return_inverse=True)
        outer_of, inner_of = np.divmod(pairs, len(inner_levels))
        levels = [
            f"{levels[ours]}:{inner_levels[theirs]}"
            for ours, theirs in zip(outer_of, inner_of, strict=True)
        ]
    return codes, tuple(levels)


def _constant_slopes(grouping: Grouping) -> list[str]:
    """Warn of slopes whose variable never changes within a group: nothing identifies them."""
    told = []
    first = np.zeros(len(grouping.levels), dtype=np.int64)
    first[grouping.codes[::-1]] = np.arange(len(grouping.codes))[::-1]
    for name, column in zip(grouping.names, grouping.columns.T, strict=True):
        if np.ptp(column) > 0 and np.array_equal(column, column[first[grouping.codes]]):
            told.append(
                f"{name} never changes within a level of {grouping.name}, so that a slope by "
                f"{grouping.name} can't be told from its intercept."
            )
    return told
