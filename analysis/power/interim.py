"""What a study with interim looks would decide: look by look, until every contrast has crossed.

Looks are made as soon as a planned share of participants is analysed, in the order in which people
consented; what was planned and never reached is left out, as `monitor` leaves it out.
"""

import math
from functools import lru_cache

import pandas as pd

from analysis.looks import (
    ROUNDING,
    alphas_of_steps,
    crossed_boundaries,
    gains_too_little,
    last_level,
)
from analysis.power.decisions import Decider, Decision
from experiments.schema import InterimLooks


def decide_at_looks(
    decider: Decider, looks: InterimLooks, trials: pd.DataFrame, planned: int
) -> tuple[list[Decision], int]:
    """Decide every contrast of one study.

    Parameters
    ----------
    trials
        Of the participants that the plan keeps, in the order in which they consented.
    planned
        Participants that the study has places for.

    Returns
    -------
    list of Decision
        A contrast that crossed at one look isn't tested again.
    int
        Participants analysed when the study ended.
    """
    plan = decider.plan
    people = trials["participant"].unique()
    if not len(people):
        return [Decision(False, 0.0, False)] * len(plan.contrasts), 0
    counts, fractions = _reached(looks, len(people), planned)
    decided: dict[int, Decision] = {}
    for look, count in enumerate(counts, start=1):
        answers = decider.answers(trials[trials["participant"].isin(people[:count])])
        still_open = [place for place in range(len(answers)) if not _has_crossed(decided, place)]
        alphas = alphas_of_steps(plan, len(still_open))
        levels = [_level(looks, counts[:look], fractions[:look], alpha) for alpha in alphas]
        ps = [answers[place][0] for place in still_open]
        verdicts = crossed_boundaries(ps, levels, plan.correction)
        for place, (_, has_crossed) in zip(still_open, verdicts, strict=True):
            p, sign = answers[place]
            decided[place] = Decision(has_crossed, sign, p is not None)
        if all(own.is_significant for own in decided.values()):
            break
    return [decided[place] for place in sorted(decided)], count


def _has_crossed(decided: dict[int, Decision], place: int) -> bool:
    return place in decided and decided[place].is_significant


def _reached(
    looks: InterimLooks, analysed: int, planned: int
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Return participants and spending fractions of the looks of a study, the last one among them.

    The last look has everybody and spends all of alpha.
    """
    interim = [math.ceil(share * planned - ROUNDING) for share in looks.information_fractions]
    counts = [
        count
        for count in dict.fromkeys(interim)
        if count < analysed and not gains_too_little(analysed, count)
    ]
    return (*counts, analysed), (*(count / planned for count in counts), 1.0)


# Of studies that lose nobody all looks are alike.
@lru_cache(maxsize=4096)
def _level(
    looks: InterimLooks, counts: tuple[int, ...], fractions: tuple[float, ...], alpha: float
) -> float:
    return last_level(looks, counts, fractions, alpha)
