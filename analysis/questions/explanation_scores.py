"""Does a better explanation help more on its picture?

Scores of explanations (deletion, insertion, their product, of drawn gulls the share of the heat on
the parts that tell the species, of graphs how few patches suffice, of concepts how far their sum is
from the network's answer) are computed by the network alone. For each contrast and score a
logistic mixed model

    correct ~ treated * score + (1 | participant) + (1 | stimulus) + (1 | stimulus:arm)

over the pictures that have a score in the arm, whose trials in the other arm count as the same
pictures without that explanation. The interaction is what one standard deviation of the score adds
to the benefit; a score that only goes with easy pictures is taken up by its own term. Trials of
several phases have `treated * phase` beside it, and scores count within their phase: people may be
helped more in one, and the explanations of one may be better. Beside the model Spearman's
correlation, over pictures, of the score with the observed difference of right answers.

Where people answered before they saw the explanation, too, every arm that shows one is also
compared with its own first answers.

All tests of the models are corrected together by Holm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import FitError
from analysis.estimates import Estimate, p_text
from analysis.glmm.fitting import fit
from analysis.inference import holm
from analysis.questions.answers import Answer, CannotAnswerError
from analysis.questions.evidence import (
    ArmPair,
    Evidence,
    adjusted_p,
    estimate_of,
    pairs_of,
    require,
    value_told,
)
from analysis.questions.mixed import Tested, random_part, weighted_sum
from experiments.scores import ExplanationScore

QUESTION = "explanation_scores"
TITLE = "Does a better explanation help more on its picture?"
# By column, in words, and whether a large one is good.
SCORES: Mapping[str, tuple[str, bool]] = {
    "deletion": ("deletion", False),
    "insertion": ("insertion", True),
    "both": ("insertion × (1 − deletion)", True),
    "truth": ("heat on the telling parts, above chance", True),
    "patches": ("share of the picture that suffices", False),
    "logit_error": ("distance of the concepts' sum from the network's logit", False),
    "covered": ("share of the evidence in the concepts shown", True),
}
# What tells an explanation of a picture: a map that a placebo borrows has one key on two pictures.
SHOWN = ["stimulus", "explanation_key"]
# What an arm is compared with where people also answered before they saw its explanation.
FIRST = "its first answers"
_FEWEST = 8
_MODEL = "logistic mixed model, interaction of arm and score"
_RANKS = "Spearman's correlation over pictures"


def explanation_scores(evidence: Evidence) -> Answer:
    """Relate every score to the benefit, for each contrast."""
    if evidence.scores is None or evidence.scores.empty:
        raise CannotAnswerError(
            "No scores of the explanations were given: `python -m explainers score` writes them "
            "into the stimulus folder, and `--scores` names that folder."
        )
    require(evidence.shown, {"explanation_key": "an explanation"})
    pairs, told = pairs_of(evidence.shown, evidence.contrasts)
    pairs += _against_first_answers(evidence.shown)
    estimates: list[Estimate] = []
    tables: list[pd.DataFrame] = []
    for contrast, pair in pairs:
        scored = with_scores(pair, evidence.scores)
        count = scored["stimulus"].nunique()
        if count < _FEWEST:
            told.append(f"{contrast.arm}: {count} pictures have a score; {_FEWEST} are needed.")
            continue
        tables.append(_by_picture(scored).assign(arm=contrast.arm, against=contrast.against))
        for score in SCORES:
            if score in scored and scored.groupby("stimulus")[score].first().std() > 0:
                estimates += _related(
                    scored.dropna(subset=[score]), score, contrast, evidence.level
                )
    if not tables:
        raise CannotAnswerError(" ".join(told))
    estimates = _adjusted(estimates)
    tested = [own for own in estimates if own.method == _MODEL]
    sentences = [
        sentence
        for pair in dict.fromkeys((own.arm, own.against) for own in tested)
        for sentence in _told_of(
            [own for own in tested if (own.arm, own.against) == pair], 1 - evidence.level
        )
    ]
    table = pd.concat(tables, ignore_index=True)
    words = evidence.shown_where + " ".join([*sentences, *told])
    return Answer(QUESTION, TITLE, words, estimates, {"pictures": table})


def _against_first_answers(trials: pd.DataFrame) -> list[tuple[ArmPair, pd.DataFrame]]:
    """Return each arm that shows explanations, with the first answers as what it is compared to."""
    if "first_correct" not in trials:
        return []
    asked = trials[trials["first_correct"].notna() & trials["explanation_key"].notna()]
    pairs = []
    for arm, second in asked.groupby("arm"):
        first = second.assign(correct=second["first_correct"], arm=FIRST, treated=0)
        both = pd.concat([second.assign(treated=1), first], ignore_index=True)
        pairs.append((ArmPair(str(arm), FIRST), both))
    return pairs


def _adjusted(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Correct the tests of the models by Holm; one that could not be made counts with p = 1."""
    models = [own for own in estimates if own.method == _MODEL]
    adjusted = dict(
        zip(map(id, models), holm([1.0 if m.p is None else m.p for m in models]), strict=True)
    )
    return [
        own
        if own.p is None or id(own) not in adjusted
        else replace(own, p_adjusted=adjusted[id(own)])
        for own in estimates
    ]


