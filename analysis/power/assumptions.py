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
    response_model: ResponseModel, practice: Floats, chance: Floats, shift: float = 0.0
) -> float:
    """Return the mean accuracy of attentive people.

    Parameters
    ----------
    response_model
        Its `effects` and `learning_effects` don't count.
    practice
        Of each trial, the natural logarithm of 1 + answers with feedback before it.
    chance
        Of each trial, one in the number of answers offered.
    shift
        Logits added to everybody's ability.
    """
    drawn = response_model
    kinds, counts = np.unique(np.column_stack([practice, chance]), axis=0, return_counts=True)
    learnt, guess = kinds[:, 0], guessing(drawn, kinds[:, 1])
    pictures = drawn.item_sd**2 + drawn.item_condition_sd**2
    spread = np.sqrt(drawn.ability_sd**2 + (drawn.learning_sd * learnt) ** 2 + pictures)
    centre = drawn.mean_ability + drawn.learning * learnt + shift
    means = expit(centre[:, None] + spread[:, None] * _NODES) @ _WEIGHTS
    return float((guess + (1 - guess - drawn.lapse) * means) @ counts / counts.sum())


def guessing(response_model: ResponseModel, chance: Floats) -> Floats:
    """Return the probability of being right by guessing, of each trial."""
    guess = response_model.guess
    return chance if guess is None else np.full_like(chance, guess)


def shift_to(
    response_model: ResponseModel, practice: Floats, chance: Floats, accuracy: float
) -> float:
    """Return the logits that bring attentive people to an accuracy.

    Parameters
    ----------
    response_model, practice, chance
        As in `expected_accuracy`.
    accuracy
        Between guessing and the ceiling that lapses leave.

    Raises
    ------
    PowerError
        When no shift reaches it.
    """

    def excess(shift: float) -> float:
        return expected_accuracy(response_model, practice, chance, shift) - accuracy

    if excess(-_FARTHEST) >= 0 or excess(_FARTHEST) <= 0:
        low, high = float(guessing(response_model, chance).mean()), 1 - response_model.lapse
        raise PowerError(
            f"An accuracy of {accuracy:.1%} can't be reached: these respondents are right between "
            f"{low:.1%} (by guessing) and {high:.1%} (but for slips) of the time. Choose another "
            "--accuracy, smaller --effects, or other --respondents."
        )
    return float(brentq(excess, -_FARTHEST, _FARTHEST, xtol=1e-10))
