"""Wei's urn."""

import random
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from experiments.allocation.method import DecidedOnArrival, Held, by_weight


class Urn(DecidedOnArrival):
    """A biased coin whose bias grows with the imbalance and fades with the number of people.

    At first the urn holds `initial_balls` of each arm, times its weight. A ball is drawn and put
    back, and `added_balls` are added for every unit of weight but the one drawn. So after n people,
    k of them in an arm of weight w, it holds `initial_balls * w + added_balls * (n * w - k)` balls
    of that arm. Only people who hold a place now are counted, within the person's stratum.

    References
    ----------
    Wei (1978), An application of an urn model to the design of sequential controlled clinical
    trials, JASA 73.
    """

    method: Literal["urn"] = "urn"
    initial_balls: int = Field(
        default=1, ge=1, le=1000, description="of each arm, times its weight"
    )
    added_balls: int = Field(
        default=1, ge=1, le=1000, description="of the other arms, after each person"
    )

    def choose(
        self,
        weights: Mapping[str, int],
        held: Held,
        candidates: Sequence[str],
        stratum: str,
        generator: random.Random,
    ) -> str:
        """Draw a ball of an arm that has a free place."""
        own = {arm: held.get((arm, stratum), 0) for arm in weights}
        total = sum(own.values())
        balls = {
            arm: self.initial_balls * weight + self.added_balls * (total * weight - own[arm])
            for arm, weight in weights.items()
        }
        return by_weight(balls, candidates, generator)
