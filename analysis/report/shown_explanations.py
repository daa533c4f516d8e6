"""The evidence beside the answers: what the very explanations that were shown score.

Scores are computed by the network alone, without anybody's answers, and are joined by the stimulus
and the explanation's key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import ExportError
from analysis.figures import COLOURS, MARKERS, Plot, panels, plot_of
from analysis.questions.explanation_scores import SCORES, SHOWN, scores_table
from experiments.scores import ExplanationScore


@dataclass(frozen=True)
class ScoreOfMethod:
    """The mean of one score over the explanations that one condition showed.

    Attributes
    ----------
    condition
        Of the trials, and `explanation` the name of what it showed in the manifest.
    score, words
        Its column, and what it is.
    good
        Whether large or small values are good.
    pictures
        With this score.
    """

    condition: str
    explanation: str
    score: str
    words: str
    good: str
    pictures: int
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ShownExplanations:
    """What was shown, and what of it has scores.

    Attributes
    ----------
    phases
        In which they were shown.
    shown, scored
        Explanations: different ones, by picture and key.
    table
        One row an explanation and condition.
    """

    phases: tuple[str, ...]
    shown: int
    scored: int
    means: tuple[ScoreOfMethod, ...]
    table: pd.DataFrame

    def facts(self) -> dict[str, object]:
        """Return what `results.json` holds."""
        return {
            "phases": list(self.phases),
            "shown": self.shown,
            "scored": self.scored,
            "scores": [vars(own) for own in self.means],
        }


def shown_explanations(
    trials: pd.DataFrame, scores: Sequence[ExplanationScore], level: float, *, source: str
) -> ShownExplanations:
    """Look up what analysed participants were shown.

    Parameters
    ----------
    trials
        Analysed: `phase`, `condition`, `stimulus` and `explanation_key`, empty where nothing was
        shown.
    scores
        Of the study's own pictures and explanations.
    level
        Of the intervals, which are t over pictures.
    source
        Where the scores come from, for errors.

    Raises
    ------
    ExportError
        When no explanation was shown, or none of those shown has a score.
    """
    columns = ["phase", "condition", "stimulus", "explanation_key"]
    seen = trials[columns].dropna().drop_duplicates()
    if seen.empty:
        raise ExportError("--scores: no analysed trial shows an explanation. Leave it out.")
    shown = seen.drop(columns="phase").drop_duplicates()
    table = shown.merge(scores_table(scores), on=SHOWN)
    count = _different(shown)
    if table.empty:
        raise ExportError(
            f"None of the {count} explanations that were shown has a score in {source}: what it "
            "scores are other explanations, or those of another build. Score the stimulus folder "
            "that was imported for this study, and name that folder."
        )
    return ShownExplanations(
        phases=tuple(seen["phase"].unique()),
        shown=count,
        scored=_different(table),
        means=tuple(_means(table, level)),
        table=table,
    )


def _different(shown: pd.DataFrame) -> int:
    return len(shown.drop_duplicates(SHOWN))


def _means(table: pd.DataFrame, level: float) -> list[ScoreOfMethod]:
    found = []
    for score, (words, large_is_good) in SCORES.items():
        for (condition, name), own in table.groupby(["condition", "explanation"], sort=True):
            values = own[score].dropna().to_numpy(float)
            if not len(values):
                continue
            mean, reach = float(values.mean()), None
            if len(values) > 1:
                reach = float(stats.t.ppf((1 + level) / 2, len(values) - 1) * stats.sem(values))
            found.append(
                ScoreOfMethod(
                    condition=str(condition),
                    explanation=str(name),
                    score=score,
                    words=words,
                    good="large" if large_is_good else "small",
                    pictures=len(values),
                    mean=mean,
                    low=None if reach is None else mean - reach,
                    high=None if reach is None else mean + reach,
                )
            )
    return found


def shown_plot(shown: ShownExplanations, level: str) -> Plot:
    """Draw every explanation's scores, and the mean of each condition with its interval."""
    scores = list(dict.fromkeys(own.score for own in shown.means))
    conditions = list(dict.fromkeys(own.condition for own in shown.means))
    with panels(0.9 + 0.42 * len(conditions), len(scores)) as (figure, row):
        for axes, score in zip(row, scores, strict=True):
            for own in (mean for mean in shown.means if mean.score == score):
                place = conditions.index(own.condition)
                is_own = shown.table["condition"] == own.condition
                values = shown.table.loc[is_own, score].dropna().to_numpy(float)
                lane = place + 0.22 * np.linspace(-1, 1, len(values))
                colour = COLOURS[place % len(COLOURS)]
                axes.plot(values, lane, "o", ms=2.4, alpha=0.4, color=colour, mew=0)
                if own.low is not None and own.high is not None:
                    axes.plot([own.low, own.high], [place, place], color=colour, lw=2.4)
                marker = MARKERS[place % len(MARKERS)]
                axes.plot(own.mean, place, marker, ms=6, color=colour, mec="white", mew=0.8)
            axes.set(ylim=(len(conditions) - 0.5, -0.5), yticks=range(len(conditions)))
            axes.set_yticklabels(conditions if axes is row[0] else [])
            axes.tick_params(axis="y", length=0)
            axes.grid(axis="x")
            axes.set_title(_TITLES[score], fontsize=8.5)
            good = next(own.good for own in shown.means if own.score == score)
            axes.set_xlabel(f"{good} is good")
        return plot_of(
            figure,
            "shown_explanations",
            title="Scores of the explanations that were shown",
            caption=f"Each dot is an explanation; marks are means with their {level} intervals.",
            data=shown.table,
        )


_TITLES: Mapping[str, str] = {
    "deletion": "deletion",
    "insertion": "insertion",
    "both": "both",
    "truth": "truth",
    "patches": "patches",
    "logit_error": "logit error",
    "covered": "covered",
}
