"""From columns of a table to columns of a design matrix.

A numeric column is a number; any other column is a factor, coded in one of two ways:

* treatment: one column a level but the reference, 1 in that level;
* sum: the same columns, with -1 in the reference, so that the intercept is the mean of the levels.

Where the terms leave out a factor's margin (`0 + condition`, `age:condition` without `age`), the
factor gets a column for every level, by the rule of Chambers & Hastie (1992, section 2.4.1).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import FitError
from analysis.glmm.formula import Term, column_of

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Coding:
    """How the columns of a table are read.

    Attributes
    ----------
    reference
        Reference level by column; the default is the first level in order.
    sum_coded
        Columns with sum coding in place of treatment coding.
    factors
        Columns of numbers that are names of categories.
    """

    reference: Mapping[str, str] = field(default_factory=dict)
    sum_coded: Collection[str] = ()
    factors: Collection[str] = ()

    def columns(self) -> set[str]:
        """Return every column that is spoken of."""
        return {*self.reference, *self.sum_coded, *self.factors}


@dataclass(frozen=True)
class Variable:
    """One variable of the fixed or random terms.

    Attributes
    ----------
    levels
        Of a factor, the reference first; empty for numbers.
    values
        Numbers, or the places of the rows' levels in `levels`.
    """

    name: str
    levels: tuple[str, ...]
    values: npt.NDArray[Any]
    is_sum_coded: bool = False

    def at(self, values: npt.NDArray[Any]) -> "Variable":
        """Return the variable in other rows."""
        return replace(self, values=values)

    def columns(self, *, is_full: bool) -> tuple[list[str], Floats]:
        """Return the names and the design columns, (rows, columns)."""
        if not self.levels:
            return [self.name], np.asarray(self.values, dtype=np.float64)[:, None]
        identity = np.eye(len(self.levels))
        if is_full:
            return [self.name + level for level in self.levels], identity[self.values]
        contrasts = identity[:, 1:].copy()
        if self.is_sum_coded:
            contrasts[0] = -1.0
        return [self.name + level for level in self.levels[1:]], contrasts[self.values]


def read_variable(table: pd.DataFrame, name: str, coding: Coding) -> Variable:
    """Read one variable, `column` or `log(column)`, from a table without missing values.

    Raises
    ------
    FitError
        When a factor has one level, the reference is no level, or a logarithm isn't finite.
    """
    column = column_of(name)
    cells = table[column]
    if column == name and (column in coding.factors or not _is_numeric(cells)):
        return _read_factor(cells, name, coding)
    if not _is_numeric(cells):
        raise FitError(f"Column {column} holds no numbers, so {name} can't be computed.")
    for option, columns in (("a reference level", coding.reference), ("a sum", coding.sum_coded)):
        if column in columns:
            raise FitError(
                f"Column {column} holds numbers and can't be coded with {option}. "
                "Say that it is a factor."
            )
    values = cells.to_numpy(np.float64)
    if column == name:
        return Variable(name, (), values)
    if values.min() <= 0:
        raise FitError(f"Column {column} holds {values.min():g}: {name} needs positive numbers.")
    return Variable(name, (), np.log(values))


def level_codes(cells: "pd.Series[Any]") -> tuple[Integers, list[str]]:
    """Return the place of each cell's level, and the levels in order."""
    codes, uniques = pd.factorize(cells, sort=True)
    names = [f"{own:g}" if isinstance(own, float) else str(own) for own in uniques]
    return codes.astype(np.int64), names


def _is_numeric(cells: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells)


def _read_factor(cells: "pd.Series[Any]", name: str, coding: Coding) -> Variable:
    codes, levels = level_codes(cells)
    if len(levels) == 1:
        raise FitError(
            f"Column {name} has one level only ({levels[0]}), so it can't predict anything. "
            "Leave it out of the formula, or look at which rows the table holds."
        )
    reference = str(coding.reference.get(name, levels[0]))
    if reference not in levels:
        raise FitError(
            f"Column {name} has no level {reference!r} to be the reference. "
            f"It has {', '.join(levels)}."
        )
    order = [levels.index(reference), *(i for i, lev in enumerate(levels) if lev != reference)]
    place = np.empty(len(levels), dtype=np.int64)
    place[order] = np.arange(len(levels))
    return Variable(
        name, tuple(levels[index] for index in order), place[codes], name in coding.sum_coded
    )


def design_columns(
    terms: tuple[Term, ...], variables: Mapping[str, Variable], rows: int
) -> tuple[list[str], Floats, Integers]:
    """Return the design matrix of some terms.

    Parameters
    ----------
    terms
        The empty term is the intercept.
    variables
        By name, all of `rows` rows.

    Returns
    -------
    names
        Of the columns, as R names them: `conditionheatmap`, `conditionheatmap:phaselate`.
    columns
        (rows, columns).
    term_of
        Index into `terms` by column.
    """
    names: list[str] = []
    blocks: list[Floats] = []
    term_of: list[int] = []
    is_full = _full_factors(terms, variables)
    for index, term in enumerate(terms):
        own_names, own = _term_columns(term, variables, is_full[index], rows)
        names += own_names
        blocks.append(own)
        term_of += [index] * len(own_names)
    columns = np.hstack(blocks) if blocks else np.empty((rows, 0))
    return names, columns, np.array(term_of, dtype=np.int64)


def _full_factors(
    terms: tuple[Term, ...], variables: Mapping[str, Variable]
) -> list[dict[str, bool]]:
    """Say for each factor of each term whether it gets a column for every level."""
    present = {frozenset(term) for term in terms}
    told: list[dict[str, bool]] = []
    for term in terms:
        full = {name: frozenset(term) - {name} not in present for name in term}
        told.append(full)
        if len(term) == 1 and variables[term[0]].levels and full[term[0]]:
            present.add(frozenset())  # columns for every level hold the intercept
    return told


def _term_columns(
    term: Term, variables: Mapping[str, Variable], is_full: Mapping[str, bool], rows: int
) -> tuple[list[str], Floats]:
    if not term:
        return ["(Intercept)"], np.ones((rows, 1))
    parts = [variables[name].columns(is_full=is_full[name]) for name in term]
    # The first variable's columns run fastest.
    choices = [chosen[::-1] for chosen in product(*(range(len(own)) for own, _ in reversed(parts)))]
    names = [
        ":".join(own[index] for (own, _), index in zip(parts, chosen, strict=True))
        for chosen in choices
    ]
    columns = np.ones((rows, len(choices)))
    for place, chosen in enumerate(choices):
        for (_, own), index in zip(parts, chosen, strict=True):
            columns[:, place] *= own[:, index]
    return names, columns
