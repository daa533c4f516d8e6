"""What the questions are asked of: one bundle of tables, and the pairs of arms to compare."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.estimates import Estimate, Scale, p_text
from analysis.questions.answers import CannotAnswerError


@dataclass(frozen=True)
class ArmPair:
    """An arm and the one it is compared with, by any names."""

    arm: str
    against: str


@dataclass(frozen=True)
class QuestionnaireScale:
    """Items whose mean is a person's score.

    Attributes
    ----------
    items
        Keys of the items.
    reversed_items
        Those that are turned round before they are averaged.
    lowest, highest
        Ends of every item's range.
    stage
        Where it was asked; empty where the questionnaire tells no stages.
    """

    key: str
    items: tuple[str, ...]
    reversed_items: tuple[str, ...] = ()
    lowest: int = 1
    highest: int = 5
    stage: str = ""


@dataclass(frozen=True)
class Evidence:
    """What is known of the analysed participants.

    Attributes
    ----------
    trials
        One row an answered trial of the analysed phase: `participant`, `stimulus`, `arm`, `correct`
        (0 or 1). What else a question needs it names itself; `docs/analysis-questions.md` lists
        all columns. Where people meet several conditions, `arm` is the condition of the trial.
    contrasts
        Pairs of arms, in the order they are told.
    level
        Of every interval, such as 0.95.
    explained
        Those of the phases in which explanations were shown, with the same columns and `phase`: of
        the analysed phase alone where it shows some; None: `trials`.
    training
        The trials of the training phase, with the same columns and `trial_index`.
    events
        `trial`, `kind`, `data`, `since_onset_ms`.
    questionnaire
        `participant`, `item`, `value` (a number).
    scales
        Of the questionnaire.
    scores
        Of explanations: `stimulus`, `explanation_key`, and a column for each score.
    confidence_levels
        How many ratings a trial offers; None means the highest that was given.
    chance
        Probability of a right answer by guessing; None where it isn't known.
    """

    trials: pd.DataFrame
    contrasts: tuple[ArmPair, ...]
    level: float = 0.95
    explained: pd.DataFrame | None = None
    training: pd.DataFrame | None = None
    events: pd.DataFrame | None = None
    questionnaire: pd.DataFrame | None = None
    scales: tuple[QuestionnaireScale, ...] = ()
    scores: pd.DataFrame | None = None
    confidence_levels: int | None = None
    chance: float | None = None

    @property
    def shown(self) -> pd.DataFrame:
        """Return the trials that questions about the explanations themselves are asked of."""
        return self.trials if self.explained is None else self.explained

    @property
    def shown_where(self) -> str:
        """Return the phases of those trials as the beginning of a paragraph, if need be."""
        if self.explained is None or "phase" not in self.trials:
            return ""
        phases = list(self.explained["phase"].unique())
        if set(phases) <= set(self.trials["phase"].unique()):
            return ""
        return f"Of phase {' and '.join(phases)}, as the analysed phase shows no explanation: "

    @property
    def arms(self) -> list[str]:
        """Return the arms of the contrasts, those compared against first."""
        baselines = [contrast.against for contrast in self.contrasts]
        return list(dict.fromkeys([*baselines, *(contrast.arm for contrast in self.contrasts)]))


def require(trials: pd.DataFrame, columns: dict[str, str]) -> None:
    """Refuse a question whose columns are absent or empty.

    Parameters
    ----------
    columns
        By name, what the column is in words.

    Raises
    ------
    CannotAnswerError
        Naming the first that lacks.
    """
    for name, words in columns.items():
        if name not in trials or trials[name].isna().all():
            raise CannotAnswerError(f"No trial has {words} (column {name}).")


def pairs_of(
    trials: pd.DataFrame, contrasts: Sequence[ArmPair]
) -> tuple[list[tuple[ArmPair, pd.DataFrame]], list[str]]:
    """Return the contrasts that trials can answer, and a sentence for each they can't.

    Returns
    -------
    pairs
        Each contrast with the trials of its two arms, and in them `treated`, 1 in the arm and 0 in
        the one it is compared with.
    told
        Why others are missing.

    Raises
    ------
    CannotAnswerError
        When none can be answered.
    """
    pairs, told = [], []
    people = trials.groupby("arm")["participant"].nunique()
    for contrast in contrasts:
        own = (contrast.arm, contrast.against)
        few = [arm for arm in own if people.get(arm, 0) < 2]
        if few:
            told.append(f"Arm {few[0]} has {people.get(few[0], 0)} participants; 2 are needed.")
            continue
        pair = trials[trials["arm"].isin(own)]
        pairs.append((contrast, pair.assign(treated=(pair["arm"] == contrast.arm).astype(int))))
    if not pairs:
        raise CannotAnswerError(" ".join(dict.fromkeys(told)) or "There is nothing to compare.")
    return pairs, list(dict.fromkeys(told))


def estimate_of(
    trials: pd.DataFrame,
    question: str,
    outcome: str,
    method: str,
    scale: Scale,
    *,
    arm: str = "",
    against: str = "",
    term: str = "",
    subgroup: str = "",
) -> Estimate:
    """Return an exploratory estimate that counts its trials and has no value yet."""
    return Estimate(
        role="exploratory",
        method=method,
        arm=arm,
        against=against,
        scale=scale,
        n_participants=int(trials["participant"].nunique()),
        n_trials=len(trials),
        n_stimuli=int(trials["stimulus"].nunique()),
        question=question,
        outcome=outcome,
        term=term,
        subgroup=subgroup,
    )


def adjusted_p(estimate: Estimate) -> float:
    """Return an estimate's p value, corrected where it was; 1 where it has none."""
    own = estimate.p if estimate.p_adjusted is None else estimate.p_adjusted
    return 1.0 if own is None else own


def p_told(estimate: Estimate) -> str:
    """Return an estimate's p value as it is told in a sentence, or that it has none."""
    return "no test: see its note" if estimate.p is None else p_text(estimate.p)


def value_told(estimate: Estimate, form: str = "+.2f", factor: float = 1.0) -> str:
    """Return an estimate and its interval as they are told in a sentence.

    Parameters
    ----------
    form
        Of the numbers.
    factor
        They are multiplied by, such as 100 for percentages.
    """
    low, high = estimate.ci_low, estimate.ci_high
    if estimate.estimate is None:
        return "unknown"
    value = number_told(factor * estimate.estimate, form)
    if low is None or high is None:
        return value
    return f"{value} ({number_told(factor * low, form)} to {number_told(factor * high, form)})"


def number_told(value: float, form: str = "+.2f") -> str:
    """Return a number as it is told in a sentence: with a minus, not a hyphen."""
    return f"{value:{form}}".replace("-", "−")
