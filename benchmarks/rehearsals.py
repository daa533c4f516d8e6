"""How often planted effects are covered by their intervals, over rehearsals of the ready studies.

Each rehearsal is one of `experiments.studies.RECIPES` as `run_bots` plays it: its template, as many
people of its response model, and what it plants. It goes from the allocation of people to an export
without a server (`tests/unit/analysis/simulated_exports.py`), which is read, checked and analysed
by its plan. Every rehearsal has people and pictures of its own. `benchmarks.truths` tells what is
true.

Run: OMP_NUM_THREADS=1 python -m benchmarks.rehearsals [REHEARSALS]
"""

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from analysis.effects import confirmatory
from analysis.estimates import Estimate
from analysis.load import load_study
from analysis.planned_advice import SHARES, TERMS
from analysis.population import analysed_trials
from analysis.secondary import outcome_rows
from benchmarks.truths import Truths
from experiments.digest import derive_seed
from experiments.fitted_respondents import response_model_named
from experiments.loading import load_protocol
from experiments.manifest import Manifest
from experiments.planted import with_planted
from experiments.progress import PlainProgress
from experiments.respondents import ResponseModel
from experiments.schema import Protocol
from experiments.studies import RECIPES, Recipe
from experiments.templates import template_named
from tests.unit.analysis.simulated_exports import simulate_export
from tests.unit.experiments.study_manifests import study_manifest

_SEED = 17


@dataclass(frozen=True)
class Effect:
    """One outcome of one planned contrast."""

    outcome: str
    arm: str
    against: str


@dataclass(frozen=True)
class Study:
    """A ready study, to be rehearsed."""

    name: str
    protocol: Protocol
    manifest: Manifest
    people: ResponseModel
    count: int

    def rehearse(self, number: int) -> Iterator[tuple[Effect, Estimate]]:
        """Yield what the report of one rehearsal estimates of each effect."""
        with tempfile.TemporaryDirectory() as folder:
            export = simulate_export(
                Path(folder) / "export",
                participants=self.count,
                seed=derive_seed(_SEED, self.name, number),
                protocol=self.protocol,
                people=self.people,
                manifest=self.manifest,
            )
            trials = analysed_trials(load_study(export))
        for row in confirmatory(trials, self.protocol.analysis):
            yield Effect("accuracy", row.arm, row.against), row
        # Confidence and times follow from what is planted by no scale of their own.
        advice = [own for own in self.protocol.analysis.secondary if own in (*TERMS, *SHARES)]
        plan = self.protocol.analysis.model_copy(update={"secondary": tuple(advice)})
        for row in outcome_rows(trials, plan):
            yield Effect(row.question, row.arm, row.against), row


def study_of(recipe: Recipe) -> Study:
    """Return the study that a recipe's rehearsal plays."""
    protocol = load_protocol(template_named(recipe.name).path).protocol
    assert protocol is not None  # a test reads every template
    people = with_planted(response_model_named(recipe.profile), recipe.planted)
    return Study(recipe.name, protocol, study_manifest(recipe.name), people, recipe.bots)


def main() -> None:
    """Print, of every effect of every study, how often it was covered and found."""
    rehearsals = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for recipe in RECIPES.values():
        study = study_of(recipe)
        print(f"\n{study.name}: {study.count} people, {' '.join(recipe.rehearsal)}", flush=True)
        found = _rehearsed(study, rehearsals)
        print("\n".join(table(found, Truths(study.protocol, study.people))), flush=True)


def _rehearsed(study: Study, rehearsals: int) -> Mapping[Effect, list[Estimate]]:
    found: Mapping[Effect, list[Estimate]] = defaultdict(list)
    report = PlainProgress(partial(print, file=sys.stderr, flush=True), time.monotonic)
    for number in range(rehearsals):
        for effect, row in study.rehearse(number):
            found[effect].append(row)
        report(f"rehearsals of {study.name}", number + 1, rehearsals)
    return found


def table(found: Mapping[Effect, list[Estimate]], truths: Truths) -> Iterator[str]:
    """Yield the lines of a study's table."""
    shares = [f"{arm} {100 * own['accuracy']:.1f} %" for arm, own in truths.shares.items()]
    yield f"Right answers in truth: {', '.join(shares)}\n"
    yield "| effect | true | mean estimate | covered | p < .05 |"
    yield "|---|---|---|---|---|"
    for effect, rows in found.items():
        true = truths.difference(effect.outcome, effect.arm, effect.against)
        yield f"| {effect.outcome}, {effect.arm} − {effect.against} | {_told(rows, true)} |"


def _told(rows: list[Estimate], true: float) -> str:
    known = [own for own in rows if own.ci_low is not None and own.ci_high is not None]
    covered = sum(own.ci_low <= true <= own.ci_high for own in known)
    mean = sum(own.estimate or 0.0 for own in known) / max(1, len(known))
    # As the report decides: contrasts after correction.
    decides = [own.p if own.p_adjusted is None else own.p_adjusted for own in known]
    significant = sum(p is not None and p < 0.05 for p in decides)
    return f"{true:.3f} | {mean:.3f} | {covered} of {len(known)} | {significant}"


if __name__ == "__main__":
    main()
