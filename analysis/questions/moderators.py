"""For which pictures does the explanation help: interactions of the arm with what is known of them.

For each moderator and each contrast a logistic mixed model with and without the interaction of the
arm with it; the test is the likelihood ratio, with Holm's correction over all moderators and
contrasts. Moderators are known without anybody's answers: difficulty taken from the answers
themselves would come out as a moderator by chance alone (`pictures` asks that by a model).
"""

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.errors import FitError
from analysis.estimates import Estimate, p_text
from analysis.glmm.fits import Fit
from analysis.glmm.fitting import fit
from analysis.glmm.hypotheses import likelihood_ratio
from analysis.inference import holm
from analysis.questions.answers import Answer, CannotAnswerError
from analysis.questions.evidence import ArmPair, Evidence, adjusted_p, estimate_of, pairs_of
from analysis.questions.mixed import random_part, weighted_sum
from experiments.enumeration import enumeration

QUESTION = "moderators"
TITLE = "For which pictures does the explanation help?"
_METHOD = "logistic mixed model"
_TEST = "likelihood ratio of the interaction, logistic mixed model"


@dataclass(frozen=True)
class Moderator:
    """What may change the effect of the arm.

    Attributes
    ----------
    values
        By trial: names, or numbers with mean 0 and standard deviation 1.
    words
        Of it, as told in a sentence.
    """

    name: str
    values: "pd.Series[Any]"
    words: str

    @property
    def is_number(self) -> bool:
        """Say whether it is a number, with a slope in place of levels."""
        return pd.api.types.is_numeric_dtype(self.values)


def moderators(evidence: Evidence) -> Answer:
    """Test every moderator that the trials know, for each contrast."""
    found = known_moderators(evidence.trials)
    if not found:
        raise CannotAnswerError(
            "Nothing is known of the pictures (no species, answer or certainty of the classifier)."
        )
    pairs, told = pairs_of(evidence.trials, evidence.contrasts)
    tests: list[Estimate] = []
    effects: list[Estimate] = []
    for contrast, pair in pairs:
        for moderator in known_moderators(pair):
            test, own = _moderated(pair, moderator, contrast, evidence.level)
            tests.append(test)
            effects += own
    tests = _adjusted(tests)
    sentences = [
        sentence
        for pair in dict.fromkeys((test.arm, test.against) for test in tests)
        for sentence in _told_of(
            [test for test in tests if (test.arm, test.against) == pair], found, 1 - evidence.level
        )
    ]
    table = pd.DataFrame([own.row() for own in effects])
    return Answer(
        QUESTION, TITLE, " ".join([*sentences, *told]), [*tests, *effects], {"effects": table}
    )


def known_moderators(trials: pd.DataFrame) -> list[Moderator]:
    """Return what varies between pictures and is known without anybody's answers.

    Parameters
    ----------
    trials
        Of these columns those that exist: `predicted_species` with `true_species`,
        `predicted_probability`, `difficulty` (declared).
    """
    found = []
    if {"predicted_species", "true_species"} <= set(trials):
        known = trials[["predicted_species", "true_species"]].notna().all(axis=1)
        is_right = (trials["predicted_species"] == trials["true_species"]).map(
            {True: "right", False: "wrong"}
        )
        found.append(
            Moderator("classifier", is_right.where(known), "whether the classifier is right")
        )
    if "predicted_probability" in trials:
        found.append(
            Moderator(
                "certainty",
                _standardised(trials["predicted_probability"]),
                "the classifier's certainty",
            )
        )
    if "difficulty" in trials:
        values = trials["difficulty"]
        is_number = pd.api.types.is_numeric_dtype(values)
        values = _standardised(values) if is_number else values
        found.append(Moderator("difficulty", values, "declared difficulty"))
    if "true_species" in trials:
        found.append(Moderator("species", trials["true_species"], "the species"))
    return [own for own in found if own.values.nunique() > 1]


def _standardised(values: "pd.Series[float]") -> "pd.Series[float]":
    numbers = values.astype(float)
    spread = float(numbers.std(ddof=0))
    return (numbers - numbers.mean()) / (spread if spread > 0 else 1.0)


