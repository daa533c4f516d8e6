"""The page: one HTML file that asks nothing of any other address, runs nothing, and prints well."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from string import ascii_lowercase
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from analysis.comparisons import difference_of
from analysis.effects import alpha_of, compared_with
from analysis.estimates import Estimate
from analysis.exclusions import ANALYSED, REASONS
from analysis.figures import COLOURS, Plot
from analysis.questions import explanation_scores
from analysis.report import numbers
from analysis.report.results import Results, Tested
from experiments.schema import AnalysisPlan

FLOW_WORDS = {
    "allocated": "allocated",
    "began": "began the trials",
    "simulated_left_out": "simulated, left out",
    "answers_deleted": "withdrew, answers deleted",
    "withdrawn": "withdrew",
    "screened_out": "screened out",
    "active": "unfinished",
    "completed": "completed",
    **{reason: f"excluded: {words}" for reason, words in REASONS.items() if reason != "withdrawn"},
    ANALYSED: "analysed",
}


_SECONDARY = {
    "confidence": "Confidence",
    "reaction_time": "Reaction time",
    "sensitivity": "Telling right advice from wrong (d')",
    "criterion": "Readiness to take advice (c; larger is less ready)",
    "over_reliance": "Wrong advice taken",
    "under_reliance": "Right advice not taken",
}


def page_of(results: Results) -> str:
    """Return the report as HTML."""
    environment = Environment(
        loader=PackageLoader("analysis"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        points=numbers.points,
        percent=numbers.percent,
        share=numbers.share,
        number=numbers.number,
        p=numbers.p_value,
        df=numbers.degrees,
        unit=numbers.unit,
        drawn=_drawn,
    )
    style = files("analysis").joinpath("templates/report.css").read_text(encoding="utf-8")
    style += _running_heads(results)
    # Our own style sheet and nothing else: a strict policy names it by its digest.
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("report.html.jinja").render(
        results=results,
        tested=results.tested,
        plan=results.tested.plan,
        plots={plot.name: plot for plot in results.plots},
        flow_words=FLOW_WORDS,
        level=numbers.percent(results.level),
        on_scale=numbers.on_scale,
        flag=_flag,
        laid_out=_laid_out,
        colours=COLOURS,
        style=Markup(style),  # noqa: S704  ours
        style_digest=digest,
        **_sections(results),
        **_explanations(results),
    )


def _sections(results: Results) -> dict[str, Any]:
    """Sort the plan's estimates into the sections that tell them."""
    plan, estimates = results.tested.plan, results.tested.estimates
    accuracy = [own for own in estimates if own.question == "accuracy"]
    firsts = compared_with(list(estimates))
    pairs = [(pair.arm, pair.against) for pair in plan.contrasts]
    return {
        "firsts": firsts,
        "sensitivity": [own for pair in pairs for own in accuracy if _pair(own) == pair],
        "beside": {
            pair: None if headline.is_of_other_export else _beside(results.tested, pair)
            for pair, headline in zip(pairs, results.tested.headlines, strict=True)
        },
        "means": {own.arm: own for own in accuracy if own.term == "mean" and own.arm},
        "joint": next((own for own in accuracy if own.term == "arms"), None),
        "spreads": [own for own in accuracy if own.scale == "sd"],
        "equivalence": [own for own in estimates if own.question == "equivalence"],
        "secondary": {
            words: [own for own in estimates if own.question == name]
            for name, words in _SECONDARY.items()
        },
    }


def _explanations(results: Results) -> dict[str, Any]:
    """Return what the explanations shown score, and whether that went with the benefit."""
    told = {own.question: own.told for own in results.answers.answered}
    reasons = {own.question: own.reason for own in results.answers.not_answered}
    return {
        "shown": results.shown,
        "moderation": told.get(explanation_scores.QUESTION, ""),
        "why_no_moderation": reasons.get(
            explanation_scores.QUESTION, "Exploratory questions were left out."
        ),
    }


def _running_heads(results: Results) -> str:
    """Return the rules that put study and loud marks on every printed page."""
    loud = " · ".join(mark.partition(":")[0] for mark in results.marks)
    head = f"@top-center {{ content: {_css_string(loud)}; }} " if loud else ""
    name = f"{results.title} ({results.study})"
    return f"@page {{ {head}@bottom-left {{ content: {_css_string(name)}; }} }}\n"


def _css_string(text: str) -> str:
    """Return text as a CSS string: whatever isn't plain by its number, so that nothing escapes."""
    return '"' + "".join(c if c.isalnum() or c in " .,:" else f"\\{ord(c):x} " for c in text) + '"'


def _pair(own: Estimate) -> tuple[str, str]:
    return own.arm, own.against


def _beside(tested: Tested, pair: tuple[str, str]) -> dict[str, Estimate | None] | None:
    """Return what a contrast came to without exclusions: what decides, and the difference."""
    rows = [own for own in tested.without_exclusions if _pair(own) == pair]
    return {"first": rows[0], "size": difference_of(rows, tested.plan)} if rows else None


@dataclass(frozen=True)
class _Layout:
    """A table of estimates, without what every row would repeat.

    Attributes
    ----------
    groups
        Rows that share outcome, method and scale, under a heading that names them. A row is an
        estimate, what it is of in words, and the mark of its note or none.
    marks
        Of each note, which is told once.
    """

    groups: list[tuple[str, list[tuple[Estimate, str, str]]]]
    marks: dict[str, str]


def _laid_out(estimates: Sequence[Estimate]) -> _Layout:
    marks: dict[str, str] = {}
    groups: dict[str, list[tuple[Estimate, str, str]]] = {}
    for own in estimates:
        if own.note and own.note not in marks:
            marks[own.note] = _letters(len(marks))
        heading = f"{own.method}; {numbers.unit(own.scale)}"
        if own.outcome != "correct":
            heading = f"{own.outcome.replace('_', ' ')}: {heading}"
        groups.setdefault(heading, []).append((own, _of_what(own), marks.get(own.note, "")))
    return _Layout(list(groups.items()), marks)


def _letters(number: int) -> str:
    """Return the mark of a note: a to z, then aa, ab, and on."""
    before, last = divmod(number, len(ascii_lowercase))
    return (_letters(before - 1) if before else "") + ascii_lowercase[last]


def _of_what(own: Estimate) -> str:
    """Say what an estimate is of where its arms don't: `species=ivory_gull` names its term."""
    parts = [own.term, own.subgroup]
    if own.subgroup.startswith(f"{own.term}="):
        parts = [own.subgroup]
    return ", ".join(part.replace("_", " ") for part in parts if part)


def _flag(own: Estimate, first: Estimate, plan: AnalysisPlan) -> str:
    """Say whether a method decides as the one it is held against, both before correction."""
    if own.role in ("confirmatory", "exploratory"):
        return "decides"
    if own.p is None or first.p is None:
        return ""
    alpha = alpha_of(first, plan)
    return "agrees" if (own.p < alpha) == (first.p < alpha) else "disagrees"


def _drawn(plot: Plot) -> Markup:
    # SVG that this package drew; all else on the page is escaped.
    return Markup(plot.svg)  # noqa: S704
