"""How often each test calls a study without an effect significant, at 5 %.

Run: python -m benchmarks.type_one_error [STUDIES]
"""

import sys

import numpy as np

from analysis import inference
from tests.unit.analysis.simulated import simulate

_DESIGNS = {
    "60 people x 24 pictures": {},
    "the same, pictures react (SD .5)": {"item_by_arm": 0.5},
    "20 people x 12 pictures": {"participants": 20, "stimuli": 12},
}
_TESTS = {
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
