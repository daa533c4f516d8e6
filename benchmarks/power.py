"""Seconds to simulate and decide a study of a protocol, and what a curve of 1,000 studies takes.

Run: python -m benchmarks.power [STUDIES]
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from analysis.effects import confirmatory
from analysis.power.decisions import Decider
from analysis.power.design import plan_design
from analysis.power.journal import Journal
from analysis.power.questions import Question, default_arms, run_of
from analysis.power.runs import run_studies
from analysis.power.simulation import simulate_study
from experiments.fitted_respondents import response_model_named
from experiments.loading import load_protocol

_PROTOCOL = Path("experiments/protocols/gulls-demo.yaml")
_SIZES = ((60, 16), (120, 16), (120, 40), (300, 16))
_JOBS = 2


def main() -> None:
    """Print processor seconds a study, then a curve's wall time on two processes."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    protocol = load_protocol(_PROTOCOL).protocol
    if protocol is None:
        raise SystemExit(f"{_PROTOCOL} can't be read")
    people = response_model_named("teaching")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; processor ms a study")
    print(f"{'':24}{'drawing':>9}{'decision':>10}{'report':>9}")
    for participants, pictures in _SIZES:
        design = plan_design(protocol, participants, pictures)
        decider = Decider(protocol.analysis)
        drawn, decided, told = [], [], []
        for seed in range(11):
            began = time.process_time()
            study = simulate_study(design, people, {"heatmap": 0.4}, seed=seed)
            drawn.append(time.process_time() - began)
            began = time.process_time()
            decider.decide(study)
            decided.append(time.process_time() - began)
            began = time.process_time()
            confirmatory(study, protocol.analysis)
            told.append(time.process_time() - began)
        # The first study builds matrices and imports what is late.
        means = [1000 * sum(own[1:]) / 10 for own in (drawn, decided, told)]
        name = f"{participants} people x {pictures}"
        print(f"{name:24}{means[0]:9.1f}{means[1]:10.1f}{means[2]:9.1f}", flush=True)
    question = Question(
        protocol=protocol,
        participants=[60],
        pictures=[16],
        effects=[0.1],
        shares_of_effect=default_arms(protocol),
        respondents="teaching",
        response_model=people,
        accuracy=None,
        studies=studies // 2,
        seed=1,
    )
    run = run_of(question)
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal", run.fingerprint())
        began = time.perf_counter()
        run_studies(run, journal, jobs=_JOBS, progress=lambda done, total: None)
        wall = time.perf_counter() - began
    print(f"{studies} studies of 60 people, half of them null, {_JOBS} processes: {wall:.0f} s")


if __name__ == "__main__":
    main()
