"""How often each test calls a study without an effect significant, at 5 %.

Run: python -m benchmarks.type_one_error [STUDIES] [FOLDER]

Every study's p values are appended to FOLDER/DESIGN.csv (var/type_one_error), so that a run that
was stopped goes on where it ended, and a larger number of studies adds to those there are. Two
processes. The mixed model has the random effects of the design.
"""

import csv
import sys
import zlib
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis import inference
from analysis.comparisons import FAILURES
from analysis.crossing import meets_several
from analysis.mixed import ArmModel
from tests.unit.analysis.simulated import simulate

DESIGNS: dict[str, tuple[str, dict[str, Any]]] = {
    "between": (
        "between, 30 people x 16 pictures that react (SD .5)",
        {"participants": 30, "stimuli": 16, "item_by_arm": 0.5},
    ),
    "within": (
        "within, 24 people x 16 pictures, both react (SD .4)",
        {
            "participants": 24,
            "stimuli": 16,
            "item_by_arm": 0.4,
            "person_by_arm": 0.4,
            "is_within": True,
        },
    ),
    "few": ("few clusters, 16 people x 10 pictures", {"participants": 16, "stimuli": 10}),
    "many": (
        "many pictures, 36 people x 12 of 90",
        {"participants": 36, "stimuli": 90, "seen": 12},
    ),
}
TESTS = (
    "LRT as F",
    "LRT chi2",
    "Wald t",
    "Wald z",
    "intercepts only",
    "linear mixed",
    "two-way logit",
    "people's t",
    "GEE",
)
_SINGULAR = "singular"
_LEVEL = 0.05


def p_values(design: str, number: int) -> dict[str, float]:
    """Return the p value of each test in one study; NaN where it gives none."""
    seed = zlib.crc32(design.encode()) + number
    trials = simulate(seed, **DESIGNS[design][1])
    return {
        "number": number,
        **_of_mixed(trials),
        "intercepts only": _p(_intercepts, trials),
        "two-way logit": _p(inference.two_way_logit, trials),
        "people's t": _p(
            inference.paired if meets_several(trials, "participant") else inference.welch, trials
        ),
        "GEE": _p(inference.gee, trials),
    }


def _of_mixed(trials: pd.DataFrame) -> dict[str, float]:
    try:
        model = ArmModel(trials, "correct", "binomial", reference="none")
    except FAILURES:
        return {}
    test, wald = model.test(), model.wald()
    return {
        "LRT as F": test.p,
        "LRT chi2": float(stats.chi2.sf(test.f, 1)),
        "Wald t": wald.p,
        "Wald z": float(2 * stats.norm.sf(abs(wald.statistic))),
        "linear mixed": model.linear_comparison().p,
        _SINGULAR: float(model.fit.singular),
    }


def _intercepts(trials: pd.DataFrame) -> inference.Comparison:
    model = ArmModel(trials, "correct", "binomial", reference="none", choice="intercepts")
    wald = model.wald()
    return inference.Comparison(wald.estimate, wald.se, np.inf)


def _p(compare: Any, trials: pd.DataFrame) -> float:
    try:
        return float(compare(trials).p)
    except FAILURES:
        return float("nan")


def run(design: str, studies: int, folder: Path) -> pd.DataFrame:
    """Return a design's p values, of studies done before and now."""
    path = folder / f"{design}.csv"
    done = set(pd.read_csv(path)["number"]) if path.is_file() else set()
    wanted = [number for number in range(studies) if number not in done]
    columns = ["number", *TESTS, _SINGULAR]
    with path.open("a", newline="") as stream, ProcessPoolExecutor(2) as pool:
        writer = csv.DictWriter(stream, columns, restval="nan")
        if not done:
            writer.writeheader()
        for row in pool.map(partial(p_values, design), wanted):
            writer.writerow(row)
            stream.flush()
            if sys.stderr.isatty():
                print(f"\r{design}: study {row['number'] + 1:.0f}", end="", file=sys.stderr)
    table = pd.read_csv(path)
    return table[table["number"] < studies]


def main() -> None:
    """Print the table."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path("var/type_one_error")
    folder.mkdir(parents=True, exist_ok=True)
    error = 100 * np.sqrt(_LEVEL * (1 - _LEVEL) / studies)
    print(f"rejections in % of {studies} null studies; Monte-Carlo error {error:.1f} at 5 %")
    print("| design | " + " | ".join(TESTS) + " | singular |")
    print("|---|" + "---|" * (len(TESTS) + 1))
    for design, (label, _) in DESIGNS.items():
        table = run(design, studies, folder)
        rates = [100 * (table[name].dropna() < _LEVEL).mean() for name in TESTS]
        singular = f"{100 * table[_SINGULAR].mean():.0f} %"
        print(f"| {label} | " + " | ".join(f"{rate:.1f}" for rate in rates) + f" | {singular} |")


if __name__ == "__main__":
    main()
