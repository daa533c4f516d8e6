"""From accuracies, which people can judge, to the logits of the response model, and back.

The accuracy of an arm is the mean probability of a right answer over new people, new pictures and
the trials of the assessment: the random parts of the response model are integrated out, by Gauss
and Hermite's rule. A difference of accuracies becomes the logits that add just that difference to
the accuracy of the arms without effect.
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from analysis.errors import PowerError
from analysis.glmm.coding import Floats
from experiments.respondents import ResponseModel

_NODES, _DENSITIES = np.polynomial.hermite_e.hermegauss(61)
_WEIGHTS: Floats = _DENSITIES / _DENSITIES.sum()
# In logits: beyond it every accuracy has reached its limit.
_FARTHEST = 40.0


def expected_accuracy(
    response_model: ResponseModel, practice: Floats, choices: int, shift: float = 0.0
) -> float:
    """Return the mean accuracy of attentive people.

    Parameters
    ----------
    response_model
        Its `effects` and `learning_effects` don't count.
    practice
        Of each trial, the natural logarithm of 1 + answers with feedback before it.
    choices
        How many answers are offered.
    shift
        Logits added to everybody's ability.
    """
    drawn = response_model
    guess = guessing(drawn, choices)
    pictures = drawn.item_sd**2 + drawn.item_condition_sd**2
    kinds, counts = np.unique(practice, return_counts=True)
    spread = np.sqrt(drawn.ability_sd**2 + (drawn.learning_sd * kinds) ** 2 + pictures)
    centre = drawn.mean_ability + drawn.learning * kinds + shift
    means = expit(centre[:, None] + spread[:, None] * _NODES) @ _WEIGHTS
    return float(guess + (1 - guess - drawn.lapse) * (means @ counts) / counts.sum())


def guessing(response_model: ResponseModel, choices: int) -> float:
    """Return the probability of being right by guessing."""
    return 1 / choices if response_model.guess is None else response_model.guess


def shift_to(
    response_model: ResponseModel, practice: Floats, choices: int, accuracy: float
) -> float:
    """Return the logits that bring attentive people to an accuracy.

    Parameters
    ----------
    response_model, practice, choices
        As in `expected_accuracy`.
    accuracy
        Between guessing and the ceiling that lapses leave.

    Raises
    ------
    PowerError
        When no shift reaches it.
    """

    def excess(shift: float) -> float:
        return expected_accuracy(response_model, practice, choices, shift) - accuracy

    if excess(-_FARTHEST) >= 0 or excess(_FARTHEST) <= 0:
        low, high = guessing(response_model, choices), 1 - response_model.lapse
        raise PowerError(
            f"An accuracy of {accuracy:.1%} can't be reached: these respondents are right between "
            f"{low:.1%} (by guessing) and {high:.1%} (but for slips) of the time. Choose another "
            "--accuracy, smaller --effects, or other --respondents."
        )
    return float(brentq(excess, -_FARTHEST, _FARTHEST, xtol=1e-10))
