"""From any table of one row a trial to results, without an export, a protocol or a flow."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.effects import arms_in_order
from analysis.errors import TableError
from analysis.questions import Answers, Evidence, ask_all
from analysis.questions.evidence import ArmPair
from analysis.report.analysis_text import analysis_paragraphs, exclusion_rules
from analysis.report.methods_text import MethodsText
from analysis.report.numbers import percent
from analysis.report.plans import registered_plan
from analysis.report.plots import tested_plots
from analysis.report.progress import Progress
from analysis.report.question_plots import question_plots
from analysis.report.references import Citations
from analysis.report.results import (
    NO_PLAN,
    PlanSource,
    Results,
    Tested,
    accuracy_of,
    answer_plan,
    bootstrap_of,
    versions,
)
from analysis.tidy_table import TidyColumns, plan_of, read_trials
from experiments.digest import sha256_file
from experiments.schema import AnalysisPlan


@dataclass(frozen=True)
class TableChoices:
    """What an analyst says of a table.

    Attributes
    ----------
    baseline
        The condition that others are compared with; None compares every pair.
    plan, plan_digest
        A plan in a file, and its SHA-256 as registered before the data were seen: with both, the
        plan's contrasts are confirmatory.
    alpha, smallest_effect
        Where no plan says them.
    bootstrap
        Simulated studies for the intervals of risk differences; None for the delta method's.
    seed
        Of permutations and simulations.
    exploratory
        Ask the exploratory questions, too.
    """

    columns: TidyColumns
    baseline: str | None = None
    plan: Path | None = None
    plan_digest: str | None = None
    alpha: float = 0.05
    smallest_effect: float | None = None
    bootstrap: int | None = None
    seed: int = 0
    exploratory: bool = True

    def command(self, table: Path) -> str:
        """Return the command that gives the same results again."""
        told = [f"python -m analysis report --table {table.name}"]
        told += [
            f"--{what.replace('_', '-')} {name}" for what, name in self.columns.named().items()
        ]
        told += [f"--baseline {self.baseline}"] if self.baseline else []
        told += [f"--plan {self.plan.name}"] if self.plan else []
        told += [f"--plan-digest {self.plan_digest}"] if self.plan_digest else []
        told += [f"--alpha {self.alpha:g}"] if not self.plan and self.alpha != 0.05 else []
        told += [f"--smallest-effect {self.smallest_effect:g}"] if self.smallest_effect else []
        told += [f"--bootstrap {self.bootstrap}"] if self.bootstrap else []
        told += [] if self.exploratory else ["--without-exploratory"]
        return " ".join([*told, f"--seed {self.seed}"])


def results_of_table(path: Path, choices: TableChoices, progress: Progress) -> Results:
    """Analyse a table.

    Raises
    ------
    TableError, ExportError
        When table or plan can't be read, or don't go together.
    """
    progress("reading the table")
    everybody, notes = read_trials(path, choices.columns)
    trials = everybody[~everybody["is_excluded"]].reset_index(drop=True)
    plan, source = _plan(trials, path, choices)
    if choices.columns.excluded and choices.plan and not exclusion_rules(plan):
        raise TableError(f"--excluded: {choices.plan} leaves nobody out.")
    arms = tuple(arms_in_order(plan, trials["arm"].unique()))
    unapplied = _unapplied(plan, choices)
    progress("answering the contrasts")
    tested = answer_plan(
        trials,
        everybody,
        plan,
        source,
        why_exploratory=_why_exploratory(plan, source, unapplied),
        bootstrap=bootstrap_of(choices.bootstrap, choices.seed, progress),
        seed=choices.seed,
    )
    answers = Answers((), ())
    if choices.exploratory:
        evidence = Evidence(trials, _pairs(plan), level=1 - plan.alpha)
        answers = ask_all(evidence, progress=lambda done, count, title: progress(title))
    progress("drawing and writing")
    level = percent(1 - plan.alpha)
    drawn = [
        *tested_plots(tested, trials, arms, None),
        *question_plots(answers.answered, arms, level),
    ]
    return Results(
        title=path.stem.replace("_", " "),
        study=path.name,
        stage=None,
        bots=0,
        sessions=everybody["participant"].nunique(),
        warnings=_warnings(plan, unapplied),
        arms=arms,
        tested=tested,
        answers=answers,
        accuracy=tuple(accuracy_of(trials, arm, 1 - plan.alpha) for arm in arms),
        by_species=(),
        chance=None,
        flow=None,
        quality=None,
        methods=_methods(trials, everybody, tested, notes, unapplied),
        plots=tuple(plot for plot in drawn if plot is not None),
        reproducibility={
            "command": choices.command(path),
            "table_digest": sha256_file(path),
            **({"plan_digest": sha256_file(choices.plan)} if choices.plan else {}),
            "rows": len(trials),
            "seed": choices.seed,
            **versions(),
        },
    )


def _pairs(plan: AnalysisPlan) -> tuple[ArmPair, ...]:
    return tuple(ArmPair(own.arm, own.against) for own in plan.contrasts)


def _plan(
    trials: pd.DataFrame, path: Path, choices: TableChoices
) -> tuple[AnalysisPlan, PlanSource]:
    conditions = sorted(trials["arm"].unique())
    if choices.plan is None:
        plan = plan_of(
            conditions,
            baseline=choices.baseline,
            alpha=choices.alpha,
            smallest_effect=choices.smallest_effect,
        )
        return plan, "other"
    plan, source = registered_plan(choices.plan, choices.plan_digest)
    named = {arm for own in plan.contrasts for arm in (own.arm, own.against)}
    if foreign := sorted(named - set(conditions)):
        raise TableError(
            f"{path} has no row of {', '.join(foreign)}, which {choices.plan} compares. It has "
            f"{', '.join(conditions)}."
        )
    return plan, source


def _why_exploratory(plan: AnalysisPlan, source: PlanSource, unapplied: list[str]) -> str:
    if source != "registered":
        return NO_PLAN
    if unapplied:
        return "its exclusions are not applied"
    return "" if plan.interim_looks is None else "a table holds no record of the looks of its plan"


def _unapplied(plan: AnalysisPlan, choices: TableChoices) -> list[str]:
    """Return whom a plan says to leave out, in words, where the table doesn't say who that is."""
    is_told = choices.columns.excluded is not None
    return [] if is_told or "exclusions" not in plan.model_fields_set else exclusion_rules(plan)


