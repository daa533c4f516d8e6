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
) -> pd.DataFrame:
    """Return one study between two arms: participant SD 0.8, picture SD 1.0, in logits."""
    generator = np.random.default_rng(seed)
    treated = generator.permutation(np.arange(participants) % 2)
    person = generator.normal(0, 0.8, participants)
    picture = generator.normal(0, 1.0, stimuli)
    own = generator.normal(0, item_by_arm, (2, stimuli))
    logit = 0.5 + person[:, None] - picture + effect * treated[:, None] + own[treated]
    correct = generator.random(logit.shape) < 1 / (1 + np.exp(-logit))
    rows, columns = np.indices(logit.shape)
    return pd.DataFrame(
        {
            "participant": [f"p{number}" for number in rows.ravel()],
            "stimulus": [f"s{number}" for number in columns.ravel()],
            "treated": treated[rows.ravel()],
            "arm": np.where(treated[rows.ravel()], "heatmap", "none"),
            "correct": correct.ravel().astype(float),
        }
    )
