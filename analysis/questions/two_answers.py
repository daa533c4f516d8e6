"""What changes between the answer before an explanation, and the answer with it?

The analysis of the counterfactual study of Shitole et al. (2021, NeurIPS, section 5), for every
study that asks twice: each person's score, mean confidence and mean time, before and after, by arm.
As published, Shapiro and Wilk's test says whether they are normal, and Mann and Whitney's compares
arms. Both take the pictures for granted; beside them stands a mixed model of all answers, with
people and pictures crossed, whose coefficient is how much more an arm changes than another.

The two answers of a trial are alike more often than two answers of a person; the model leaves that
out, which makes its intervals of a change rather too wide.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from analysis.errors import FitError
from analysis.estimates import Estimate, Scale
from analysis.glmm.fitting import fit
from analysis.questions.answer_pairs import (
    AFTER,
    BEFORE,
    MEASURES,
    Measure,
    both_answers,
    values_of_people,
)
from analysis.questions.answers import Answer, CannotAnswerError
from analysis.questions.evidence import (
    ArmPair,
    Evidence,
    estimate_of,
    p_told,
    pairs_of,
    require,
    value_told,
)
from analysis.questions.explanation_scores import spearman
from analysis.questions.mixed import random_part, weighted_sum
from analysis.questions.people import mean_of_people
from analysis.questions.rank_tests import (
    MANN_WHITNEY,
    SHAPIRO,
    mann_whitney,
    shapiro_wilk,
    wilcoxon,
)

QUESTION = "two_answers"
TITLE = "What did the explanation change between the first answer and the second?"
_MEANS = "mean of people's values"
_FEWEST = 8


def two_answers(evidence: Evidence) -> Answer:
    """Compare second answers with first ones, and both between the arms of each contrast."""
    require(evidence.trials, {"first_correct": "a first answer"})
    asked = evidence.trials[evidence.trials["first_correct"].notna()]
    pairs, told = pairs_of(asked, evidence.contrasts)
    asked = asked[asked["arm"].isin(evidence.arms)]
    measured = [own for own in MEASURES if own.is_in(asked)]
    answers = pd.concat([both_answers(asked, own) for own in measured], ignore_index=True)
    people = values_of_people(answers)
    estimates = [own for measure in measured for own in _by_arm(people, asked, measure, evidence)]
    estimates += list(_between_arms(people, pairs, measured))
    estimates += list(_insight(asked, evidence))
    estimates += list(_speed_and_score(people, asked, evidence))
    for measure in measured:
        estimates += _changes(answers, measure, pairs, evidence.level)
    sentences = [*_told(estimates, evidence), *told]
    return Answer(
        QUESTION,
        TITLE,
        " ".join(sentences),
        estimates,
        {"people": people, "groups": _groups(estimates)},
    )


def _values(people: pd.DataFrame, measure: str, moment: str, arm: str) -> "pd.Series[float]":
    own = people[
        (people["measure"] == measure) & (people["moment"] == moment) & (people["arm"] == arm)
    ]
    return own.set_index("participant")["value"]


def _by_arm(
    people: pd.DataFrame, asked: pd.DataFrame, measure: Measure, evidence: Evidence
) -> list[Estimate]:
    """Return means, then tests of normality, of every arm at both moments."""
    means, normal = [], []
    for arm in evidence.arms:
        own = asked[asked["arm"] == arm]
        for moment in (BEFORE, AFTER):
            values = _values(people, measure.name, moment, arm)
            if len(values) < 2:
                continue
            blank = estimate_of(
                own, QUESTION, measure.name, _MEANS, measure.scale, arm=arm, term=moment
            )
            means.append(mean_of_people(values, evidence.level).fill(blank))
            normal.append(shapiro_wilk(blank, values))
    return [*means, *normal]


def _between_arms(
    people: pd.DataFrame, pairs: list[tuple[ArmPair, pd.DataFrame]], measured: list[Measure]
) -> Iterator[Estimate]:
    for measure in measured:
        for contrast, pair in pairs:
            for moment in (BEFORE, AFTER):
                ours, theirs = (
                    _values(people, measure.name, moment, arm)
                    for arm in (contrast.arm, contrast.against)
                )
                blank = _blank(pair, measure, "probability", contrast, moment)
                yield mann_whitney(blank, ours, theirs)


def _blank(
    trials: pd.DataFrame, measure: Measure, scale: Scale, contrast: ArmPair, term: str
) -> Estimate:
    arms = {"arm": contrast.arm, "against": contrast.against}
    method = f"{measure.method}, difference of changes"
    return estimate_of(trials, QUESTION, measure.name, method, scale, term=term, **arms)


def _insight(asked: pd.DataFrame, evidence: Evidence) -> Iterator[Estimate]:
    """Say whether people were surer of second answers that were right than of wrong ones."""
    if "confidence" not in asked:
        return
    rated = asked[asked["confidence"].notna()]
    keys = ["participant", "arm", "correct"]
    means = rated.astype({"confidence": "float64"}).groupby(keys)["confidence"].mean().unstack()
    means = means.reindex(columns=[0.0, 1.0])
    for arm in evidence.arms:
        own = rated[rated["arm"] == arm]
        if own.empty:
            continue
        blank = estimate_of(
            own, QUESTION, "confidence", "", "difference", arm=arm, term="right minus wrong"
        )
        differences = (means[1.0] - means[0.0]).xs(arm, level="arm")
        try:
            yield wilcoxon(blank, differences)
        except CannotAnswerError as error:
            yield replace(blank, method="Wilcoxon signed ranks", note=str(error))


def _speed_and_score(
    people: pd.DataFrame, asked: pd.DataFrame, evidence: Evidence
) -> Iterator[Estimate]:
    """Say whether those who take longer over second answers are right more often."""
    for arm in evidence.arms:
        both = pd.concat(
            {name: _values(people, name, AFTER, arm) for name in ("time_ms", "score")}, axis=1
        ).dropna()
        if len(both) >= _FEWEST and (both.nunique() > 1).all():
            blank = estimate_of(
                asked[asked["arm"] == arm],
                QUESTION,
                "score",
                "Spearman's correlation over people",
                "correlation",
                arm=arm,
                term="time",
            )
            yield spearman(both["time_ms"], both["score"], evidence.level).fill(blank)


def _changes(
    answers: pd.DataFrame,
    measure: Measure,
    pairs: list[tuple[ArmPair, pd.DataFrame]],
    level: float,
) -> list[Estimate]:
    """Return how much more an arm changes from first to second answer than another."""
    table = answers[answers["measure"] == measure.name]
    # Whoever meets several arms or moments has an effect in each: so have pictures.
    table = table.assign(cell=table["arm"] + " " + table["moment"])
    random = random_part(table.assign(arm=table["cell"])).replace(":arm", ":cell")
    outcome = "value"
    if measure.family == "ordinal":
        table = table.assign(value=table["value"].astype("int64").astype(str))
    elif measure.family == "gaussian":
        table, outcome = table[table["value"] > 0], "log(value)"
    scale: Scale = "log_ratio" if measure.family == "gaussian" else "log_odds"
    blanks = [_blank(pair, measure, scale, contrast, "change") for contrast, pair in pairs]
    order = sorted(table["value"].unique(), key=int) if measure.family == "ordinal" else None
    try:
        found = fit(f"{outcome} ~ cell + {random}", table, measure.family, order=order)
    except FitError as error:
        return [replace(blank, note=str(error)) for blank in blanks]
    return [weighted_sum(found, _weights(own), level).fill(own) for own in blanks]


def _weights(blank: Estimate) -> Mapping[str, float]:
    signs = {(blank.arm, AFTER): 1.0, (blank.arm, BEFORE): -1.0}
    signs |= {(blank.against, AFTER): -1.0, (blank.against, BEFORE): 1.0}
    return {f"cell{arm} {moment}": sign for (arm, moment), sign in signs.items()}


def _groups(estimates: list[Estimate]) -> pd.DataFrame:
    """Return the means by measure, arm and moment, for the plot."""
    return pd.DataFrame(
        [
            {
                "measure": own.outcome,
                "arm": own.arm,
                "moment": own.term,
                "people": own.n_participants,
                "mean": own.estimate,
                "low": own.ci_low,
                "high": own.ci_high,
            }
            for own in estimates
            if own.method == _MEANS
        ]
    )


def _told(estimates: list[Estimate], evidence: Evidence) -> list[str]:
    means = {(e.outcome, e.arm, e.term): e.estimate or 0.0 for e in estimates if e.method == _MEANS}
    shares = [
        f"{100 * means['score', arm, BEFORE]:.0f} % and then "
        f"{100 * means['score', arm, AFTER]:.0f} % in {arm}"
        for arm in evidence.arms
        if ("score", arm, AFTER) in means
    ]
    told = [f"Of the answers before and after, right were {'; '.join(shares)}."]
    told += [_contrast_told(estimates, contrast) for contrast in evidence.contrasts]
    normal = [own for own in estimates if own.method == SHAPIRO and own.p is not None]
    unlike = sum(own.p is not None and own.p < 1 - evidence.level for own in normal)
    told.append(f"Shapiro and Wilk's test rejects normality in {unlike} of {len(normal)} groups.")
    told += [
        f"In {own.arm} people were {value_told(own)} surer of right than of wrong second answers "
        f"({p_told(own)})."
        for own in estimates
        if own.term == "right minus wrong" and own.p is not None
    ]
    return [own for own in told if own]


def _contrast_told(estimates: list[Estimate], contrast: ArmPair) -> str:
    own = {
        (e.outcome, e.term, e.method == MANN_WHITNEY): e
        for e in estimates
        if (e.arm, e.against) == (contrast.arm, contrast.against)
    }
    words = {"score": "right more often", "confidence": "surer", "time_ms": "slower"}
    parts = []
    for measure, more in words.items():
        first, second = (own.get((measure, moment, True)) for moment in (BEFORE, AFTER))
        if first is None or second is None or second.estimate is None:
            continue
        parts.append(
            f"{more} with probability {second.estimate:.2f} after ({p_told(second)}) and "
            f"{value_told(first, '.2f')} before ({p_told(first)})"
        )
    if not parts:
        return ""
    change = own.get(("score", "change", False))
    model = ""
    if change is not None and change.estimate is not None:
        model = (
            f" By the mixed model the log odds of a right answer change by {value_told(change)} "
            f"more ({p_told(change)})."
        )
    pair = f"Somebody of {contrast.arm} is, against somebody of {contrast.against}, "
    return f"{pair}{'; '.join(parts)} (Mann-Whitney).{model}"
