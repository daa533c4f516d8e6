"""From an export folder to one page that can be read and one file that can be computed with."""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from analysis.effects import DIFFERENCE, PRIMARY, arms_in_order, disagreements, effects
from analysis.estimates import Estimate, p_text
from analysis.exclusions import (
    ANALYSED,
    REASONS,
    ParticipantFlow,
    exclusion_reasons,
    participant_flow,
)
from analysis.figures import accuracy_figure, effects_figure, learning_figure
from analysis.inference import mean_interval
from analysis.load import StudyData, load_study
from analysis.population import (
    choose_stage,
    classification_trials,
    sessions_of,
    trials_with_answers,
    without_bots,
)
from experiments.files import write_atomically
from experiments.schema import AnalysisPlan, Contrast, RecruitmentStage

_PACKAGES = ("numpy", "pandas", "scipy", "statsmodels")
_FLOW_WORDS = {
    "allocated": "allocated",
    "simulated_left_out": "simulated, left out",
    "answers_deleted": "withdrew, answers deleted",
    "withdrawn": "withdrew",
    "screened_out": "screened out",
    "active": "unfinished",
    "completed": "completed",
    **{reason: f"excluded: {words}" for reason, words in REASONS.items() if reason != "withdrawn"},
    ANALYSED: "analysed",
}


def write_report(
    folder: Path,
    out: Path,
    *,
    stage: RecruitmentStage | None = None,
    seed: int = 0,
    with_bots: bool = False,
) -> list[str]:
    """Analyse an export and write `report.html` and `results.json`.

    Parameters
    ----------
    folder
        The export.
    out
        Where to write; outside the export, whose every file is checksummed.
    stage
        Recruitment stage; None means main when there is any, else pilot.
    seed
        Of the permutation test and of the dots' places in the plot.
    with_bots
        Analyse simulated participants among people, where both took part.

    Returns
    -------
    list of str
        The headline sentences.

    Raises
    ------
    ExportError
        When the export is damaged or has nobody to analyse.
    """
    results = analyse(load_study(folder), stage=stage, seed=seed, with_bots=with_bots)
    figures = results.pop("figures")
    text = json.dumps(results, indent=2, ensure_ascii=False, sort_keys=True, allow_nan=False)
    write_atomically(out / "results.json", (text + "\n").encode())
    environment = Environment(
        loader=PackageLoader("analysis"), autoescape=True, undefined=StrictUndefined
    )
    # The figures are SVG that this package drew; all else is escaped.
    drawn = {name: Markup(svg) for name, svg in figures.items()}  # noqa: S704
    page = environment.get_template("report.html.jinja").render(
        **results,
        figures=drawn,
        flow_words=_FLOW_WORDS,
        level=_percent(results["interval_level"]),
    )
    write_atomically(out / "report.html", page.encode())
    headlines: list[str] = results["headlines"]
    return headlines


