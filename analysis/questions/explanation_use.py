"""Do people who use the explanation more do better with it?

From the events of every trial with an explanation:

* `acts`, how often something was done with it: colours faded or switched, a concept or a node
  shown, a graph opened, closed or moved; `switches`, how often colours were switched off or on;
* `dwell_ms`, how long concepts or nodes were shown one by one;
* `visible_ms`, how long its colours could be seen until the answer was picked: they are there from
  the beginning, and not while they are switched off or faded to nothing.

A mixed model of these trials asks whether right answers go with more use, separately for trials of
one person (more than that person's own mean) and for persons (their mean): only the first is free
of who people are (Mundlak 1978; Bell & Jones 2015). Neither is an effect: people look longer at
what they find hard.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimates import Estimate
from analysis.glmm.fitting import fit
from analysis.questions.answers import Answer, CannotAnswerError
from analysis.questions.evidence import Evidence, estimate_of, p_told, require, value_told
from analysis.questions.mixed import weighted_sum

QUESTION = "explanation_use"
TITLE = "Do those who use the explanation more do better with it?"
SWITCHED, FADED, LEFT = "colours_switched", "opacity_changed", "part_left"
# Acts on an explanation; all other events are about the page, the network or the answer.
ACTS = (
    SWITCHED,
    FADED,
    "part_shown",
    "children_opened",
    "children_closed",
    "graph_panned",
)
_TRIAL = ("participant", "stimulus", "arm", "correct")
_USES = ("acts", "switches", "dwell_ms", "visible_ms", "visible_share")
_WORDS = {
    "acts": "more acts on it",
    "dwell_ms": "more time on its parts",
    "visible_ms": "more time with it in view",
}
_METHOD = "logistic mixed model, within and between people"
_FEWEST_TRIALS = 20
_SMALLEST_SPREAD = 1e-6
# Time since the onset in ms, kind and data of an event.
Act = tuple[float, str, dict[str, Any]]


def explanation_use(evidence: Evidence) -> Answer:
    """Relate use to right answers, in the arms that have an explanation."""
    require(evidence.shown, {"explanation_key": "an explanation", "trial": "an identifier"})
    if evidence.events is None or evidence.events.empty:
        raise CannotAnswerError("No event was recorded: no player ran.")
    shown = evidence.shown[evidence.shown["explanation_key"].notna()].reset_index(drop=True)
    if len(shown) < _FEWEST_TRIALS:
        raise CannotAnswerError(f"Fewer than {_FEWEST_TRIALS} trials have an explanation.")
    used = shown.join(use_of_trials(shown, evidence.events))
    by_arm = used.groupby("arm")[list(_USES)].mean()
    told = [_arm_told(str(arm), own) for arm, own in by_arm.iterrows()]
    estimates = [own for column in _WORDS for own in _relation(used, column, evidence.level)]
    told += [_told(own) for own in estimates]
    if estimates:
        told.append("None of these is an effect: people choose what they use.")
    else:
        told.append("Use hardly varied, so that nothing can be said of who used it more.")
    tables = {"trials": used[[*_TRIAL, *_USES]], "arms": by_arm.reset_index()}
    return Answer(QUESTION, TITLE, evidence.shown_where + " ".join(told), estimates, tables)


def use_of_trials(shown: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return how the explanation of each trial was used, in the trials' order.

    Parameters
    ----------
    shown
        Trials with an explanation: `trial` and, where a player ran, `rt_ms`.
    events
        `trial`, `kind`, `data` (a mapping) and `since_onset_ms`, in the order they happened.

    Returns
    -------
    DataFrame
        `acts`, `switches`, `dwell_ms`, `visible_ms`, `visible_share`; the last two are missing
        where `rt_ms` is.
    """
    happened: dict[str, list[Act]] = {}
    own = events[events["kind"].isin([*ACTS, LEFT])]
    for trial, at, kind, data in zip(
        own["trial"], own["since_onset_ms"].astype(float), own["kind"], own["data"], strict=True
    ):
        happened.setdefault(str(trial), []).append((float(at), str(kind), dict(data)))
    times = shown["rt_ms"] if "rt_ms" in shown else pd.Series(np.nan, index=shown.index)
    rows = [
        _use(happened.get(str(trial), []), float(end))
        for trial, end in zip(shown["trial"], times, strict=True)
    ]
    return pd.DataFrame(rows, index=shown.index)


def _use(happened: list[Act], end: float) -> dict[str, float]:
    visible = visible_ms(happened, end)
    return {
        "acts": sum(kind in ACTS for _, kind, _ in happened),
        "switches": sum(kind == SWITCHED for _, kind, _ in happened),
        "dwell_ms": sum(float(data["dwell_ms"] or 0) for _, kind, data in happened if kind == LEFT),
        "visible_ms": visible,
        "visible_share": visible / end if end > 0 else np.nan,
    }


def visible_ms(happened: Iterable[Act], end: float) -> float:
    """Return how long the colours could be seen between the onset and the choice.

    Parameters
    ----------
    happened
        In order. Fading shows colours that were switched off.
    end
        Time of the choice; missing where no player ran.
    """
    if not np.isfinite(end):
        return float("nan")
    seen, since, is_on, percent = 0.0, 0.0, True, 100.0
    for at, kind, data in happened:
        if kind not in (SWITCHED, FADED):
            continue
        moment = min(max(at, since), end) if np.isfinite(at) else since
        seen += (moment - since) * (is_on and percent > 0)
        since = moment
        if kind == SWITCHED:
            is_on = bool(data["shown"])
        else:
            is_on, percent = True, float(data["percent"])
    return seen + (end - since) * (is_on and percent > 0)


def _relation(used: pd.DataFrame, column: str, level: float) -> list[Estimate]:
    """Relate log(1 + use) to right answers within and between people."""
    table = used.dropna(subset=[column])
    if len(table) < _FEWEST_TRIALS:
        return []
    unit = 1000.0 if column.endswith("_ms") else 1.0
    amount = pd.Series(np.log1p(table[column].to_numpy(float) / unit), index=table.index)
    means = amount.groupby(table["participant"]).transform("mean")
    parts = {"within": amount - means, "between": means - means.mean()}
    varying = [name for name, values in parts.items() if values.std() > _SMALLEST_SPREAD]
    if not varying:
        return []
    arm = " + arm" if table["arm"].nunique() > 1 else ""
    slope = " + (0 + within | participant)" if "within" in varying else ""
    # People may use it more, and do better, in one phase than in another.
    phase = " + phase" if "phase" in table and table["phase"].nunique() > 1 else ""
    fixed = f"{' + '.join(varying)}{arm}{phase}"
    formula = f"correct ~ {fixed} + (1 | participant) + (1 | stimulus){slope}"
    found = fit(formula, table.assign(**parts))
    return [
        weighted_sum(found, {name: 1.0}, level).fill(
            estimate_of(
                table, QUESTION, "correct", _METHOD, "log_odds", term=f"{column} {name} people"
            )
        )
        for name in varying
    ]


def _arm_told(arm: str, own: "pd.Series[float]") -> str:
    told = f"In {arm} people acted on the explanation {own['acts']:.2f} times a trial"
    if np.isfinite(own["visible_share"]):
        told += (
            f" and had it in view {100 * own['visible_share']:.0f} % of the time to their choice"
        )
    return told + "."


def _told(own: Estimate) -> str:
    column, side, _ = own.term.split(" ")
    who = "trials of one person" if side == "within" else "people"
    return (
        f"Between {who}, {_WORDS[column]} went with {value_told(own)} log odds of a right answer "
        f"for each unit of its logarithm ({p_told(own)})."
    )
