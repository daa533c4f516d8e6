"""The plan's questions, answered: one confirmatory estimate a contrast, and others beside it."""

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from analysis.comparisons import Bootstrap, compare, decide
from analysis.estimates import OF_THIS_EXPORT, Estimate, p_text
from analysis.inference import holm
from analysis.secondary import arm_rows, equivalence_rows, outcome_rows
from experiments.schema import AnalysisPlan


def effects(
    trials: pd.DataFrame,
    plan: AnalysisPlan,
    *,
    seed: int,
    bootstrap: Bootstrap | None = None,
) -> list[Estimate]:
    """Answer every question of the plan.

    Parameters
    ----------
    trials
        Analysed trials: participant, stimulus, arm (of the trial: people may meet several),
        correct, and where they were recorded confidence and rt_ms.
    plan
        Its contrasts, model and correction.
    seed
        Of the permutation tests.
    bootstrap
        Intervals of risk differences by simulated studies in place of the delta method.

    Returns
    -------
    list of Estimate
        For each contrast the confirmatory estimate first, then those of other methods (role
        sensitivity); where a method can't answer, its row says why. Then, of role secondary: the
        arms' means, their joint test and the random effects' standard deviations; equivalence;
        confidence; reaction time. The correction is over all planned contrasts: one without an
        answer stays in the family with p = 1, for a plan made for three tests doesn't become a plan
        for two. Tests of equivalence are a family of their own.
    """
    per_contrast = [
        compare(trials, contrast, plan, seed=seed, bootstrap=bootstrap)
        for contrast in plan.contrasts
    ]
    for rows, first in zip(
        per_contrast, _corrected([own[0] for own in per_contrast], plan), strict=True
    ):
        rows[0] = first
    arms = arms_in_order(plan, trials["arm"].unique())
    return [
        *(row for rows in per_contrast for row in rows),
        *arm_rows(trials, arms, plan),
        *_corrected(equivalence_rows(per_contrast, plan), plan),
        *outcome_rows(trials, plan),
    ]


def confirmatory(trials: pd.DataFrame, plan: AnalysisPlan) -> list[Estimate]:
    """Return the confirmatory rows of `effects` alone, in less time: for simulated studies."""
    return _corrected([decide(trials, contrast, plan) for contrast in plan.contrasts], plan)


def arms_in_order(plan: AnalysisPlan, arms: Iterable[str]) -> list[str]:
    """Return a protocol's arms in the order a reader expects them.

    The order of declaration is lost, because the frozen protocol sorts its keys. The plan's
    contrasts are a list, which keeps its order: first the arms that are compared against, then
    those compared with them, then, by name, the arms of no contrast.
    """
    baselines = [contrast.against for contrast in plan.contrasts]
    compared = [contrast.arm for contrast in plan.contrasts]
    return list(dict.fromkeys([*baselines, *compared, *sorted(arms)]))


def disagreements(estimates: list[Estimate], plan: AnalysisPlan) -> list[str]:
    """Return a sentence for each method that decides otherwise than the confirmatory one."""
    told = []
    bases = compared_with(estimates)
    for row in estimates:
        first = bases.get((row.arm, row.against))
        if first is None or row.question != "accuracy" or row.boundary is not None:
            continue
        if row.p is None or first.p is None:
            continue
        if (row.p < alpha_of(first, plan)) != (first.p < alpha_of(first, plan)):
            told.append(
                f"{row.arm} against {row.against}: {row.method} gives {p_text(row.p)}, "
                f"{first.method} {p_text(first.p)}{_when(first, plan)}."
            )
    return told


def compared_with(estimates: list[Estimate]) -> dict[tuple[str, str], Estimate]:
    """Return of each contrast the estimate that those of other methods are held against.

    It is the deciding one; where a look at another export decided, that of the same test and
    of the same people as the others, with the boundary of that look.
    """
    found: dict[tuple[str, str], Estimate] = {}
    for row in estimates:
        if row.question != "accuracy" or not row.against:
            continue
        first = found.setdefault((row.arm, row.against), row)
        if row.method.endswith(OF_THIS_EXPORT):
            found[row.arm, row.against] = replace(row, boundary=first.boundary)
    return found


def alpha_of(first: Estimate, plan: AnalysisPlan) -> float:
    """Return what p values of a contrast are held against before any correction."""
    return plan.alpha if first.boundary is None else first.boundary


def _when(first: Estimate, plan: AnalysisPlan) -> str:
    if first.boundary is not None:
        return f" (both against the boundary {first.boundary:.3g})"
    return "" if plan.correction == "none" else " (both before correction)"


def _corrected(rows: list[Estimate], plan: AnalysisPlan) -> list[Estimate]:
    """Return a family of tests with p values adjusted as the plan says."""
    if plan.correction == "none":
        return rows
    family = [1.0 if row.p is None else row.p for row in rows]
    return [
        row if row.p is None else replace(row, p_adjusted=adjusted)
        for row, adjusted in zip(rows, holm(family), strict=True)
    ]