def scores_table(scores: Sequence[ExplanationScore]) -> pd.DataFrame:
    """Return scores as a table: `stimulus`, `explanation_key`, `explanation` (its name), `SCORES`.

    `truth` is the share of the heat on the parts that tell the species, above that of the method's
    maps for other pictures; it is missing where the truth is not known. `patches` is the smallest
    sufficient set's share of a graph's patches, `logit_error` has no sign.
    """
    table = pd.DataFrame(
        [
            {
                "stimulus": own.stimulus,
                "explanation_key": own.key,
                "explanation": own.explanation,
                "deletion": own.deletion,
                "insertion": own.insertion,
                "both": own.both,
                "truth": _truth(own),
                "patches": own.graph and own.graph.smallest / own.graph.patches,
                "logit_error": own.concepts and abs(own.concepts.logit_error),
                "covered": own.concepts and own.concepts.covered,
            }
            for own in scores
        ],
        columns=[*SHOWN, "explanation", *SCORES],
    ).drop_duplicates(SHOWN)
    return table.astype(dict.fromkeys(SCORES, "float64"))


def _truth(own: ExplanationScore) -> float:
    regions = {} if own.truth is None else own.truth.regions
    mass = regions.get("telling", {}).get("mass")
    return float("nan") if mass is None else mass.value - (mass.shuffled or 0.0)