def _warnings(plan: AnalysisPlan, unapplied: list[str]) -> tuple[str, ...]:
    told = []
    if unapplied:
        told.append(
            f"EXCLUSIONS NOT APPLIED: the plan leaves out participants {' or '.join(unapplied)}, "
            "which the table doesn't say. They count wherever they are in it, and nothing is "
            "confirmatory; mark their rows in a column (1, else 0) and name it with --excluded."
        )
    if plan.interim_looks is not None:
        told.append(
            "LOOKS NOT APPLIED: the plan has looks at the running study, and a table has no record "
            "of them. Every p value is what it would be had nobody looked before, and so none is "
            "confirmatory."
        )
    return tuple(told)


def _methods(
    trials: pd.DataFrame,
    everybody: pd.DataFrame,
    tested: Tested,
    notes: tuple[str, ...],
    unapplied: list[str],
) -> MethodsText:
    people = trials.groupby("arm")["participant"].nunique()
    counts = ", ".join(f"{arm}: {count}" for arm, count in people.items())
    data = (
        f"The data are {len(trials):,} answers of {trials['participant'].nunique():,} participants "
        f"({counts}) to {trials['stimulus'].nunique():,} pictures. {' '.join(notes)}"
    )
    left_out = set(everybody["participant"]) - set(trials["participant"])
    if left_out:
        answers = len(everybody) - len(trials)
        data += (
            f" {len(left_out)} participants ({answers} answers) were left out, as the table marks "
            "them."
        )
    if unapplied:
        data += f" [Were participants {' or '.join(unapplied)} left out of the table, as planned?]"
    citations = Citations()
    paragraphs = [("Data", data.strip()), *analysis_paragraphs(tested, trials, citations)]
    told = [own for own in paragraphs if own[0] != "Exclusions"]
    return MethodsText(tuple(told), tuple(citations.listed()))
