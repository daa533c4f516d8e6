"""How much more likely are the data if the arms differ than if they don't?

The JZS Bayes factor of Rouder, Speckman, Sun, Morey & Iverson (2009, equation 1, and its form for
two groups): the t statistic of participants' accuracies under a Cauchy prior on the standardised
difference, over the t statistic under none. It is R's `BayesFactor::ttestBF`.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import integrate, optimize

from analysis.questions.answers import Answer, CannotAnswerError
from analysis.questions.evidence import Evidence, estimate_of, pairs_of

QUESTION = "bayes_factor"
TITLE = "How strong is the evidence for a difference, or for none?"
# Scales of the Cauchy prior, by the names R gives them.
WIDTHS = {"medium": np.sqrt(2) / 2, "wide": 1.0, "ultrawide": np.sqrt(2)}

# Where the integrand's peak lies; below and 60 above it there is less than rounding.
_LOG_G = (-12.0, 40.0)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TStatistic:
    """A t statistic, the number of people it stands on, and its degrees of freedom.

    Attributes
    ----------
    size
        People for one sample; n m / (n + m) for two.
    """

    t: float
    size: float
    df: float


def bayes_factor(evidence: Evidence) -> Answer:
    """Weigh a difference of accuracy against none, for each contrast."""
    pairs, missing = pairs_of(evidence.trials, evidence.contrasts)
    estimates, rows, told = [], [], []
    for contrast, pair in pairs:
        observed = accuracy_t(pair)
        factors = {name: jzs_bayes_factor(observed, width) for name, width in WIDTHS.items()}
        blank = estimate_of(
            pair,
            QUESTION,
            "correct",
            "JZS Bayes factor on participants' means, Cauchy prior of scale 0.707",
            "bayes_factor",
            arm=contrast.arm,
            against=contrast.against,
        )
        estimates.append(
            replace(
                blank, estimate=factors["medium"], statistic=observed.t, df=observed.df, note=""
            )
        )
        rows += [
            {
                "arm": contrast.arm,
                "against": contrast.against,
                "prior": name,
                "width": WIDTHS[name],
                "bayes_factor": value,
            }
            for name, value in factors.items()
        ]
        told.append(f"{contrast.arm} against {contrast.against}: {_told(factors['medium'])}.")
    return Answer(
        QUESTION,
        TITLE,
        " ".join([*told, *missing]),
        estimates,
        {"prior_widths": pd.DataFrame(rows)},
    )


def accuracy_t(pair: pd.DataFrame) -> TStatistic:
    """Return the t of participants' accuracies, of differences where everybody met both arms.

    Raises
    ------
    CannotAnswerError
        When nobody differs from anybody, or only some met both arms.
    """
    means = pair.groupby(["participant", "treated"])["correct"].mean().unstack()
    both = means.notna().all(axis=1)
    if both.all():
        return _one_sample((means[1] - means[0]).to_numpy(np.float64))
    if both.any():
        raise CannotAnswerError("Some participants met both arms and some only one.")
    return _two_samples(*(means[own].dropna().to_numpy(np.float64) for own in (1, 0)))


def _one_sample(differences: Floats) -> TStatistic:
    size = len(differences)
    error = float(differences.std(ddof=1)) / np.sqrt(size)
    return TStatistic(float(differences.mean()) / _positive(error), size, size - 1)


def _two_samples(ours: Floats, theirs: Floats) -> TStatistic:
    df = len(ours) + len(theirs) - 2
    pooled = (((ours - ours.mean()) ** 2).sum() + ((theirs - theirs.mean()) ** 2).sum()) / df
    size = len(ours) * len(theirs) / (len(ours) + len(theirs))
    error = float(np.sqrt(pooled / size))
    return TStatistic(float(ours.mean() - theirs.mean()) / _positive(error), size, df)


def _positive(error: float) -> float:
    if error < 1e-9:
        raise CannotAnswerError("Nobody differs from anybody in accuracy.")
    return error


def jzs_bayes_factor(observed: TStatistic, width: float) -> float:
    """Return the Bayes factor for a difference over none.

    Parameters
    ----------
    observed
        Of the data.
    width
        Scale r of the Cauchy prior on the standardised difference.

    Notes
    -----
    The integral is over the logarithm of g, the prior variance of the standardised difference in
    units of r^2, which is inverse chi-squared with one degree of freedom.
    """

    def log_density(log_g: float) -> float:
        spread = 1.0 + observed.size * width**2 * np.exp(log_g)
        likelihood = -0.5 * np.log(spread) - (observed.df + 1) / 2 * np.log1p(
            observed.t**2 / (spread * observed.df)
        )
        prior = -0.5 * (np.log(2 * np.pi) + log_g + np.exp(-log_g))
        return float(likelihood + prior)

    null = -(observed.df + 1) / 2 * float(np.log1p(observed.t**2 / observed.df))
    peak = float(
        optimize.minimize_scalar(lambda x: -log_density(x), bounds=_LOG_G, method="bounded").x
    )
    top = log_density(peak)
    area = sum(
        integrate.quad(
            lambda x: np.exp(log_density(x) - top), *ends, epsabs=1e-13, epsrel=1e-11, limit=200
        )[0]
        for ends in ((_LOG_G[0], peak), (peak, peak + 60.0))
    )
    return float(area * np.exp(top - null))


def _told(factor: float) -> str:
    """Say what a factor means, in the words of Lee & Wagenmakers (2013, after Jeffreys)."""
    larger = max(factor, 1 / factor)
    word = next(
        words
        for limit, words in (
            (3, "hardly any"),
            (10, "moderate"),
            (30, "strong"),
            (100, "very strong"),
            (np.inf, "extreme"),
        )
        if larger <= limit
    )
    side = "a difference" if factor >= 1 else "no difference"
    return (
        f"the data are {larger:.3g} times as likely under {side} ({word} evidence; the factor "
        f"depends on the prior's width, see the table)"
    )
