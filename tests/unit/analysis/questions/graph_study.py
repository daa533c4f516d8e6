"""The user study of structured attention graphs, drawn again with its published figures.

Shitole et al. (2021, NeurIPS, section 5): 60 people, 20 a group, answer 10 questions twice, without
and with an explanation. Printed are the means and standard deviations of the scores with it, which
are those of whole numbers of 20 people (a sum and a sum of squares), and that scores of 8 and more
occurred with graphs alone. All sets of scores that fit are equally likely here. What was not
printed is assumed: first answers are guesses, ratings lie about 50 and with graphs 15 higher on
right answers than on wrong ones, and graphs take half as long again.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd

from analysis.questions.evidence import ArmPair

PEOPLE, QUESTIONS = 20, 10
# Mean, standard deviation, and the highest score that occurred.
PUBLISHED = {
    "sag": (8.6, 1.698, 10),
    "igos": (5.4, 1.188, 7),
    "gradcam": (5.3, 1.031, 7),
}
CONTRASTS = (ArmPair("sag", "igos"), ArmPair("sag", "gradcam"), ArmPair("igos", "gradcam"))


def sums(mean: float, spread: float) -> tuple[int, int]:
    """The sum and the sum of squares of 20 whole scores with a printed mean and spread."""
    total = round(PEOPLE * mean)
    return total, round((PEOPLE - 1) * spread**2 + total**2 / PEOPLE)


@cache
def score_sets(group: str) -> list[tuple[int, ...]]:
    """All sets of scores with the published figures of a group, highest first."""
    mean, spread, highest = PUBLISHED[group]
    return list(sets_of(PEOPLE, *sums(mean, spread), highest))


def sets_of(people: int, total: int, squares: int, highest: int) -> Iterator[tuple[int, ...]]:
    """All sets of so many scores with a sum and a sum of squares."""
    # Neither sum can be reached by scores so low, nor squares so small by a sum so large.
    if people * highest < total or highest * total < squares or total**2 > people * squares:
        return
    if people == 0:
        yield ()
        return
    for score in range(min(highest, total), -1, -1):
        rest = sets_of(people - 1, total - score, squares - score**2, score)
        yield from ((score, *others) for others in rest)


def scores(group: str, generator: np.random.Generator) -> "np.typing.NDArray[np.int64]":
    """Draw one of them, in any order of people."""
    sets = score_sets(group)
    return generator.permutation(sets[generator.integers(len(sets))])


def graph_study(seed: int) -> pd.DataFrame:
    """Trials of one study of three groups."""
    generator = np.random.default_rng(seed)
    rows = []
    for group in PUBLISHED:
        for number, score in enumerate(scores(group, generator)):
            right = generator.permutation(QUESTIONS) < score
            pace = generator.normal(9.8, 0.25) + 0.4 * (group == "sag")
            for question in range(QUESTIONS):
                first = generator.random() < 0.5
                surer = 15 * right[question] * (group == "sag")
                rows.append(
                    {
                        "participant": f"{group}-{number}",
                        "stimulus": f"q{question}",
                        "arm": group,
                        "correct": float(right[question]),
                        "first_correct": float(first),
                        "confidence": rating(generator, 50 + surer),
                        "first_confidence": rating(generator, 50),
                        "rt_ms": np.exp(pace + generator.normal(0, 0.3)),
                        "first_rt_ms": np.exp(9.8 + generator.normal(0, 0.3)),
                    }
                )
    return pd.DataFrame(rows)


def rating(generator: np.random.Generator, centre: float) -> int:
    """Between 0 and 100, in steps of ten."""
    return int(np.clip(10 * round(generator.normal(centre, 18) / 10), 0, 100))
