"""The plots of a report: what people and the model say of each arm, and how far arms differ."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.estimates import Estimate
from analysis.figures import COLOURS, INK, MARKERS, SOFT, Plot, canvas, legend, plot_of
from analysis.report.results import Tested

Floats = npt.NDArray[np.float64]


def tested_plots(
    tested: Tested, trials: pd.DataFrame, arms: Sequence[str], chance: float | None
) -> list[Plot | None]:
    """Draw what the plan asks: means, differences by every method, equivalence."""
    level = 1 - tested.plan.alpha
    accuracy = [own for own in tested.estimates if own.question == "accuracy"]
    means = [own for own in accuracy if own.term == "mean"]
    plots = [
        means_plot(trials, arms, means, chance),
        effects_plot([own for own in accuracy if own.against], level),
    ]
    if tested.plan.smallest_effect is not None:
        bounds = tested.plan.smallest_effect
        plots.append(equivalence_plot(tested.estimates, bounds, 1 - 2 * tested.plan.alpha))
    return plots


def means_plot(
    trials: pd.DataFrame, arms: Sequence[str], means: Sequence[Estimate], chance: float | None
) -> Plot:
    """Draw every participant's share of right answers, and the mean of each arm with its interval.

    Parameters
    ----------
    trials
        Analysed: `participant`, `arm`, `correct`.
    means
        One estimate of scale `probability` an arm.
    """
    own = trials.groupby(["arm", "participant"])["correct"].agg(["mean", "size"]).reset_index()
    rows = [own.assign(kind="participant").rename(columns={"mean": "share", "size": "answers"})]
    # Nobody may be left to draw.
    tallest = max(own.groupby(["arm", "mean"]).size(), default=1)
    # Inches: a dot of 3 points each, and room for the diamond.
    lane = min(1.6, 0.5 + 0.046 * max(tallest, 6))
    with canvas(0.6 + lane * len(arms)) as (figure, axes):
        for place, arm in enumerate(arms):
            shares = own.loc[own["arm"] == arm, "mean"].to_numpy(float)
            _people(axes, shares, place, min(0.046, 1.1 / tallest) / lane)
        for estimate in means:
            if estimate.estimate is None or estimate.arm not in arms:
                continue
            place = arms.index(estimate.arm)
            _mark(axes, estimate, place + 0.36, COLOURS[place % len(COLOURS)], 1.0)
            rows.append(_mean_row(estimate))
        if chance is not None:
            _line(axes, chance, "guessing")
        axes.set(xlim=(-0.02, 1.02), ylim=(len(arms) - 0.45, -0.6), yticks=range(len(arms)))
        axes.set_yticklabels([f"{arm}\nn = {int((own['arm'] == arm).sum())}" for arm in arms])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x")
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        axes.set_xlabel("right answers")
        return plot_of(
            figure,
            "means",
            title="Accuracy by arm",
            caption="Each dot is a participant. Diamonds are means with their intervals.",
            data=pd.concat(rows, ignore_index=True),
        )


def _people(axes: Axes, shares: Floats, place: int, step: float) -> None:
    """Stack the dots of equal shares, upwards from the arm's line."""
    colour = COLOURS[place % len(COLOURS)]
    for value, count in zip(*np.unique(shares, return_counts=True), strict=True):
        heights = place + 0.2 - step * np.arange(count)
        axes.plot(np.full(count, value), heights, "o", ms=2.9, alpha=0.6, color=colour, mew=0)


def _mean_row(estimate: Estimate) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "arm": estimate.arm,
                "participant": "",
                "share": estimate.estimate,
                "answers": estimate.n_trials,
                "kind": f"mean: {estimate.method}",
                "low": estimate.ci_low,
                "high": estimate.ci_high,
            }
        ]
    )


def effects_plot(estimates: Sequence[Estimate], level: float) -> Plot | None:
    """Draw every difference of accuracy with its interval, the deciding one filled."""
    shown = [e for e in estimates if e.scale == "accuracy_difference" and e.estimate is not None]
    if not shown:
        return None
    pairs = list(dict.fromkeys((e.arm, e.against) for e in shown))
    repeated = ""
    if any(e.boundary is not None for e in shown):
        repeated = "; its interval is the repeated one of the look that decided"
    with canvas(0.6 + 0.25 * (len(shown) + 1.3 * len(pairs))) as (figure, axes):
        axes.axvline(0, lw=0.9, color=SOFT)
        labels, place = [], 0.0
        for pair in pairs:
            labels.append((place, f"{pair[0]} − {pair[1]}", True))
            for estimate in (e for e in shown if (e.arm, e.against) == pair):
                place += 1
                first = estimate is next(e for e in shown if (e.arm, e.against) == pair)
                _mark(axes, estimate, place, INK if first else SOFT, 100.0, is_filled=first)
                labels.append((place, estimate.method, False))
            place += 1.4
        axes.set(ylim=(place - 0.7, -0.6), yticks=[own[0] for own in labels])
        axes.set_yticklabels([own[1] for own in labels])
        for text, (_, _, is_pair) in zip(axes.get_yticklabels(), labels, strict=True):
            text.set_fontweight("bold" if is_pair else "normal")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x")
        axes.set_xlabel("difference in accuracy, percentage points")
        return plot_of(
            figure,
            "effects",
            title="How far the arms differ, by every method",
            caption=f"Bars are {100 * level:g} % intervals, not adjusted for the number of "
            f"contrasts. The filled mark is the planned analysis{repeated}.",
            data=_estimate_rows(shown),
        )


