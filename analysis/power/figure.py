"""Power curves, one panel a contrast."""

from io import BytesIO

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import COLOURS
from experiments.power_record import PowerRecord, PowerRow

_MARKERS = "osD^vP"


def power_figure(record: PowerRecord) -> Figure:
    """Draw the share of significant studies over participants, one line an effect.

    With one number of participants only, over the true difference instead. Bars are 95 %
    intervals; the dashed lines are the wanted power and alpha.
    """
    contrasts = list(dict.fromkeys((row.arm, row.against) for row in record.rows))
    pictures = list(dict.fromkeys(row.pictures for row in record.rows))
    figure, grid = plt.subplots(
        len(pictures),
        len(contrasts),
        figsize=(4.0 * len(contrasts) + 1.6, 3.1 * len(pictures) + 0.4),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axes_row, count in zip(grid, pictures, strict=True):
        for axes, (arm, against) in zip(axes_row, contrasts, strict=True):
            rows = [
                row
                for row in record.rows
                if (row.pictures, row.arm, row.against) == (count, arm, against)
            ]
            _panel(axes, rows, record)
            told = "" if any(row.difference for row in rows) else " (no true difference)"
            axes.set_title(f"{arm} against {against}{told}\n{count} pictures", fontsize=10)
        axes_row[0].set_ylabel("share of significant studies")
        _name_levels(axes_row[-1], record)
    lines, names = grid[0][0].get_legend_handles_labels()
    if names:
        figure.legend(
            lines[::-1],
            names[::-1],
            loc="outside right upper",
            frameon=False,
            fontsize=9,
            title="effect",
        )
    return figure


def figure_files(figure: Figure) -> dict[str, bytes]:
    """Return a figure as SVG and PNG, by suffix."""
    files = {}
    for suffix, more in ((".svg", {"metadata": {"Date": None}}), (".png", {"dpi": 200})):
        stream = BytesIO()
        with mpl.rc_context({"svg.hashsalt": "larus"}):
            figure.savefig(stream, format=suffix[1:], **more)
        files[suffix] = stream.getvalue()
    plt.close(figure)
    return files


def _panel(axes: Axes, rows: list[PowerRow], record: PowerRecord) -> None:
    is_over_people = len({row.participants for row in rows}) > 1
    if is_over_people:
        effects = sorted({row.effect for row in rows})
        for place, effect in enumerate(effects):
            own = [row for row in rows if row.effect == effect]
            _line(axes, [row.participants for row in own], own, place, f"{100 * effect:.3g} points")
        axes.set_xticks(sorted({row.participants for row in rows}))
        axes.set_xlabel("participants, all arms together")
    else:
        _line(axes, [100 * row.effect for row in rows], rows, 0, "")
        axes.set_xlabel(f"effect, percentage points ({rows[0].participants} participants)")
    for level in (record.wanted_power, record.alpha):
        axes.axhline(level, ls="--", lw=1, color="0.45", zorder=0)
    axes.set(ylim=(-0.02, 1.02))
    axes.spines[["top", "right"]].set_visible(False)


def _name_levels(axes: Axes, record: PowerRecord) -> None:
    for level, name in ((record.wanted_power, "wanted"), (record.alpha, "alpha")):
        axes.annotate(
            f"{name} {level:g}",
            (1.01, level),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8,
            color="0.35",
        )


def _line(axes: Axes, places: list[float], rows: list[PowerRow], style: int, name: str) -> None:
    rates = [row.significant for row in rows]
    below = [rate.share - rate.low for rate in rates]
    above = [rate.high - rate.share for rate in rates]
    axes.errorbar(
        places,
        [rate.share for rate in rates],
        yerr=[below, above],
        marker=_MARKERS[style % len(_MARKERS)],
        color=COLOURS[style % len(COLOURS)],
        label=name,
        ms=5,
        lw=1.6,
        capsize=2.5,
    )
