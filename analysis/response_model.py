"""Fitting a response model to a real study's trials: what simulated respondents are made of.

Three mixed models give the parameters of `experiments.respondents.ResponseModel`.

1. Answers: logistic, with people and pictures crossed. Where feedback was given, ability grows with
   the logarithm of 1 + answers with feedback, by a slope that differs between people.
2. Where a condition is named, how differently pictures react to it. Without feedback this is part
   of the first model; with it, a model of the trials without feedback, when people no longer
   change.
   Where people judge a classifier's answer, how far they lean to believing it, and how much people
   differ in that, is part of the first model.
3. Times: linear in their logarithm, on the probability of being right that the first model fits.

There is no floor for guessing in them: in real studies many pictures mislead, and are answered
rightly less often than by chance, which a floor would forbid.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis.errors import FitError
from analysis.glmm.coding import Coding, Floats
from analysis.glmm.fits import Fit
from analysis.glmm.fitting import fit
from experiments.fitted_respondents import FittedParameter, ParameterName

Parameters = dict[ParameterName, FittedParameter]

# Columns that the tidied table has of its own.
_OWN = {
    "participant",
    "item",
    "correct",
    "condition",
    "practice",
    "number",
    "has_feedback",
    "certainty",
    "time_ms",
    "lean",
}


@dataclass(frozen=True)
class TrialColumns:
    """Which columns of a table hold what.

    Attributes
    ----------
    participant, outcome
        Who answered, and whether rightly (0 or 1).
    item
        Columns that together name a picture.
    adjust
        Columns of fixed differences that are no part of the spread between people or pictures,
        such as the task or the arm; parameters are for the mean of their levels.
    condition
        What was shown beside the picture, for the spread of pictures' reactions to it.
    trial
        Order of the trials within a participant; needed with `feedback`.
    feedback
        A column and its value on trials that feedback followed.
    time_ms
        Time to answer, in milliseconds.
    judged
        Where people judge a classifier's answer: whether that was right (0 or 1).
    """

    participant: str
    item: Sequence[str]
    outcome: str
    adjust: Sequence[str] = ()
    condition: str | None = None
    trial: str | None = None
    feedback: tuple[str, str] | None = None
    time_ms: str | None = None
    judged: str | None = None

    def named(self) -> list[str]:
        """Return every column that is named."""
        own = [self.participant, *self.item, self.outcome, *self.adjust]
        own += [name for name in self._optional() if name]
        return own + ([self.feedback[0]] if self.feedback else [])

    def _optional(self) -> tuple[str | None, ...]:
        return self.condition, self.trial, self.time_ms, self.judged


@dataclass(frozen=True)
class FittedModel:
    """What a table says about its respondents.

    Attributes
    ----------
    formulas
        In lme4's notation, of the models fitted.
    warnings
        Of the fits.
    """

    parameters: Parameters
    formulas: tuple[str, ...]
    warnings: tuple[str, ...]
    answers: int
    participants: int
    pictures: int


def fit_response_model(
    table: pd.DataFrame, columns: TrialColumns, *, tell: Callable[[str], object] = print
) -> FittedModel:
    """Fit a response model.

    Parameters
    ----------
    table
        One row a trial.
    columns
        Of the table.
    tell
        Called with a line before each fit.

    Raises
    ------
    FitError
        When a column is missing or the table can't be fitted.
    """
    trials = _tidy(table, columns)
    tell(f"answers: {len(trials)} of {trials['participant'].nunique()} participants")
    answers = _fit_answers(trials, columns)
    fits = [answers]
    parameters = _of_answers(answers, columns)
    if columns.condition is not None:
        reactions = answers
        if columns.feedback is not None:
            tell("reactions of pictures to the condition")
            reactions = _fit_reactions(trials, columns)
            fits.append(reactions)
        parameters["item_condition_sd"] = _spread(reactions, "item:condition", "(Intercept)")
    if columns.time_ms is not None:
        tell("times")
        times = _fit_times(trials.assign(certainty=_probabilities(answers) - 0.5), columns)
        parameters |= _of_times(times)
        fits.append(times)
    return FittedModel(
        parameters=parameters,
        formulas=tuple(str(own.problem.design.formula) for own in fits),
        warnings=tuple(warning for own in fits for warning in own.warnings),
        answers=answers.n,
        participants=answers.groups["participant"],
        pictures=answers.groups["item"],
    )


def _tidy(table: pd.DataFrame, columns: TrialColumns) -> pd.DataFrame:
    missing = [name for name in columns.named() if name not in table.columns]
    if missing:
        raise FitError(
            f"The table has no column {', '.join(missing)}. It has {', '.join(table.columns)}."
        )
    taken = sorted(_OWN & set(columns.adjust))
    if taken:
        raise FitError(f"Rename column {', '.join(taken)} of the table: the name is needed here.")
    if columns.feedback is not None and columns.trial is None:
        raise FitError("Feedback needs the order of the trials: name the column of their number.")
    trials = pd.DataFrame(
        {
            "participant": table[columns.participant].astype(str),
            "item": table[list(columns.item)].astype(str).agg(":".join, axis=1),
            "correct": _numbers(table, columns.outcome),
            **{name: table[name].astype(str) for name in columns.adjust},
        }
    )
    if columns.condition is not None:
        trials["condition"] = table[columns.condition].astype(str)
    if columns.judged is not None:
        trials["lean"] = 2 * _numbers(table, columns.judged) - 1
    if columns.time_ms is not None:
        trials["time_ms"] = _numbers(table, columns.time_ms)
    trials["has_feedback"] = False
    if columns.feedback is not None:
        name, value = columns.feedback
        trials["has_feedback"] = table[name].astype(str) == value
        if not trials["has_feedback"].any():
            raise FitError(f"No trial has {name}={value}: nothing could be learnt from.")
        trials["number"] = _numbers(table, str(columns.trial))
        trials = trials.sort_values(["participant", "number"], kind="stable")
        before = trials.groupby("participant")["has_feedback"].cumsum() - trials["has_feedback"]
        trials["practice"] = 1.0 + before
    return trials.dropna(subset=["correct"]).reset_index(drop=True)


def _numbers(table: pd.DataFrame, name: str) -> "pd.Series[float]":
    numbers = pd.to_numeric(table[name], errors="coerce")
    if (numbers.isna() & table[name].notna()).any():
        raise FitError(f"Column {name} must hold numbers.")
    return numbers.astype("float64")


def _fixed(trials: pd.DataFrame, columns: TrialColumns, *others: str) -> tuple[str, Coding]:
    """Return fixed terms whose intercept is the mean over the levels that are adjusted for."""
    adjusted = [name for name in columns.adjust if trials[name].nunique() > 1]
    terms = ["1", *(f"`{name}`" for name in adjusted), *others]
    return " + ".join(terms), Coding(sum_coded=tuple(adjusted))


def _fit_answers(trials: pd.DataFrame, columns: TrialColumns) -> Fit:
    if columns.feedback is None:
        return _fit_settled(trials, columns)
    lean = () if columns.judged is None else ("lean",)
    fixed, coding = _fixed(trials, columns, "log(practice)", *lean)
    slopes = " + ".join(["1", "log(practice)", *lean])
    random = f"({slopes} || participant) + (1 | item)"
    return fit(f"correct ~ {fixed} + {random}", trials, coding=coding)


def _fit_reactions(trials: pd.DataFrame, columns: TrialColumns) -> Fit:
    settled = trials[~trials["has_feedback"]]
    if settled.empty:
        raise FitError("Every trial has feedback: reactions to the condition need some without.")
    return _fit_settled(settled, columns)


def _fit_settled(trials: pd.DataFrame, columns: TrialColumns) -> Fit:
    """Fit answers of people who no longer change."""
    lean = () if columns.judged is None else ("lean",)
    fixed, coding = _fixed(trials, columns, *lean)
    person = "(1 + lean || participant)" if lean else "(1 | participant)"
    random = f"{person} + (1 | item)"
    if columns.condition is not None:
        random += " + (1 | item:condition)"
    return fit(f"correct ~ {fixed} + {random}", trials, coding=coding)


def _fit_times(trials: pd.DataFrame, columns: TrialColumns) -> Fit:
    # A gap between two answers holds the reading of feedback, and no time is 0.
    usable = trials["time_ms"] > 0
    if columns.feedback is not None:
        after = trials.groupby("participant")["has_feedback"].shift(fill_value=True)
        usable &= ~trials["has_feedback"] & ~after.astype(bool)
    timed = trials[usable]
    if timed.empty:
        raise FitError(f"Column {columns.time_ms} has no time of a trial without feedback.")
    fixed, coding = _fixed(timed, columns, "certainty")
    return fit(f"log(time_ms) ~ {fixed} + (1 | participant)", timed, "gaussian", coding=coding)


def _of_answers(found: Fit, columns: TrialColumns) -> Parameters:
    parameters: Parameters = {
        "mean_ability": _coefficient(found, "(Intercept)"),
        "ability_sd": _spread(found, "participant", "(Intercept)"),
        "item_sd": _spread(found, "item", "(Intercept)"),
    }
    if columns.feedback is not None:
        parameters["learning"] = _coefficient(found, "log(practice)")
        parameters["learning_sd"] = _spread(found, "participant", "log(practice)")
    if columns.judged is not None:
        parameters["belief"] = _coefficient(found, "lean")
        parameters["belief_sd"] = _spread(found, "participant", "lean")
    parameters["guess"] = parameters["lapse"] = FittedParameter(estimate=0.0)
    return parameters


def _of_times(found: Fit) -> Parameters:
    centre = _coefficient(found, "(Intercept)")
    median = float(np.exp(centre.estimate))
    return {
        "median_rt_ms": FittedParameter(estimate=median, se=median * (centre.se or 0.0)),
        "rt_sigma": FittedParameter(estimate=found.sigma),
        "rt_person_sd": _spread(found, "participant", "(Intercept)"),
        "rt_certainty": _coefficient(found, "certainty"),
    }


def _coefficient(found: Fit, term: str) -> FittedParameter:
    row = next(own for own in found.coefficients() if own.term == term)
    return FittedParameter(estimate=row.estimate, se=row.se)


def _spread(found: Fit, group: str, term: str) -> FittedParameter:
    """Return a standard deviation; with its error where the fit gives one and it isn't zero."""
    rows = [(own.group, own.term) for own in found.random_effects()]
    place = rows.index((group, term))
    estimate = found.random_effects()[place].sd
    # No effects here covary: theta holds one scale for each row, in the same order.
    variance = float(found.uncertainty[place, place])
    return FittedParameter(estimate=estimate, se=float(np.sqrt(variance)) if variance else None)


def _probabilities(found: Fit) -> Floats:
    """Return the fitted probability of each row, with the modes of its person and picture."""
    problem = found.problem
    factors = problem.covariance.factors(found.theta)
    eta = problem.fixed @ found.beta
    eta = eta + problem.structure.random_columns @ problem.structure.scaled(found.modes, factors)
    probabilities: Floats = expit(eta)
    return probabilities
