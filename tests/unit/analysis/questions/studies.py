"""Simulated studies with everything that a question may ask for."""

import numpy as np
import pandas as pd

from analysis.questions.evidence import ArmPair

ARMS = ("none", "heatmap")
CONTRAST = ArmPair(arm="heatmap", against="none")
SPECIES = ("california_gull", "herring_gull", "ivory_gull", "ring_billed_gull")


def study(
    seed: int = 1,
    *,
    people: int = 60,
    items: int = 24,
    effect: float = 0.6,
    slope: float = 0.0,
    slope_by_arm: float = 0.0,
    item_effect_sd: float = 0.0,
    time_ratio: float = 1.0,
) -> pd.DataFrame:
    """Trials of two arms between people: person SD 0.6, picture SD 0.8, in logits.

    Effects are of the arm heatmap: on log odds, on their slope over ten trials, and on times.
    """
    generator = np.random.default_rng(seed)
    ease = generator.normal(0, 0.8, items)
    own_effect = generator.normal(0, item_effect_sd, items)
    rows = []
    for person in range(people):
        treated = person % 2
        ability, pace = generator.normal(0, 0.6), generator.normal(0, 0.2)
        for place, item in enumerate(generator.permutation(items)):
            gain = slope + slope_by_arm * treated
            eta = 0.4 + ability + ease[item] + treated * (effect + own_effect[item])
            eta += gain * (place - items / 2) / 10
            correct = generator.random() < 1 / (1 + np.exp(-eta))
            true = SPECIES[item % 4]
            wrong = SPECIES[(item + 1 + generator.integers(3)) % 4]
            rows.append(
                {
                    "trial": f"t{person}-{item}",
                    "participant": f"p{person}",
                    "stimulus": f"s{item}",
                    "arm": ARMS[treated],
                    "trial_index": 5 + place,
                    "true_species": true,
                    "predicted_species": true if item % 3 else SPECIES[(item + 1) % 4],
                    "predicted_probability": 0.4 + 0.6 * ((7 * item) % items) / items,
                    "choice": true if correct else wrong,
                    "correct": float(correct),
                    "confidence": int(np.clip(round(3 + eta + generator.normal()), 1, 5)),
                    "rt_ms": 3000
                    * time_ratio**treated
                    * np.exp(pace - 0.1 * ease[item] + generator.normal(0, 0.4)),
                    "explanation_key": f"{item:064d}" if treated else None,
                }
            )
    return pd.DataFrame(rows)
