"""One row shape for every estimate, whatever model it came from."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

ESTIMATE_SCHEMA_VERSION = "3"

# Ends the method of what an export gives where a look at another one decided.
OF_THIS_EXPORT = ", this export"

Role = Literal["confirmatory", "secondary", "sensitivity", "exploratory"]
Scale = Literal[
    "log_odds",
    "accuracy_difference",
    "probability",
    "difference",
    "log_ratio",
    "probit",
    "correlation",
    "bayes_factor",
    "sd",
    "reliability",
]


@dataclass(frozen=True)
class Estimate:
    """One estimated quantity.

    Attributes
    ----------
    role
        `confirmatory` only for the frozen plan's own test, one row a contrast; `secondary` for what
        the plan asks beside it (means, the joint test, equivalence, confidence, reaction time);
        `sensitivity` for other methods that answer the same question; `exploratory` for every
        question the plan did not ask.
    method
        What computed it.
    arm, against
        The contrast; `against` is empty for an estimate of one arm, both for one of no arm.
    scale
        Of `estimate`: `log_odds`; `accuracy_difference` (-1 to 1); `probability` (0 to 1);
        `difference` in the outcome's own unit; `log_ratio`, natural, of times; `probit` for d' and
        c; `correlation` (-1 to 1); `bayes_factor` for the difference over none; `sd` of a random
        effect in log odds; `reliability` of a scale (at most 1).
    question
        What is asked, in a word: `accuracy`, `equivalence`, `learning`, `discrimination`, ...
    outcome
        The measured column or score.
    term
        What the estimate is of where arms alone don't say it: `slope`, `criterion`, `picture`;
        `mean` of an arm, `arms` for the joint test of all of them.
    subgroup
        The trials it is of, as `column=value`; empty for all that are analysed.
    estimate, se, df, ci_low, ci_high, statistic, p
        None where the method can't give it; `note` says why. The interval has the level
        1 - alpha of the plan (1 - 2 alpha for equivalence), and nothing adjusts it. `statistic` is
        t on `df` degrees of freedom; of a likelihood ratio its root with the estimate's sign; F of
        a joint test.
    p_adjusted
        After the plan's correction over its contrasts; None when the plan corrects nothing, and
        where `boundary` holds.
    boundary
        What `p` is held against where a look at the running study decided, in place of alpha and
        its correction: the boundary of that look as a p value. The interval is the repeated one
        of that look then. None where no look decided.
    """

    role: Role
    method: str
    arm: str
    against: str
    scale: Scale
    n_participants: int
    n_trials: int
    n_stimuli: int
    question: str = "accuracy"
    outcome: str = "correct"
    term: str = ""
    subgroup: str = ""
    estimate: float | None = None
    se: float | None = None
    df: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    statistic: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    boundary: float | None = None
    note: str = ""

    def is_significant(self, alpha: float) -> bool:
        """Tell whether the test shows a difference: at its look's boundary, else at alpha."""
        if self.boundary is not None:
            return self.p is not None and self.p <= self.boundary
        return self.deciding_p is not None and self.deciding_p < alpha

    @property
    def deciding_p(self) -> float | None:
        """Return the p value that is held against the plan's alpha."""
        return self.p if self.p_adjusted is None else self.p_adjusted

    def row(self) -> dict[str, Any]:
        """Return the estimate as a plain row."""
        return {"schema_version": ESTIMATE_SCHEMA_VERSION, **asdict(self)}


def p_text(p: float) -> str:
    """Return a p value as it is told in a sentence, without a zero before the point (APA)."""
    if p < 0.001:
        return "p < .001"
    return f"p = {p:.3f}".replace("0.", ".")