def equivalence_plot(estimates: Sequence[Estimate], smallest: float, level: float) -> Plot | None:
    """Draw each difference with the interval that the test of equivalence holds to its bounds."""
    shown = [e for e in estimates if e.question == "equivalence" and e.ci_low is not None]
    if not shown:
        return None
    bound = 100 * smallest
    with canvas(0.75 + 0.3 * len(shown)) as (figure, axes):
        axes.axvspan(-bound, bound, color="#e8eff3", lw=0)
        axes.axvline(0, lw=0.9, color=SOFT)
        for place, estimate in enumerate(shown):
            _mark(axes, estimate, place, INK, 100.0)
        reach = max(
            bound, *(100 * abs(value or 0) for e in shown for value in (e.ci_low, e.ci_high))
        )
        axes.set(xlim=(-1.15 * reach, 1.15 * reach), ylim=(len(shown) - 0.4, -0.6))
        axes.set(yticks=range(len(shown)))
        axes.set_yticklabels([f"{e.arm} − {e.against}" for e in shown])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("difference in accuracy, percentage points")
        return plot_of(
            figure,
            "equivalence",
            title="Is the difference smaller than what matters?",
            caption=f"Shaded: differences below {bound:g} points, which the plan calls too small "
            f"to matter. Bars are {100 * level:g} % intervals: inside the shade is equivalent.",
            data=_estimate_rows(shown),
        )


def species_plot(
    trials: pd.DataFrame, arms: Sequence[str], names: Mapping[str, str], chance: float | None
) -> Plot | None:
    """Draw the share of right answers to the pictures of each species, by arm."""
    shares = trials.groupby(["true_species", "arm"])["correct"].agg(["mean", "size"]).reset_index()
    if shares.empty:
        return None
    with canvas(0.9 + 0.34 * len(names)) as (figure, axes):
        for index, arm in enumerate(arms):
            own = shares[shares["arm"] == arm].set_index("true_species")["mean"]
            heights = np.arange(len(names), dtype=np.float64) + 0.13 * (index - (len(arms) - 1) / 2)
            _dots(axes, own.reindex(list(names)).to_numpy(float), heights, index, arm)
        if chance is not None:
            _line(axes, chance, "guessing")
        axes.set(xlim=(-0.02, 1.02), ylim=(len(names) - 0.4, -0.6), yticks=range(len(names)))
        axes.set_yticklabels(list(names.values()))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x")
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        axes.set_xlabel("right answers")
        legend(axes, len(arms))
        return plot_of(
            figure,
            "species",
            title="Accuracy by species",
            caption="Shares of all answers to pictures of the species.",
            data=shares.rename(columns={"mean": "share", "size": "answers"}),
        )


def learning_plot(trials: pd.DataFrame, arms: Sequence[str]) -> Plot | None:
    """Draw the share of right answers over the trials of training, by arm."""
    if trials.empty:
        return None
    place = trials.groupby("session")["trial_index"].rank().astype(int)
    shares = trials.assign(place=place).groupby(["arm", "place"])["correct"]
    data = shares.agg(["mean", "size"]).reset_index()
    with canvas(2.5) as (figure, axes):
        for index, arm in enumerate(arms):
            line = data[data["arm"] == arm]
            axes.plot(
                line["place"],
                line["mean"],
                marker=MARKERS[index % len(MARKERS)],
                color=COLOURS[index % len(COLOURS)],
                ms=4,
                lw=1.3,
                mew=0,
                label=arm,
            )
        axes.set(ylim=(0, 1.02), xlabel="trial of the training")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        axes.grid(axis="y")
        axes.set_ylabel("right answers")
        legend(axes, len(arms))
        return plot_of(
            figure,
            "learning",
            title="Accuracy over the trials of the training",
            caption="Shares of all who answered the trial.",
            data=data.rename(columns={"mean": "share", "size": "answers"}),
        )


def _dots(axes: Axes, values: Floats, heights: Floats, index: int, label: str) -> None:
    axes.plot(
        values,
        heights,
        MARKERS[index % len(MARKERS)],
        color=COLOURS[index % len(COLOURS)],
        ms=5,
        mew=0,
        label=label,
    )


def _mark(
    axes: Axes,
    estimate: Estimate,
    place: float,
    colour: str,
    factor: float,
    *,
    is_filled: bool = True,
) -> None:
    value, low, high = estimate.estimate, estimate.ci_low, estimate.ci_high
    if low is not None and high is not None:
        axes.plot([factor * low, factor * high], [place, place], color=colour, lw=2.2)
    axes.plot(
        factor * (value or 0.0),
        place,
        "D",
        ms=6,
        mfc=colour if is_filled else "white",
        mec=colour if not is_filled else "white",
        mew=1.1,
    )


def _line(axes: Axes, at: float, words: str) -> None:
    axes.axvline(at, ls=(0, (4, 3)), lw=0.9, color=SOFT)
    above = axes.get_xaxis_transform()
    axes.text(at, 1.01, words, transform=above, ha="center", va="bottom", color=SOFT, fontsize=8)


def _estimate_rows(estimates: Sequence[Estimate]) -> pd.DataFrame:
    return pd.DataFrame([estimate.row() for estimate in estimates])
