"""Do people get better from trial to trial, and faster in one arm than in another?

A logistic mixed model of the training trials, with a slope over ten trials of each arm. The place
of a trial is counted within the session's training, so that practice and breaks don't shift it.
"""

import pandas as pd

from analysis.estimates import Estimate
from analysis.glmm.fits import Fit
from analysis.glmm.fitting import fit
from analysis.questions.answers import Answer, CannotAnswerError
from analysis.questions.evidence import (
    Evidence,
    estimate_of,
    p_told,
    pairs_of,
    require,
    value_told,
)
from analysis.questions.mixed import random_part, weighted_sum

QUESTION = "learning"
TITLE = "Do people learn over the trials, and does the explanation change how fast?"
TRIALS_A_STEP = 10
_FEWEST_PLACES = 4


def learning(evidence: Evidence) -> Answer:
    """Compare slopes over the trials of the training, or of the whole phase without one."""
    has_training = evidence.training is not None and len(evidence.training) > 0
    trials = evidence.training if has_training else evidence.trials
    assert trials is not None
    require(trials, {"trial_index": "a place in its session"})
    trials = with_places(trials)
    if trials["place"].nunique() < _FEWEST_PLACES:
        raise CannotAnswerError(f"A curve needs at least {_FEWEST_PLACES} trials a person.")
    pairs, told = pairs_of(trials, evidence.contrasts)
    trials = trials[trials["arm"].isin(evidence.arms)]
    found = fit(f"correct ~ 0 + arm + arm:step + {random_part(trials, slope='step')}", trials)
    arms = [arm for arm in evidence.arms if (trials["arm"] == arm).any()]
    slopes = [_slope(found, trials, arm, evidence.level) for arm in arms]
    differences = [
        weighted_sum(
            found, {_name(contrast.arm): 1.0, _name(contrast.against): -1.0}, evidence.level
        ).fill(_blank(pair, contrast.arm, contrast.against))
        for contrast, pair in pairs
    ]
    phase = "training" if has_training else "assessment"
    sentences = [
        f"Over the trials of the {phase}, the log odds of a right answer changed by "
        f"{', '.join(_slope_text(own) for own in slopes)} every {TRIALS_A_STEP} trials.",
        *(_difference_text(own) for own in differences),
        *told,
    ]
    return Answer(
        QUESTION, TITLE, " ".join(sentences), [*slopes, *differences], {"curve": _curve(trials)}
    )


def with_places(trials: pd.DataFrame) -> pd.DataFrame:
    """Return trials with `place`, from 1 within the participant, and `step`, centred, in tens."""
    place = trials.groupby("participant")["trial_index"].rank(method="first").astype(int)
    return trials.assign(place=place, step=(place - place.mean()) / TRIALS_A_STEP)


def _name(arm: str) -> str:
    return f"arm{arm}:step"


def _blank(trials: pd.DataFrame, arm: str, against: str = "") -> Estimate:
    method = f"logistic mixed model, log odds every {TRIALS_A_STEP} trials"
    return estimate_of(
        trials, QUESTION, "correct", method, "log_odds", arm=arm, against=against, term="slope"
    )


def _slope(found: Fit, trials: pd.DataFrame, arm: str, level: float) -> Estimate:
    own = trials[trials["arm"] == arm]
    return weighted_sum(found, {_name(arm): 1.0}, level).fill(_blank(own, arm))


def _curve(trials: pd.DataFrame) -> pd.DataFrame:
    grouped = trials.groupby(["arm", "place"])["correct"]
    return grouped.agg(share="mean", answers="count").reset_index()


def _slope_text(own: Estimate) -> str:
    return f"{value_told(own)} in {own.arm}"


def _difference_text(own: Estimate) -> str:
    pair = f"{own.arm} against {own.against}"
    return f"{pair}: the slopes differ by {value_told(own)} ({p_told(own)})."
