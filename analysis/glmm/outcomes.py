"""What is predicted: answers, counts, ordered categories or measurements, read from a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.errors import FitError
from analysis.glmm.coding import Coding, Floats, level_codes, read_variable
from analysis.glmm.formula import Formula

FamilyName = Literal["binomial", "probit", "gaussian", "ordinal"]
_NAMED_AT_MOST = 6


@dataclass(frozen=True)
class Outcome:
    """The outcome of every row.

    Attributes
    ----------
    values
        Successes, measurements, or the places of categories in `categories`.
    trials
        Answers behind a row: 1 but for counts.
    categories
        In their order; empty unless ordinal.
    """

    values: Floats
    trials: Floats
    categories: tuple[str, ...] = ()


def read_outcome(
    formula: Formula, table: pd.DataFrame, family: FamilyName, order: Sequence[str] | None
) -> Outcome:
    """Read the outcome of a formula.

    Parameters
    ----------
    order
        Of an ordinal outcome's categories, lowest first; None means sorted.

    Raises
    ------
    FitError
        When the column doesn't suit the family, or never varies.
    """
    if len(formula.outcome) > 1:
        if family != "binomial":
            raise FitError(f"cbind(…) holds counts: they need the family binomial, not {family}.")
        return _read_counts(formula.outcome, table)
    name = formula.outcome[0]
    if family == "ordinal":
        return _read_categories(table[name], name, order)
    if family == "gaussian":
        variable = read_variable(table, name, Coding())
        if variable.levels:
            raise FitError(f"Column {name} holds no numbers, which the family gaussian needs.")
        _must_vary(variable.values, name)
        return Outcome(variable.values, np.ones(len(table)))
    if name not in table:
        raise FitError(f"{name} can't be a yes-or-no outcome: write the column itself.")
    return Outcome(_read_answers(table[name], name, family), np.ones(len(table)))


def _read_answers(cells: "pd.Series[Any]", name: str, family: FamilyName) -> Floats:
    found = sorted(map(str, cells.unique()))
    if not set(cells.unique()) <= {0, 1}:
        shown = ", ".join(found[:_NAMED_AT_MOST]) + (", …" if len(found) > _NAMED_AT_MOST else "")
        raise FitError(
            f"Column {name} holds {shown}: the family {family} needs 0 and 1 (or true and false). "
            "For more than two ordered categories use ordinal, for numbers gaussian."
        )
    values = cells.to_numpy(np.float64)
    _must_vary(values, name)
    return values


def _read_counts(columns: tuple[str, ...], table: pd.DataFrame) -> Outcome:
    for name in columns:
        cells = table[name]
        if not pd.api.types.is_numeric_dtype(cells) or (cells < 0).any() or (cells % 1 != 0).any():
            raise FitError(f"Column {name} must hold counts: whole numbers from 0 on.")
    successes, failures = (table[name].to_numpy(np.float64) for name in columns)
    trials = successes + failures
    if (trials == 0).any():
        row = int(np.flatnonzero(trials == 0)[0]) + 1
        raise FitError(f"Row {row} counts nothing in {columns[0]} and {columns[1]}. Leave it out.")
    if not successes.any() or not failures.any():
        raise FitError(f"One of {columns[0]} and {columns[1]} is zero in every row.")
    return Outcome(successes, trials)


def _read_categories(cells: "pd.Series[Any]", name: str, order: Sequence[str] | None) -> Outcome:
    codes, found = level_codes(cells)
    if len(found) < 3:
        raise FitError(
            f"Column {name} holds {len(found)} categories; the family ordinal needs 3 or more."
        )
    if len(found) > 20:
        raise FitError(
            f"Column {name} holds {len(found)} different values, too many for ordered categories. "
            "For numbers use gaussian."
        )
    if order is not None:
        if sorted(order) != sorted(found):
            raise FitError(
                f"The order of {name} names {', '.join(order)}, but the column holds "
                f"{', '.join(found)}."
            )
        codes = np.array([list(order).index(level) for level in found])[codes]
        found = list(order)
    return Outcome(codes.astype(np.float64), np.ones(len(cells)), tuple(found))


def _must_vary(values: Floats, name: str) -> None:
    if np.ptp(values) == 0:
        raise FitError(f"Column {name} is {values[0]:g} in every row: there is nothing to explain.")
