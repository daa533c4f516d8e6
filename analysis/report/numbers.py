"""Numbers as a reader meets them: a true minus, the digits that carry meaning, a dash for none."""

from analysis.estimates import Estimate, Scale

NONE = "–"
_DECIMALS: dict[Scale, int] = {"correlation": 2, "log_ratio": 3, "sd": 2, "probit": 2}


def points(share: float | None) -> str:
    """Return a difference of shares in percentage points, signed."""
    # Plus zero, so that nothing is −0.0.
    return NONE if share is None else _true_minus(f"{round(100 * share, 1) + 0.0:+.1f}")


def percent(share: float | None) -> str:
    """Return a share such as 0.95 as `95 %`, without needless digits."""
    return NONE if share is None else f"{100 * share:g} %"


def share(value: float | None, digits: int = 1) -> str:
    """Return a share in percent, with fixed digits so that columns line up."""
    return NONE if value is None else f"{100 * value:.{digits}f}"


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with fixed digits."""
    return NONE if value is None else _true_minus(f"{value:.{digits}f}")


def p_value(p: float | None) -> str:
    """Return a p value with three digits and no leading zero."""
    if p is None:
        return NONE
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def degrees(df: float | None) -> str:
    """Return degrees of freedom: whole ones without digits."""
    if df is None:
        return NONE
    return f"{df:.0f}" if abs(df - round(df)) < 5e-3 else f"{df:.1f}"


def on_scale(estimate: Estimate, value: float | None) -> str:
    """Return a value of an estimate as its scale is told: points, percent, or plain."""
    if value is None:
        return NONE
    if estimate.scale == "accuracy_difference":
        return points(value)
    if estimate.scale == "probability":
        return share(value)
    if estimate.scale == "bayes_factor":
        return _factor(value)
    return number(value, _DECIMALS.get(estimate.scale, 3))


def unit(scale: Scale) -> str:
    """Return what the numbers of a scale are, in a word or two."""
    return {
        "log_odds": "log odds",
        "accuracy_difference": "points",
        "probability": "%",
        "difference": "own unit",
        "log_ratio": "log ratio",
        "probit": "z",
        "correlation": "r",
        "bayes_factor": "BF₁₀",
        "sd": "SD, log odds",
        "reliability": "alpha",
    }[scale]


def _factor(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}" if value < 1e6 else "> 1,000,000"
    return f"{value:.3g}" if value >= 0.001 else "< .001"


def _true_minus(text: str) -> str:
    return text.replace("-", "−")
