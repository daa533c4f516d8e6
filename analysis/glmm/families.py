"""Distributions of an outcome given its linear predictor, with the derivatives Laplace needs.

Both are log-concave in the linear predictor eta, so that the modes of the random effects are
unique.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit, gammaln

from analysis.glmm.coding import Floats, Integers


@dataclass(frozen=True)
class Point:
    """A family at one linear predictor.

    Attributes
    ----------
    log_likelihood
        Summed over the rows.
    score, weight
        First derivative, and the negative of the second, by eta, of each row.
    """

    log_likelihood: float
    score: Floats
    weight: Floats


class Family(Protocol):
    """What the Laplace approximation asks of a distribution."""

    @property
    def parameters(self) -> int:
        """Return the number of its own parameters (thresholds)."""

    def at(self, eta: Floats, own: Floats) -> Point:
        """Return likelihood and derivatives at eta, with the family's own parameters."""

    def pull_back(
        self, eta: Floats, own: Floats, leverage: Floats, shift: Floats
    ) -> tuple[Floats, Floats]:
        """Return the derivatives of the Laplace deviance by eta and by the own parameters.

        They are those of -2 l + leverage * W + shift * (d l / d eta) with `leverage` and `shift`
        held fixed, where l is the log likelihood of a row and W = -d2 l / d eta2: with h and t of
        `laplace`, this expression has the gradient of the deviance.
        """

    def margins(self, fixed: Floats) -> Floats:
        """Return what the likelihood rises with, as rows over fixed effects and own parameters.

        Every log probability is an increasing function of some rows times the parameters, shifted
        by random effects: of eta for a success and of -eta for a failure, for instance.
        """

    def slope(self, eta: Floats, own: Floats, fixed: Floats) -> Floats:
        """Return the derivatives of the log likelihood by fixed effects and own parameters."""

    def information(self, eta: Floats, own: Floats, fixed: Floats) -> tuple[Floats, Floats]:
        """Return the negative second derivatives of the log likelihood.

        Parameters
        ----------
        fixed
            Design matrix X of the fixed effects, (rows, p).

        Returns
        -------
        information
            By fixed effects and own parameters, (m, m).
        cross
            By each row's eta and the same parameters, (rows, m).
        """


@dataclass(frozen=True)
class Binomial:
    """Successes among trials, by the logit link.

    Attributes
    ----------
    successes, trials
        By row; trials are 1 for single answers.
    """

    successes: Floats
    trials: Floats
    parameters: int = 0

    def at(self, eta: Floats, own: Floats) -> Point:
        """Return likelihood and derivatives."""
        probability = expit(eta)
        expected = self.trials * probability
        # log(1 + exp(eta)) without overflow.
        softplus = np.maximum(eta, 0.0) + np.log1p(np.exp(-np.abs(eta)))
        log_likelihood = float(self.successes @ eta - self.trials @ softplus)
        return Point(
            log_likelihood + self.constant,
            self.successes - expected,
            expected * (1.0 - probability),
        )

    @property
    def constant(self) -> float:
        """Return the logarithm of the binomial coefficients, zero for single answers."""
        if self.trials.max() <= 1:
            return 0.0
        counts = (self.trials, self.successes, self.trials - self.successes)
        whole, right, wrong = (gammaln(count + 1) for count in counts)
        return float((whole - right - wrong).sum())

    def pull_back(
        self, eta: Floats, own: Floats, leverage: Floats, shift: Floats
    ) -> tuple[Floats, Floats]:
        """Return the derivatives of the Laplace deviance."""
        probability = expit(eta)
        weight = self.trials * probability * (1.0 - probability)
        score = self.successes - self.trials * probability
        return (
            -2.0 * score + weight * (leverage * (1.0 - 2.0 * probability) - shift),
            np.empty(0),
        )

    def margins(self, fixed: Floats) -> Floats:
        """Return x of every success and -x of every failure."""
        successes, failures = self.successes > 0, self.successes < self.trials
        return np.vstack([fixed[successes], -fixed[failures]])

    def slope(self, eta: Floats, own: Floats, fixed: Floats) -> Floats:
        """Return the derivatives of the log likelihood."""
        found: Floats = fixed.T @ self.at(eta, own).score
        return found

    def information(self, eta: Floats, own: Floats, fixed: Floats) -> tuple[Floats, Floats]:
        """Return the negative second derivatives."""
        probability = expit(eta)
        cross = fixed * (self.trials * probability * (1.0 - probability))[:, None]
        return fixed.T @ cross, cross


