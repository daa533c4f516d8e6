"""How far the items of a scale measure one thing: Cronbach's alpha and McDonald's omega."""

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats
from statsmodels.multivariate.factor import Factor
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from analysis.questions.answers import CannotAnswerError

Floats = npt.NDArray[np.float64]
# Of the loadings that the fit begins with: the same answers have the same omega every time.
_START = 0


@dataclass(frozen=True)
class Alpha:
    """Cronbach's alpha with Feldt's interval (1965)."""

    alpha: float
    low: float
    high: float


def cronbach_alpha(answers: Floats, level: float) -> Alpha:
    """Return alpha (Cronbach 1951) and its interval.

    Parameters
    ----------
    answers
        (people, items), reversed items turned round.
    level
        Of the interval, which assumes normal answers (Feldt, Woodruff & Salih 1987).

    Raises
    ------
    CannotAnswerError
        With fewer than two items or three people, or when everybody has the same score.
    """
    people, items = answers.shape
    if items < 2 or people < 3:
        raise CannotAnswerError(
            f"Reliability needs 2 items and 3 people; here are {items} and {people}."
        )
    whole = float(answers.sum(axis=1).var(ddof=1))
    if whole <= 0:
        raise CannotAnswerError("Everybody has the same score, which has no reliability.")
    alpha = items / (items - 1) * (1 - float(answers.var(axis=0, ddof=1).sum()) / whole)
    degrees = (people - 1, (people - 1) * (items - 1))
    tail = (1 - level) / 2
    low = 1 - (1 - alpha) * float(stats.f.ppf(1 - tail, *degrees))
    high = 1 - (1 - alpha) * float(stats.f.ppf(tail, *degrees))
    return Alpha(alpha, low, high)


def mcdonald_omega(answers: Floats) -> float | None:
    """Return omega of a one-factor model fitted by maximum likelihood (McDonald 1999).

    Parameters
    ----------
    answers
        (people, items).

    Returns
    -------
    float or None
        None with fewer than three items, more items than people, an item that never varies, or a
        fit that does not converge: one factor can't be told then.
    """
    people, items = answers.shape
    spread = answers.std(axis=0, ddof=1)
    if items < 3 or people <= items or (spread == 0).any():
        return None
    one_factor = Factor(corr=np.corrcoef(answers.T), n_factor=1, method="ml", nobs=people)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            found = one_factor.fit(rng=_START)
        except ConvergenceWarning:
            return None
    loadings = found.loadings[:, 0] * spread
    rest = np.asarray(found.uniqueness) * spread**2
    common = float(loadings.sum()) ** 2
    return common / (common + float(rest.sum()))
