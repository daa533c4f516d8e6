"""Do people who use the explanation more do better with it?

From the events of every trial with an explanation:

* `switches`, how often its colours were switched off or on;
* `changes`, every act on it, fading and switching and what other widgets tell;
* `visible_ms`, how long it could be seen until the answer was picked: it is there from the
  beginning, and not while it is switched off or faded to nothing.

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
# Acts on an explanation; all other events are about the page, the network or the answer.
SWITCHED, FADED = "colours_switched", "opacity_changed"
ACTS = (SWITCHED, FADED)
_METHOD = "logistic mixed model, within and between people"
_FEWEST_TRIALS = 20


def explanation_use(evidence: Evidence) -> Answer:
    """Relate use to right answers, in the arms that have an explanation."""
    require(evidence.trials, {"explanation_key": "an explanation", "trial": "an identifier"})
    if evidence.events is None or evidence.events.empty:
        raise CannotAnswerError("No event was recorded: no player ran.")
    shown = evidence.trials[evidence.trials["explanation_key"].notna()].reset_index(drop=True)
    if len(shown) < _FEWEST_TRIALS:
        raise CannotAnswerError(f"Fewer than {_FEWEST_TRIALS} trials have an explanation.")
    used = shown.join(use_of_trials(shown, evidence.events))
    by_arm = (
        used.groupby("arm")[["switches", "changes", "visible_ms", "visible_share"]]
        .mean()
        .reset_index()
    )
    told = [
        f"In {row.arm} people acted on the explanation {row.changes:.2f} times a trial and could "
        f"see it {100 * row.visible_share:.0f} % of the time to their choice."
        if np.isfinite(row.visible_share)
        else f"In {row.arm} people acted on the explanation {row.changes:.2f} times a trial."
        for row in by_arm.itertuples()
    ]
    estimates = []
    for column in ("changes", "visible_ms"):
        own = _relation(used, column, evidence.level)
        estimates += own
        told += [_told(e) for e in own]
    if not estimates:
        told.append("Use hardly varied, so that nothing can be said of who used it more.")
    return Answer(
        QUESTION, TITLE, " ".join(told), estimates, {"trials": _table(used), "arms": by_arm}
    )


def use_of_trials(shown: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return `switches`, `changes`, `visible_ms` and `visible_share` of trials, in their order.

    Parameters
    ----------
    shown
        Trials with an explanation: `trial` and, where a player ran, `rt_ms`.
    events
        `trial`, `kind`, `data` (a mapping) and `since_onset_ms`, in the order they happened.

    Returns
    -------
    DataFrame
        The times are missing where `rt_ms` is.
    """
    acts = events[events["kind"].isin(ACTS)]
    by_trial = {trial: own for trial, own in acts.groupby("trial")}
    times = shown["rt_ms"] if "rt_ms" in shown else pd.Series(np.nan, index=shown.index)
    rows = []
    for trial, end in zip(shown["trial"], times, strict=True):
        own = by_trial.get(trial)
        happened = [] if own is None else list(own[["kind", "data", "since_onset_ms"]].itertuples())
        visible = visible_ms(((act.since_onset_ms, act.kind, act.data) for act in happened), end)
        rows.append(
            {
                "switches": sum(act.kind == SWITCHED for act in happened),
                "changes": len(happened),
                "visible_ms": visible,
                "visible_share": visible / end if end > 0 else np.nan,
            }
        )
    return pd.DataFrame(rows, index=shown.index)


def visible_ms(acts: Iterable[tuple[float, str, dict[str, Any]]], end: float) -> float:
    """Return how long an explanation could be seen between the onset and the choice.

    Parameters
    ----------
    acts
        Time since the onset, kind and data of each act, in order. Fading shows colours that were
        switched off.
    end
        Time of the choice; missing where no player ran.
    """
    if not np.isfinite(end):
        return float("nan")
    seen, since, is_switched_on, percent = 0.0, 0.0, True, 100.0
    for at, kind, data in acts:
        moment = min(max(at, since), end) if np.isfinite(at) else since
        if is_switched_on and percent > 0:
            seen += moment - since
        since = moment
        if kind == SWITCHED:
            is_switched_on = bool(data["shown"])
        else:
            is_switched_on, percent = True, float(data["percent"])
    if is_switched_on and percent > 0:
        seen += end - since
    return seen


def _relation(used: pd.DataFrame, column: str, level: float) -> list[Estimate]:
    """Relate log(1 + use) to right answers within and between people."""
    table = used.dropna(subset=[column])
    if len(table) < _FEWEST_TRIALS:
        return []
    amount = np.log1p(table[column].astype(float) / (1000.0 if column == "visible_ms" else 1.0))
    means = amount.groupby(table["participant"]).transform("mean")
    parts = {"within": amount - means, "between": means - means.mean()}
    varying = [name for name, values in parts.items() if values.std() > 1e-6]
    if not varying:
        return []
    several = table["arm"].nunique() > 1
    fixed = " + ".join(["correct ~ 1", *(["arm"] if several else []), *varying])
    slope = " + (0 + within | participant)" if "within" in varying else ""
    found = fit(f"{fixed} + (1 | participant) + (1 | stimulus){slope}", table.assign(**parts))
    return [
        weighted_sum(found, {name: 1.0}, level).fill(
            estimate_of(
                table, QUESTION, "correct", _METHOD, "log_odds", term=f"{column} {name} people"
            )
        )
        for name in varying
    ]


def _table(used: pd.DataFrame) -> pd.DataFrame:
    columns = ["participant", "stimulus", "arm", "correct"]
    return used[[*columns, "switches", "changes", "visible_ms", "visible_share"]]


def _told(own: Estimate) -> str:
    words = {"changes": "more acts", "visible_ms": "more time with it in view"}
    column, side, _ = own.term.split(" ")
    who = "trials of one person" if side == "within" else "people"
    return (
        f"Between {who}, {words[column]} went with {value_told(own)} log odds of a right answer "
        f"per unit of its logarithm ({p_told(own)}); that is no effect, only a going together."
    )