def _moderated(
    pair: pd.DataFrame, moderator: Moderator, contrast: ArmPair, level: float
) -> tuple[Estimate, list[Estimate]]:
    """Return the test of an interaction, and the effect at every level, or its slope."""
    table = pair.assign(moderator=moderator.values).dropna(subset=["moderator"])
    blank = estimate_of(
        table,
        QUESTION,
        "correct",
        _TEST,
        "log_odds",
        arm=contrast.arm,
        against=contrast.against,
        term=moderator.name,
    )
    if moderator.is_number:
        cells, random = "0 + arm + arm:moderator", random_part(table, slope="moderator")
    else:
        cells, random = "0 + arm:moderator", random_part(table, within="moderator")
    try:
        larger = fit(f"correct ~ {cells} + {random}", table)
        smaller = fit(f"correct ~ arm + moderator + {random}", table)
        found = likelihood_ratio(larger, smaller)
    except FitError as error:
        return replace(blank, note=str(error)), []
    note = "; ".join(dict.fromkeys([*larger.warnings, *smaller.warnings]))
    test = replace(
        blank, statistic=found.statistic, df=float(found.numerator), p=found.p, note=note
    )
    blank = replace(blank, method=_METHOD)
    if moderator.is_number:
        weights = {f"arm{contrast.arm}:moderator": 1.0, f"arm{contrast.against}:moderator": -1.0}
        return test, [weighted_sum(larger, weights, level).fill(blank)]
    return test, [
        _effect_at(
            larger, table, str(value), replace(blank, subgroup=f"{moderator.name}={value}"), level
        )
        for value in sorted(table["moderator"].unique())
    ]


def _effect_at(
    found: Fit, table: pd.DataFrame, value: str, blank: Estimate, level: float
) -> Estimate:
    own = table[table["moderator"] == value]
    blank = replace(
        blank,
        n_participants=int(own["participant"].nunique()),
        n_trials=len(own),
        n_stimuli=int(own["stimulus"].nunique()),
    )
    if own["arm"].nunique() < 2:
        return replace(blank, note="one of the arms has no such trials")
    weights = {
        f"arm{blank.arm}:moderator{value}": 1.0,
        f"arm{blank.against}:moderator{value}": -1.0,
    }
    return weighted_sum(found, weights, level).fill(blank)


def _adjusted(tests: list[Estimate]) -> list[Estimate]:
    """Correct the tests by Holm; those that could not be made stay in the family with p = 1."""
    adjusted = holm([1.0 if own.p is None else own.p for own in tests])
    return [
        own if own.p is None else replace(own, p_adjusted=p)
        for own, p in zip(tests, adjusted, strict=True)
    ]


def _told_of(tests: list[Estimate], found: list[Moderator], alpha: float) -> list[str]:
    """Tell each moderator of a contrast on which the effect depends; the others in one sentence."""
    idle = [own for own in tests if own.p is not None and adjusted_p(own) >= alpha]
    told = [_told(own, found, alpha) for own in tests if own not in idle]
    if len(idle) > 1:
        words = {own.name: own.words for own in found}
        smallest = min(adjusted_p(own) for own in idle)
        told.append(
            f"{idle[0].arm} against {idle[0].against}: the effect was not shown to depend on "
            f"{enumeration([words[own.term] for own in idle], 'or')} (smallest {p_text(smallest)} "
            "after Holm's correction)."
        )
    else:
        told += [_told(own, found, alpha) for own in idle]
    return told


def _told(test: Estimate, found: list[Moderator], alpha: float) -> str:
    words = next(own.words for own in found if own.name == test.term)
    pair = f"{test.arm} against {test.against}"
    if test.p is None:
        return f"{pair}: whether the effect depends on {words} can't be told ({test.note})."
    adjusted = adjusted_p(test)
    does = "depends" if adjusted < alpha else "was not shown to depend"
    return f"{pair}: the effect {does} on {words} ({p_text(adjusted)} after Holm's correction)."
