"""Is an effect too small to matter? Two one-sided tests of a difference (Schuirmann 1987)."""

from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class Equivalence:
    """Two one-sided tests that a difference lies within plus and minus a margin.

    Attributes
    ----------
    statistic
        t of the side that is harder to reject.
    p
        The larger of the two one-sided p values: below alpha, the difference is smaller than the
        margin on both sides.
    low, high
        The interval of level 1 - 2 alpha, which lies within the margin just when p < alpha.
    """

    statistic: float
    p: float
    low: float
    high: float


def equivalence(
    difference: float, se: float, df: float, *, margin: float, alpha: float
) -> Equivalence:
    """Test a difference against a margin, from its standard error and degrees of freedom.

    Parameters
    ----------
    margin
        The smallest effect that matters, in the unit of the difference; positive.
    alpha
        Of each one-sided test.

    Raises
    ------
    ValueError
        When the difference has no error.
    """
    if not se > 0:
        raise ValueError("the difference has no standard error")
    above = (difference + margin) / se
    below = (difference - margin) / se
    p_above, p_below = float(stats.t.sf(above, df)), float(stats.t.cdf(below, df))
    reach = float(stats.t.ppf(1 - alpha, df)) * se
    return Equivalence(
        statistic=above if p_above >= p_below else below,
        p=max(p_above, p_below),
        low=difference - reach,
        high=difference + reach,
    )
