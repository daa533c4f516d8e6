"""What the questionnaire's scales say: their reliability, and their means in each arm.

A person's score is the mean of a scale's items, reversed ones turned round. Who left an item out
has no score.
"""

import pandas as pd

from analysis.estimates import Estimate
from analysis.questions.answers import Answer, CannotAnswerError
from analysis.questions.evidence import (
    Evidence,
    QuestionnaireScale,
    estimate_of,
    p_told,
    pairs_of,
    value_told,
)
from analysis.questions.mixed import Tested
from analysis.questions.people import METHOD, difference_of_people, mean_of_people
from analysis.questions.reliability import cronbach_alpha, mcdonald_omega

QUESTION = "scales"
TITLE = "What did people think of it?"


def scales(evidence: Evidence) -> Answer:
    """Describe every scale, and compare the arms of each contrast."""
    if not evidence.scales:
        raise CannotAnswerError("The protocol declares no scale of questionnaire items.")
    if evidence.questionnaire is None or evidence.questionnaire.empty:
        raise CannotAnswerError("Nobody answered the questionnaire.")
    arms = evidence.trials.groupby("participant")["arm"]
    if (arms.nunique() > 1).any():
        raise CannotAnswerError(
            "Everybody met several arms, so that one questionnaire says nothing of any of them."
        )
    estimates: list[Estimate] = []
    tables, told = [], []
    for scale in evidence.scales:
        items = item_table(evidence.questionnaire, scale)
        items = items[items.index.isin(arms.groups)]
        own, sentence = _reliability(evidence, scale, items)
        scores = items.mean(axis=1).to_frame("score").assign(scale=scale.key)
        scores["arm"] = arms.first().reindex(scores.index)
        scores = scores.reset_index()
        own += _by_arm(evidence, scale, scores)
        estimates += own
        tables.append(scores)
        told += [sentence, *_told(own)]
    table = pd.concat(tables, ignore_index=True)
    return Answer(QUESTION, TITLE, " ".join(told), estimates, {"scores": table})


def item_table(questionnaire: pd.DataFrame, scale: QuestionnaireScale) -> pd.DataFrame:
    """Return answers as numbers, a row a person who answered all items, a column an item.

    Raises
    ------
    CannotAnswerError
        When nobody answered an item.
    """
    own = questionnaire[questionnaire["item"].isin(scale.items)]
    if scale.stage:
        own = own[own["stage_key"] == scale.stage]
    table = own.pivot_table(index="participant", columns="item", values="value", aggfunc="last")
    missing = [item for item in scale.items if item not in table]
    if missing:
        raise CannotAnswerError(f"Nobody answered item {missing[0]} of scale {scale.key}.")
    table = table[list(scale.items)].dropna()
    turned = list(scale.reversed_items)
    table[turned] = scale.lowest + scale.highest - table[turned]
    return table


def _reliability(
    evidence: Evidence, scale: QuestionnaireScale, items: pd.DataFrame
) -> tuple[list[Estimate], str]:
    people = evidence.trials[evidence.trials["participant"].isin(items.index)]
    try:
        alpha = cronbach_alpha(items.to_numpy(float), evidence.level)
    except CannotAnswerError as error:
        return [], f"{scale.key}: {error}"
    blank = estimate_of(
        people, QUESTION, scale.key, "Cronbach's alpha", "reliability", term="alpha"
    )
    interval = Tested(alpha.alpha, None, None, alpha.low, alpha.high, None, None)
    found = [interval.fill(blank)]
    sentence = f"{scale.key}: Cronbach's alpha {value_told(found[0], '.2f')}"
    omega = mcdonald_omega(items.to_numpy(float))
    return found, sentence + (f", omega {omega:.2f}." if omega is not None else ".")


def _by_arm(evidence: Evidence, scale: QuestionnaireScale, scores: pd.DataFrame) -> list[Estimate]:
    trials = evidence.trials[evidence.trials["participant"].isin(scores["participant"])]
    values = scores.set_index(["participant", "arm"])["score"]
    means = [
        mean_of_people(scores.loc[scores["arm"] == arm, "score"], evidence.level).fill(
            estimate_of(
                trials[trials["arm"] == arm],
                QUESTION,
                scale.key,
                "mean of people's values",
                "difference",
                arm=arm,
                term="mean",
            )
        )
        for arm in evidence.arms
        if (scores["arm"] == arm).sum() > 1
    ]
    pairs, _ = pairs_of(trials, evidence.contrasts)
    differences = [
        difference_of_people(
            estimate_of(
                pair,
                QUESTION,
                scale.key,
                METHOD,
                "difference",
                arm=contrast.arm,
                against=contrast.against,
                term="mean",
            ),
            values,
            contrast,
            evidence.level,
        )
        for contrast, pair in pairs
    ]
    return [*means, *differences]


def _told(own: list[Estimate]) -> list[str]:
    return [
        f"{e.arm} against {e.against}: {value_told(e)} points ({p_told(e)})."
        for e in own
        if e.against and e.estimate is not None
    ]