def with_scores(pair: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return the trials of both arms of the pictures whose explanation in the arm has scores.

    Parameters
    ----------
    pair
        `stimulus`, `treated`, `explanation_key`.
    scores
        From `scores_table`.
    """
    shown = pair.loc[pair["treated"] == 1, SHOWN].dropna()
    of_stimulus = shown.drop_duplicates().merge(scores, on=SHOWN)
    # Of a picture with several explanations in one arm nobody knows which the other arm lacks.
    single = ~of_stimulus["stimulus"].duplicated(keep=False)
    return pair.drop(columns="explanation_key").merge(of_stimulus[single], on="stimulus")


def _related(scored: pd.DataFrame, score: str, contrast: ArmPair, level: float) -> list[Estimate]:
    phase = scored["phase"] if "phase" in scored else pd.Series("", index=scored.index)
    by_picture = scored.assign(phase=phase).groupby("stimulus")[[score, "phase"]].first()
    within = by_picture[score] - by_picture.groupby("phase")[score].transform("mean")
    spread = float(within.std(ddof=0))
    if spread == 0:
        return []
    standard = scored["stimulus"].map(within / spread)
    table = scored.assign(score=standard, phase=phase, treated=scored["treated"] - 0.5)
    terms = "treated * score" + (" + treated * phase" if phase.nunique() > 1 else "")
    blank = estimate_of(
        table,
        QUESTION,
        "correct",
        _MODEL,
        "log_odds",
        arm=contrast.arm,
        against=contrast.against,
        term=score,
    )
    try:
        found = fit(f"correct ~ {terms} + {random_part(table)}", table)
        interaction = weighted_sum(found, {"treated:score": 1.0}, level).fill(blank)
    except FitError as error:
        interaction = replace(blank, note=str(error))
    ranks = replace(blank, method=_RANKS, scale="correlation")
    benefit = _by_picture(scored).set_index("stimulus")["benefit"]
    benefit = benefit - benefit.groupby(by_picture["phase"]).transform("mean")
    pictures = pd.DataFrame({score: within, "benefit": benefit}).dropna()
    if (
        len(pictures) < _FEWEST
        or pictures[score].nunique() < 2
        or pictures["benefit"].nunique() < 2
    ):
        few = replace(ranks, note="too few pictures, or all alike: nothing can be ranked")
        return [interaction, few]
    return [interaction, spearman(pictures[score], pictures["benefit"], level).fill(ranks)]


def spearman(one: "pd.Series[float]", other: "pd.Series[float]", level: float) -> Tested:
    """Return Spearman's correlation with the interval of Bonett & Wright (2000)."""
    found = stats.spearmanr(one, other)
    estimate, count = float(found.statistic), len(one)
    se = float(np.sqrt((1 + estimate**2 / 2) / (count - 3)))
    reach = float(stats.norm.ppf((1 + level) / 2)) * se
    centre = float(np.arctanh(np.clip(estimate, -1 + 1e-12, 1 - 1e-12)))
    low, high = float(np.tanh(centre - reach)), float(np.tanh(centre + reach))
    return Tested(estimate, None, None, low, high, None, float(found.pvalue))


def _by_picture(scored: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of every picture beside the shares of right answers in both arms."""
    names = [name for name in SCORES if name in scored]
    table = scored.groupby("stimulus")[names].first()
    shares = scored.groupby(["stimulus", "treated"])["correct"].mean().unstack()
    shares = shares.reindex(columns=[0, 1])
    table["share"], table["share_against"] = shares[1], shares[0]
    table["benefit"] = shares[1] - shares[0]
    return table.reset_index()


def _told_of(tested: Sequence[Estimate], alpha: float) -> list[str]:
    """Tell every score of a contrast that predicts the benefit; the others in one sentence."""
    idle = [own for own in tested if own.p is not None and adjusted_p(own) >= alpha]
    told = [moderation_told(own, alpha) for own in tested if own not in idle]
    if len(idle) > 1:
        smallest = min(map(adjusted_p, idle))
        words = "; ".join(SCORES[own.term][0] for own in idle)
        which = "no other of its scores" if told else "none of its scores"
        told.append(
            f"{idle[0].arm} against {idle[0].against}: {which} demonstrably went with the benefit "
            f"({words}; smallest {p_text(smallest)} after Holm's correction)."
        )
    else:
        told += [moderation_told(own, alpha) for own in idle]
    return told


def moderation_told(own: Estimate, alpha: float) -> str:
    """Say whether explanations with a better score helped more, in one sentence."""
    pair = f"{own.arm} against {own.against}"
    words, large_is_good = SCORES[own.term]
    if own.p is None or own.estimate is None:
        return f"{pair}: whether {words} goes with the benefit can't be told ({own.note})."
    found = "did not demonstrably go with the benefit"
    if adjusted_p(own) < alpha:
        is_better = (own.estimate > 0) == large_is_good
        found = f"predicted the benefit: {'better' if is_better else 'worse'} ones helped more"
    return (
        f"{pair}: {words} {found} (one standard deviation more went with {value_told(own)} log "
        f"odds of benefit, {p_text(adjusted_p(own))} after Holm's correction)."
    )
