"""Plots of exploratory answers, drawn from their tables and named by their question."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from analysis.figures import (
    COLOURS,
    MARKERS,
    RULE,
    SOFT,
    Plot,
    canvas,
    legend,
    legend_of_panels,
    panels,
    plot_of,
)
from analysis.questions import Answer

_MOST_PICTURES = 60


def question_plots(answers: Sequence[Answer], arms: Sequence[str], level: str) -> list[Plot]:
    """Draw each answer that has a plot.

    Parameters
    ----------
    arms
        In the order that gives them their colours.
    level
        Of the intervals, as it is told.
    """
    drawn = [
        draw(answer.tables, arms, level)
        for answer in answers
        if (draw := _PLOTS.get(answer.question)) is not None
    ]
    return [plot for plot in drawn if plot is not None]


def _calibration(
    tables: Mapping[str, pd.DataFrame], arms: Sequence[str], level: str
) -> Plot | None:
    bins = tables["bins"]
    with canvas(3.2, 4.6) as (figure, axes):
        axes.plot([0, 1], [0, 1], ls=(0, (4, 3)), lw=0.9, color=SOFT)
        for index, arm in enumerate(arms):
            own = bins[bins["arm"] == arm]
            shift = 0.008 * (index - (len(arms) - 1) / 2)
            axes.vlines(own["stated"] + shift, own["low"], own["high"], color=RULE, lw=1.6)
            axes.plot(
                own["stated"] + shift,
                own["share"],
                marker=MARKERS[index % len(MARKERS)],
                color=COLOURS[index % len(COLOURS)],
                lw=1.1,
                ms=5,
                mew=0,
                label=arm,
            )
        axes.set(xlim=(-0.02, 1.04), ylim=(0, 1.04))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        axes.set(xlabel="how sure people said they were", ylabel="right answers")
        axes.grid()
        legend(axes, len(arms))
        return plot_of(
            figure,
            "calibration",
            title="Do people know when they are right?",
            caption="On the dashed line, people are right as often as their ratings say. The "
            "lowest rating is read as guessing, the highest as certainty. Bars are "
            f"{level} intervals.",
            data=bins,
        )


def _pictures(tables: Mapping[str, pd.DataFrame], arms: Sequence[str], level: str) -> Plot | None:
    rows = tables["caterpillar"]
    if rows.groupby(["arm", "against"]).size().max() > _MOST_PICTURES:
        return None
    pairs = list(rows[["arm", "against"]].drop_duplicates().itertuples(index=False, name=None))
    with canvas(0.8 + 0.13 * len(rows) + 0.2 * len(pairs)) as (figure, axes):
        axes.axvline(0, lw=0.9, color=SOFT)
        place, ticks = 0.0, []
        for arm, against in pairs:
            own = rows[(rows["arm"] == arm) & (rows["against"] == against)].sort_values("effect")
            colour = COLOURS[list(arms).index(arm) % len(COLOURS)]
            heights = [place + index for index in range(len(own))]
            axes.hlines(heights, own["low"], own["high"], color=colour, lw=1.3)
            axes.plot(own["effect"], heights, "o", ms=3.2, color=colour, mew=0)
            ticks.append((place + (len(own) - 1) / 2, f"{arm} − {against}"))
            place += len(own) + 1.6
        axes.set(ylim=(place - 1.6, -1), yticks=[tick for tick, _ in ticks])
        axes.set_yticklabels([words for _, words in ticks])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x")
        axes.set_xlabel("effect on the log odds of a right answer, one line a picture")
        return plot_of(
            figure,
            "pictures",
            title="The effect on each picture",
            caption=f"Predictions of the mixed model, drawn towards their mean, with {level} "
            "intervals.",
            data=rows,
        )


def _two_answers(
    tables: Mapping[str, pd.DataFrame], arms: Sequence[str], level: str
) -> Plot | None:
    groups = tables["groups"]
    measures = list(dict.fromkeys(groups["measure"]))
    with panels(2.5, len(measures)) as (figure, row):
        for axes, measure in zip(row, measures, strict=True):
            for index, arm in enumerate(arms):
                own = groups[(groups["measure"] == measure) & (groups["arm"] == arm)]
                places = own["moment"].map({"before": 0.0, "after": 1.0})
                places = places + 0.05 * (index - (len(arms) - 1) / 2)
                colour = COLOURS[index % len(COLOURS)]
                marker = MARKERS[index % len(MARKERS)]
                axes.vlines(places, own["low"], own["high"], color=colour, lw=1.6)
                axes.plot(places, own["mean"], marker=marker, color=colour, ms=5, mew=0, label=arm)
            axes.set(xlim=(-0.4, 1.4), xticks=[0, 1], title=_MEASURES[measure])
            axes.set_xticklabels(["first", "second"])
            axes.grid(axis="y")
            axes.yaxis.set_major_formatter(_FORMATS[measure])
        row[0].set_ylim(0, 1.04)
        legend_of_panels(figure, row[0], len(arms))
        return plot_of(
            figure,
            "two_answers",
            title="First and second answers",
            caption="Means of people's means, before the explanation and with it. Bars are "
            f"{level} intervals.",
            data=groups,
        )


_MEASURES = {"score": "right answers", "confidence": "confidence", "time_ms": "time"}
_FORMATS: Mapping[str, Callable[[float, float], str]] = {
    "score": lambda value, _: f"{100 * value:.0f} %",
    "confidence": lambda value, _: f"{value:g}",
    "time_ms": lambda value, _: f"{value / 1000:g} s",
}


_PLOTS: Mapping[str, Callable[[Mapping[str, pd.DataFrame], Sequence[str], str], Plot | None]] = {
    "calibration": _calibration,
    "pictures": _pictures,
    "two_answers": _two_answers,
}
