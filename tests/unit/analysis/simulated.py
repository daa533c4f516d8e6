"""Simulated studies as trial tables: logit, people and pictures as random effects."""

import numpy as np
import pandas as pd


def simulate(
    seed: int,
    *,
    participants: int = 60,
    stimuli: int = 24,
    effect: float = 0.0,
    item_by_arm: float = 0.0,
    person_by_arm: float = 0.0,
    is_within: bool = False,
    seen: int | None = None,
) -> pd.DataFrame:
    """Return one study of two conditions: participant SD 0.8, picture SD 1.0, in logits.

    Parameters
    ----------
    item_by_arm, person_by_arm
        SD of what a picture, or a person, does in each condition of its own.
    is_within
        Everybody meets both conditions, each on half of the pictures, drawn anew for each person.
    seen
        Pictures a person sees of all there are; None is all.
    """
    generator = np.random.default_rng(seed)
    treated = generator.permutation(np.arange(participants) % 2)
    person = generator.normal(0, 0.8, participants)
    picture = generator.normal(0, 1.0, stimuli)
    own = generator.normal(0, item_by_arm, (2, stimuli))
    logit = 0.5 + person[:, None] - picture
    is_treated = np.repeat(treated[:, None], stimuli, axis=1)
    if is_within:
        halves = np.tile(np.arange(stimuli) % 2, (participants, 1))
        is_treated = generator.permuted(halves, axis=1)
        logit += generator.normal(0, person_by_arm, (participants, 2))[
            np.arange(participants)[:, None], is_treated
        ]
    logit += effect * is_treated + own[is_treated, np.arange(stimuli)]
    correct = generator.random(logit.shape) < 1 / (1 + np.exp(-logit))
    rows, columns = np.indices(logit.shape)
    table = pd.DataFrame(
        {
            "participant": [f"p{number}" for number in rows.ravel()],
            "stimulus": [f"s{number}" for number in columns.ravel()],
            "treated": is_treated.ravel(),
            "arm": np.where(is_treated.ravel(), "heatmap", "none"),
            "correct": correct.ravel().astype(float),
        }
    )
    if seen is None:
        return table
    places = generator.random(logit.shape).argsort(axis=1).argsort(axis=1)
    return table[places.ravel() < seen].reset_index(drop=True)
