"""Mixed models for the questions: random effects by the design, and sums of coefficients tested."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.crossing import crossing_of
from analysis.estimates import Estimate
from analysis.glmm.fits import Fit

# Random effects beside those of the largest grouping, above which a fit takes minutes.
_MOST_EFFECTS = 1500


@dataclass(frozen=True)
class Tested:
    """What an estimate's value consists of, by the names `Estimate` gives it."""

    estimate: float
    se: float | None
    df: float | None
    ci_low: float
    ci_high: float
    statistic: float | None
    p: float | None
    note: str = ""

    def fill(self, blank: Estimate) -> Estimate:
        """Return an estimate with this value."""
        return replace(blank, **asdict(self))


def random_part(trials: pd.DataFrame, *, slope: str = "", within: str = "") -> str:
    """Return the random effects that the design of some trials asks for.

    People and pictures have intercepts, and effects of their own in each arm where they meet
    several (see `crossing`). Where so many pictures do that a fit would take minutes, those are
    left out; every estimate's note names the random effects it rests on.

    Parameters
    ----------
    slope
        A number that varies within people, whose slope varies between them.
    within
        A factor that varies within people, in each level of which they have an effect of their own.
    """
    person = f"(1 + {slope} || participant)" if slope else "(1 | participant)"
    crossed = [(unit, "arm") for unit in crossing_of(trials).crossed]
    if within and "participant" in crossing_of(trials.assign(arm=trials[within])).crossed:
        crossed.append(("participant", within))
    sizes = [trials["participant"].nunique() * (1 + bool(slope)), trials["stimulus"].nunique()]
    sizes += [trials.groupby(list(pair)).ngroups for pair in crossed]
    if sum(sizes) - max(sizes) > _MOST_EFFECTS:
        crossed = []
    return " + ".join(
        [person, "(1 | stimulus)", *(f"(1 | {own}:{other})" for own, other in crossed)]
    )


def weighted_sum(found: Fit, weights: Mapping[str, float], level: float) -> Tested:
    """Estimate and test a weighted sum of coefficients.

    Parameters
    ----------
    weights
        By coefficient; names that the fit has not are at its reference and count nothing.
    level
        Of the interval.

    Returns
    -------
    Tested
        z, or t with Satterthwaite's degrees of freedom for linear models. Where answers are
        separated the estimate stands under a prior, and has no p.
    """
    linear = np.array([weights.get(name, 0.0) for name in found.problem.names])
    estimate = float(linear @ found.beta)
    se = float(np.sqrt(linear @ found.beta_covariance @ linear))
    df = None if found.satterthwaite is None else found.satterthwaite.degrees(linear)
    reference: Any = stats.norm if df is None else stats.t(df)
    reach = float(reference.ppf((1 + level) / 2)) * se
    statistic = estimate / se if se > 0 else None
    p = None if statistic is None else float(2 * reference.sf(abs(statistic)))
    random = " + ".join(map(str, found.problem.design.formula.random))
    note = "; ".join([f"random effects {random}", *found.warnings])
    if found.separated:
        statistic, p = None, None
    return Tested(estimate, se, df, estimate - reach, estimate + reach, statistic, p, note)
