"""How often each test calls a study without an effect significant, at 5 %.

Run: python -m benchmarks.type_one_error [STUDIES]
"""

import sys

import numpy as np
import pandas as pd

from analysis import inference
from analysis.glmm.fitting import fit
from tests.unit.analysis.simulated import simulate

_DESIGNS = {
    "60 people x 24 pictures": {},
    "the same, pictures react (SD .5)": {"item_by_arm": 0.5},
    "20 people x 12 pictures": {"participants": 20, "stimuli": 12},
}


def mixed_logit(trials: pd.DataFrame) -> inference.Comparison:
    """Return the log odds ratio of a mixed model with crossed intercepts, and Wald's z."""
    found = fit("correct ~ treated + (1 | participant) + (1 | stimulus)", trials)
    row = found.coefficients()[1]
    return inference.Comparison(row.estimate, row.se, np.inf)


_TESTS = {
    "mixed logit": mixed_logit,
    "two-way logit": inference.two_way_logit,
    "two-way difference": inference.two_way_difference,
    "Welch": inference.welch,
    "GEE": inference.gee,
}


def main() -> None:
    """Print the table."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(f"{'rejections, %':36}" + "".join(f"{name:>20}" for name in _TESTS))
    for label, design in _DESIGNS.items():
        tables = [simulate(seed, **design) for seed in range(studies)]  # type: ignore[arg-type]
        rates = [
            100 * np.mean([test(table).p < 0.05 for table in tables]) for test in _TESTS.values()
        ]
        print(f"{label:36}" + "".join(f"{rate:20.1f}" for rate in rates))


if __name__ == "__main__":
    main()
