"""Minimisation over factors."""

import random
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from experiments.allocation.method import DecidedOnArrival, Held, by_weight
from experiments.allocation.strata import SEPARATOR


class Minimisation(DecidedOnArrival):
    """Prefers the arm that keeps every level of every factor balanced.

    For each arm: how far apart would the arms be, among people of the person's level of a factor,
    if it got the person? Numbers are divided by the arms' weights; far apart is largest minus
    smallest; factors are added up. The arm with the smallest sum gets the person with probability
    `preferred_probability`, else one of the others in the ratio of their weights.

    References
    ----------
    Pocock & Simon (1975), Sequential treatment assignment with balancing for prognostic factors
    in the controlled clinical trial, Biometrics 31.
    """

    method: Literal["minimisation"] = "minimisation"
    preferred_probability: float = Field(
        default=0.8, gt=0.5, le=1, description="of the arm that balances best"
    )

    def choose(
        self,
        weights: Mapping[str, int],
        held: Held,
        candidates: Sequence[str],
        stratum: str,
        generator: random.Random,
    ) -> str:
        """Where all arms balance alike, the ratio decides alone."""
        sums = {arm: self._imbalance(arm, weights, held, candidates, stratum) for arm in candidates}
        smallest = min(sums.values())
        # Thirds are no binary fractions: equal sums may differ in the last digit.
        best = [arm for arm in candidates if sums[arm] <= smallest + 1e-9]
        others = [arm for arm in candidates if arm not in best]
        if not others:
            return by_weight(weights, best, generator)
        preferred = by_weight(weights, best, generator)
        rest = [arm for arm in candidates if arm != preferred]
        is_preferred = generator.random() < self.preferred_probability
        return preferred if is_preferred else by_weight(weights, rest, generator)

    @staticmethod
    def _imbalance(
        arm: str,
        weights: Mapping[str, int],
        held: Held,
        candidates: Sequence[str],
        stratum: str,
    ) -> float:
        """Closed and full arms take nobody: they are not compared."""
        total = 0.0
        for place, level in enumerate(stratum.split(SEPARATOR)):
            counts = dict.fromkeys(candidates, 0)
            counts[arm] = 1
            for (other, of), count in held.items():
                if other in counts and of.split(SEPARATOR)[place] == level:
                    counts[other] += count
            shares = [counts[other] / weights[other] for other in candidates]
            total += max(shares) - min(shares)
        return total
