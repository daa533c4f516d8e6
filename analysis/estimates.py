"""One row shape for every estimate, whatever model it came from."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

ESTIMATE_SCHEMA_VERSION = "1"


@dataclass(frozen=True)
class Estimate:
    """One estimated quantity.

    Attributes
    ----------
    role
        `confirmatory` only for the frozen plan's own test; all else is `sensitivity`.
    method
        What computed it.
    arm, against
        The contrast.
    scale
        Of `estimate`: `log_odds`, `accuracy_difference` (-1 to 1).
    estimate, se, df, ci_low, ci_high, statistic, p
        None where the method can't give it; `note` says why. The interval has the level
        1 - alpha of the plan, and nothing adjusts it.
    p_adjusted
        After the plan's correction over its contrasts; None when the plan corrects nothing.
    """

    role: Literal["confirmatory", "sensitivity"]
    method: str
    arm: str
    against: str
    scale: Literal["log_odds", "accuracy_difference"]
    n_participants: int
    n_trials: int
    n_stimuli: int
    estimate: float | None = None
    se: float | None = None
    df: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    statistic: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    note: str = ""

    @property
    def deciding_p(self) -> float | None:
        """Return the p value that is held against the plan's alpha."""
        return self.p if self.p_adjusted is None else self.p_adjusted

    def row(self) -> dict[str, Any]:
        """Return the estimate as a plain row."""
        return {"schema_version": ESTIMATE_SCHEMA_VERSION, **asdict(self)}


def p_text(p: float) -> str:
    """Return a p value as it is told in a sentence."""
    return "p < .001" if p < 0.001 else f"p = {p:.3f}"