def analyse(
    study: StudyData, *, stage: RecruitmentStage | None, seed: int, with_bots: bool
) -> dict[str, Any]:
    """Return everything the report tells, as plain values, and its figures."""
    plan = study.protocol.analysis
    arms = arms_in_order(plan, study.protocol.arms)
    chosen = choose_stage(study.tables["sessions"], stage)
    sessions, simulated = without_bots(sessions_of(study, chosen), with_bots=with_bots)
    trials = trials_with_answers(study, sessions)
    reasons = exclusion_reasons(sessions, trials, plan)
    analysed = trials[trials["session"].isin(reasons.index[reasons == ANALYSED])]
    outcome = classification_trials(analysed, plan.phase)
    estimates = effects(outcome, plan, seed=seed)
    flow = participant_flow(
        sessions,
        reasons,
        tuple(arms),
        deleted=study.record.left_out.by_stage.get(chosen, {}),
        simulated={arm: int((simulated["arm"] == arm).sum()) for arm in arms},
    )
    chance = 1 / len(study.protocol.species)
    level = 1 - plan.alpha
    return {
        "title": study.protocol.title,
        "study": study.protocol.slug,
        "stage": chosen,
        "bots": int(sessions["is_bot"].sum()),
        "sessions": len(sessions),
        "headlines": [_headline(estimates, contrast, plan) for contrast in plan.contrasts],
        "interval_level": level,
        "flow": _flow(flow),
        "accuracy": [_accuracy(outcome, arm, level) for arm in arms],
        "by_species": _by_species(outcome, arms, study.species_names),
        "species": list(study.protocol.species),
        "chance": chance,
        "estimates": [estimate.row() for estimate in estimates],
        "disagreements": disagreements(estimates, plan),
        "plan": plan.model_dump(mode="json"),
        "primary": PRIMARY,
        "quality": _quality(study, sessions, outcome),
        "reproducibility": {
            "protocol_digest": study.protocol_digest,
            "manifest_digest": study.manifest_digest,
            "export_digest": study.export_digest,
            "exported_at": study.record.exported_at,
            "seed": seed,
            "larus": study.record.larus_version,
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
        "figures": {
            "accuracy": accuracy_figure(outcome, arms, chance, level, seed),
            "effects": effects_figure(estimates),
            "learning": learning_figure(classification_trials(analysed, "training"), arms),
        },
    }


def _flow(flow: ParticipantFlow) -> dict[str, Any]:
    return {
        **asdict(flow),
        "allocated": flow.allocated,
        "simulated_left_out": flow.simulated_left_out,
        "analysed": flow.analysed,
    }


def _accuracy(outcome: pd.DataFrame, arm: str, level: float) -> dict[str, Any]:
    means = outcome[outcome["arm"] == arm].groupby("participant")["correct"].mean()
    if means.empty:
        return {"arm": arm, "participants": 0, "mean": None, "low": None, "high": None}
    mean, low, high = mean_interval(means.to_numpy(float), level)
    known = len(means) > 1
    return {
        "arm": arm,
        "participants": len(means),
        "mean": mean,
        "low": low if known else None,
        "high": high if known else None,
    }


def _by_species(
    outcome: pd.DataFrame, arms: list[str], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    means = outcome.groupby(["true_species", "arm"])["correct"].mean()
    return [
        {
            "species": species,
            "name": name,
            "shares": [means.get((species, arm)) for arm in arms],
        }
        for species, name in names.items()
    ]


def _quality(study: StudyData, sessions: pd.DataFrame, outcome: pd.DataFrame) -> dict[str, Any]:
    responses = study.tables["responses"]
    own = responses[responses["session"].isin(sessions["session"])]
    return {
        "conflicting_answers": int(own["is_conflict"].sum()),
        "answers_without_reaction_time": int(outcome["rt_ms"].isna().sum()),
        "analysed_answers": len(outcome),
    }


def _headline(estimates: list[Estimate], contrast: Contrast, plan: AnalysisPlan) -> str:
    """Say what the plan's test decided, and beside it how large the difference is.

    The two are answers of two methods, and only the first is corrected: the sentence says so,
    because they can point apart.
    """
    pair = f"{contrast.arm} against {contrast.against}"
    own = [e for e in estimates if (e.arm, e.against) == (contrast.arm, contrast.against)]
    first = own[0]
    p = first.deciding_p
    if p is None:
        return f"{pair}: no confirmatory answer ({first.note})."
    verdict = "no difference was shown"
    if p < plan.alpha:
        verdict = "higher accuracy" if (first.estimate or 0) > 0 else "lower accuracy"
    corrected = "" if plan.correction == "none" else f", adjusted by {plan.correction.title()}"
    sentence = (
        f"{pair}: {verdict} at alpha {plan.alpha:g} ({first.method}: {p_text(p)}{corrected})."
    )
    difference = next(e for e in own if e.method == DIFFERENCE)
    if difference.estimate is None or difference.ci_low is None or difference.ci_high is None:
        return sentence
    points, low, high = (
        100 * value for value in (difference.estimate, difference.ci_low, difference.ci_high)
    )
    not_adjusted = ", not adjusted" if corrected else ""
    return (
        f"{sentence} The difference is {points:+.1f} percentage points ({difference.method}: "
        f"{_percent(1 - plan.alpha)} interval {low:+.1f} to {high:+.1f}{not_adjusted})."
    )


def _percent(level: float) -> str:
    return f"{100 * level:g} %"
