"""The page: one HTML file that asks nothing of any other address, runs nothing, and prints well."""

import base64
import hashlib
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from analysis.estimates import Estimate
from analysis.exclusions import ANALYSED, REASONS
from analysis.figures import COLOURS, Plot
from analysis.report import numbers
from analysis.report.results import Results

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
        colours=COLOURS,
        style=Markup(style),  # noqa: S704  ours
        style_digest=digest,
        question_plots=_question_plots(results),
        **_sections(results),
    )


def _sections(results: Results) -> dict[str, Any]:
    """Sort the plan's estimates into the sections that tell them."""
    estimates = results.tested.estimates
    accuracy = [own for own in estimates if own.question == "accuracy"]
    contrasts = [
        [own for own in accuracy if (own.arm, own.against) == (pair.arm, pair.against)]
        for pair in results.tested.plan.contrasts
    ]
    without = results.tested.without_exclusions
    return {
        "contrasts": contrasts,
        "beside": {(rows[0].arm, rows[0].against): _first(without, rows[0]) for rows in contrasts},
        "means": [own for own in accuracy if own.term == "mean" and own.arm],
        "joint": next((own for own in accuracy if own.term == "arms"), None),
        "spreads": [own for own in accuracy if own.scale == "sd"],
        "equivalence": [own for own in estimates if own.question == "equivalence"],
        "secondary": [
            own for own in estimates if own.question in ("confidence", "reaction_time")
        ],
    }


def _first(rows: tuple[Estimate, ...], like: Estimate) -> Estimate | None:
    pair = (like.arm, like.against)
    return next((own for own in rows if (own.arm, own.against) == pair), None)


def _flag(own: Estimate, first: Estimate, alpha: float) -> str:
    """Say whether a method decides as the deciding one does, both before correction."""
    if own is first:
        return "decides"
    if own.p is None or first.p is None:
        return ""
    return "agrees" if (own.p < alpha) == (first.p < alpha) else "disagrees"


def _question_plots(results: Results) -> dict[str, list[Plot]]:
    """Return plots by the question they belong to, named `question` or `question-…`."""
    names = [answer.question for answer in results.answers.answered]
    return {
        name: [plot for plot in results.plots if plot.name.partition("-")[0] == f"q_{name}"]
        for name in names
    }


def _drawn(plot: Plot) -> Markup:
    # SVG that this package drew; all else on the page is escaped.
    return Markup(plot.svg)  # noqa: S704
