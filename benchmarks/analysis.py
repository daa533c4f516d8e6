"""Seconds to fit mixed models of the sizes that studies have.

Run: python -m benchmarks.analysis [FOLDER OF R'S REFERENCE TABLES]

Tables are simulated, but for the CUB study (Taesiri, Nguyen & Nguyen 2022) and VerbAgg (lme4),
which are read from the folder. One warm-up fit, then the best of three (one for what takes long).
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.glmm.coding import Coding
from analysis.glmm.fitting import fit

_CROSSED = "(1 | participant) + (1 | item)"


def simulated(people: int, items: int, seen: int, *, seed: int = 1) -> pd.DataFrame:
    """Return a study in which every person sees some of the items."""
    generator = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), seen)
    item = np.concatenate([generator.permutation(items)[:seen] for _ in range(people)])
    condition = person % 3
    latent = 0.5 + 0.4 * (condition == 1) + generator.normal(0, 0.8, people)[person]
    latent += generator.normal(0, 1.0, items)[item]
    noise = generator.logistic(size=len(latent))
    return pd.DataFrame(
        {
            "participant": person.astype(str),
            "item": item.astype(str),
            "condition": np.array(["none", "heat", "graph"])[condition],
            "half": np.arange(len(person)) % 2,
            "correct": (latent + noise > 0).astype(int),
            "confidence": np.digitize(latent + noise, [-2.0, -0.5, 0.8, 2.5]),
            "rt": np.exp(0.3 * latent + generator.normal(0, 0.4, len(latent))),
        }
    )


def ratings(rows: int = 73_421, students: int = 2972, lecturers: int = 1128) -> pd.DataFrame:
    """Return a table of the size of lme4's InstEval: 2,972 students rate 1,128 lecturers."""
    generator = np.random.default_rng(2)
    table = simulated(students, lecturers, rows // students + 1, seed=2)
    return table.iloc[np.sort(generator.permutation(len(table))[:rows])]


def cases(reference: Path) -> Iterator[tuple[str, float | None, pd.DataFrame, str, str, Coding]]:
    """Return label, aim in seconds, table, formula, family and coding."""
    plain = Coding()
    study, large = simulated(60, 40, 40), simulated(300, 60, 30)
    correct = f"correct ~ condition + {_CROSSED}"
    yield "60 x 40", 0.04, study, correct, "binomial", plain
    slopes = "correct ~ condition * half + (1 + half | participant) + (1 + half || item)"
    yield "60 x 40, slopes", None, study, slopes, "binomial", plain
    confidence = f"confidence ~ condition + {_CROSSED}"
    yield "60 x 40, confidence", None, study, confidence, "ordinal", plain
    times = f"log(rt) ~ condition + {_CROSSED}"
    yield "60 x 40, log rt", None, study, times, "gaussian", plain
    yield "9,000 trials", 0.2, large, correct, "binomial", plain
    cub, verbagg = reference / "case11_cub_human.csv", reference / "case02_verbagg.csv"
    if cub.is_file():
        coding = Coding(reference={"condition": "ResNet-50"})
        yield "CUB study, 362 x 1,850", 2.0, pd.read_csv(cub), correct, "binomial", coding
    if verbagg.is_file():
        own = "y ~ btype + situ + mode + (1 + mode | id) + (1 | item)"
        yield "VerbAgg, 316 x 24, slope", None, pd.read_csv(verbagg), own, "binomial", plain
    many = ratings()
    yield "73,421 rows, 2,972 x 1,128", 30.0, many, correct, "binomial", plain
    yield "the same, log rt", None, many, times, "gaussian", plain


def main() -> None:
    """Print the table."""
    reference = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("var")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'':28}{'seconds':>9}{'aim':>7}{'deviance':>15}")
    fit(f"correct ~ condition + {_CROSSED}", simulated(60, 40, 40))
    for label, aim, table, formula, family, coding in cases(reference):
        times = []
        for _ in range(3 if len(table) < 50_000 else 1):
            began = time.perf_counter()
            found = fit(formula, table, family, coding=coding)  # type: ignore[arg-type]
            times.append(time.perf_counter() - began)
        told = "" if aim is None else f"{aim:g}"
        print(f"{label:28}{min(times):9.3f}{told:>7}{found.deviance:15.3f}", flush=True)


if __name__ == "__main__":
    main()
