"""Plots of the report, as SVG text; colours are told apart by the colour-blind."""

import io

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.estimates import Estimate
from analysis.inference import mean_interval

# Okabe & Ito's palette, without yellow.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")


def accuracy_figure(
    trials: pd.DataFrame, arms: list[str], chance: float, level: float, seed: int
) -> str:
    """Return each participant's accuracy by arm, with means and their intervals, as SVG."""
    figure, axes = plt.subplots(figsize=(6.4, 0.9 + 0.75 * len(arms)))
    generator = np.random.default_rng(seed)
    for row, arm in enumerate(arms):
        means = (
            trials[trials["arm"] == arm].groupby("participant")["correct"].mean().to_numpy(float)
        )
        if not len(means):
            continue
        heights = row + generator.uniform(-0.22, 0.22, len(means))
        axes.plot(means, heights, "o", ms=4, alpha=0.35, color=COLOURS[row % len(COLOURS)], mew=0)
        mean, low, high = mean_interval(means, level)
        axes.plot([low, high], [row, row], "-", lw=3, color="black", solid_capstyle="butt")
        axes.plot(mean, row, "D", ms=8, color=COLOURS[row % len(COLOURS)], mec="black")
    axes.axvline(chance, ls="--", lw=1, color="0.4")
    above = axes.get_xaxis_transform()
    axes.text(chance, 1.01, "guessing", transform=above, ha="center", va="bottom", color="0.35")
    axes.set(yticks=range(len(arms)), xlim=(-0.02, 1.02), ylim=(len(arms) - 0.4, -0.6))
    axes.set_yticklabels(arms)
    axes.set_xlabel("share of right answers; one dot a participant")
    return _svg(figure)


def effects_figure(estimates: list[Estimate]) -> str:
    """Return every difference of accuracy with its interval, as SVG."""
    shown = [e for e in estimates if e.scale == "accuracy_difference" and e.ci_low is not None]
    figure, axes = plt.subplots(figsize=(6.4, 0.9 + 0.5 * max(1, len(shown))))
    arms = list(dict.fromkeys(e.arm for e in shown))
    for row, estimate in enumerate(shown):
        colour = COLOURS[arms.index(estimate.arm) % len(COLOURS)]
        axes.plot(
            [100 * (estimate.ci_low or 0), 100 * (estimate.ci_high or 0)],
            [row, row],
            color=colour,
            lw=2.5,
        )
        axes.plot(100 * (estimate.estimate or 0), row, "D", color=colour, mec="black", ms=7)
    axes.axvline(0, lw=1, color="0.4")
    axes.set(yticks=range(len(shown)), ylim=(len(shown) - 0.5, -0.5))
    axes.set_yticklabels([f"{e.arm} − {e.against}\n{e.method}" for e in shown], fontsize=8)
    axes.set_xlabel("difference in accuracy, percentage points")
    return _svg(figure)


def learning_figure(trials: pd.DataFrame, arms: list[str]) -> str:
    """Return accuracy over the trials of training, by arm, as SVG."""
    figure, axes = plt.subplots(figsize=(6.4, 2.8))
    trials = trials.assign(place=trials.groupby("session")["trial_index"].rank().astype(int))
    for index, arm in enumerate(arms):
        line = trials[trials["arm"] == arm].groupby("place")["correct"].mean()
        axes.plot(line.index, line, "o-", color=COLOURS[index % len(COLOURS)], label=arm, ms=4)
    axes.set(ylim=(0, 1.02), xlabel="trial of the training", ylabel="share right")
    if len(trials):
        axes.legend(frameon=False, fontsize=9)
    return _svg(figure)


def _svg(figure: Figure) -> str:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    stream = io.StringIO()
    # Fixed ids and no date: the same data give the same bytes.
    with mpl.rc_context({"svg.hashsalt": "larus", "svg.fonttype": "none"}):
        figure.savefig(stream, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    text = stream.getvalue()
    return text[text.index("<svg") :]