@dataclass(frozen=True)
class CumulativeLogit:
    """An ordered category: P(category <= k) = expit(threshold_k - eta).

    With a = threshold_k - eta and b = threshold_(k-1) - eta the probability of category k is
    F(a) - F(b) = F(a) F(-b) (1 - exp(b - a)), whose last factor doesn't depend on eta.

    Attributes
    ----------
    category
        0 to `categories` - 1, by row.
    """

    category: Integers
    categories: int

    @property
    def parameters(self) -> int:
        """Return the number of thresholds."""
        return self.categories - 1

    def _bounds(self, eta: Floats, own: Floats) -> tuple[Floats, Floats]:
        edges = np.concatenate([[-np.inf], own, [np.inf]])
        return edges[self.category + 1] - eta, edges[self.category] - eta

    def at(self, eta: Floats, own: Floats) -> Point:
        """Return likelihood and derivatives; the likelihood is zero unless thresholds ascend."""
        if (np.diff(own) <= 0).any():
            nothing = np.full(len(eta), np.nan)
            return Point(-np.inf, nothing, nothing)
        above, below = self._bounds(eta, own)
        upper, lower = expit(above), expit(below)
        widths = np.concatenate([[np.inf], np.diff(own), [np.inf]])
        last = np.log(-np.expm1(-widths))[self.category]
        return Point(
            float((_log_expit(above) + _log_expit(-below) + last).sum()),
            lower + upper - 1.0,
            upper * (1.0 - upper) + lower * (1.0 - lower),
        )

    def pull_back(
        self, eta: Floats, own: Floats, leverage: Floats, shift: Floats
    ) -> tuple[Floats, Floats]:
        """Return the derivatives of the Laplace deviance."""
        above, below = self._bounds(eta, own)
        upper, lower = expit(above), expit(below)
        upper_density, lower_density = upper * (1.0 - upper), lower * (1.0 - lower)
        by_above = upper_density * (leverage * (1.0 - 2.0 * upper) + shift) - 2.0 * (1.0 - upper)
        by_below = lower_density * (leverage * (1.0 - 2.0 * lower) + shift) + 2.0 * lower
        by_eta = -(by_above + by_below)
        # The width of a category enters through its last factor only.
        gaps = 2.0 / np.expm1(np.diff(own))
        counts = np.bincount(self.category, minlength=self.categories)
        by_own = self._by_category(by_above)[:-1] + self._by_category(by_below)[1:]
        by_own[1:] -= gaps * counts[1:-1]
        by_own[:-1] += gaps * counts[1:-1]
        return by_eta, by_own

    def _by_category(self, values: Floats) -> Floats:
        return np.bincount(self.category, values, self.categories).astype(np.float64)

    def margins(self, fixed: Floats) -> Floats:
        """Return the derivatives of a of every row but the highest, and of -b but the lowest."""
        thresholds = np.eye(self.categories + 1)[:, 1:-1]
        above = np.hstack([-fixed, thresholds[self.category + 1]])
        below = np.hstack([fixed, -thresholds[self.category]])
        return np.vstack([above[self.category < self.categories - 1], below[self.category > 0]])

    def slope(self, eta: Floats, own: Floats, fixed: Floats) -> Floats:
        """Return the derivatives of the log likelihood."""
        nothing = np.zeros_like(eta)
        by_eta, by_own = self.pull_back(eta, own, nothing, nothing)
        return np.concatenate([fixed.T @ by_eta, by_own]) / -2.0

    def information(self, eta: Floats, own: Floats, fixed: Floats) -> tuple[Floats, Floats]:
        """Return the negative second derivatives."""
        above, below = self._bounds(eta, own)
        thresholds = np.eye(self.categories + 1)[:, 1:-1]
        by_above = np.hstack([-fixed, thresholds[self.category + 1]])
        by_below = np.hstack([-fixed, thresholds[self.category]])
        upper, lower = expit(above), expit(below)
        above_part: Floats = by_above * (upper * (1.0 - upper))[:, None]
        below_part: Floats = by_below * (lower * (1.0 - lower))[:, None]
        information: Floats = by_above.T @ above_part + by_below.T @ below_part
        gaps = np.diff(own)
        counts = np.bincount(self.category, minlength=self.categories)[1:-1]
        steps = np.zeros((len(gaps), information.shape[0]))
        steps[:, fixed.shape[1] :] = np.diff(np.eye(self.parameters), axis=0)
        information += steps.T @ (steps * (counts / (4.0 * np.sinh(gaps / 2.0) ** 2))[:, None])
        return information, -(above_part + below_part)


def _log_expit(values: Floats) -> Floats:
    found: Floats = np.minimum(values, 0.0) - np.log1p(np.exp(-np.abs(values)))
    return found
