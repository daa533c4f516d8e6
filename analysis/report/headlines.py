"""The answer in plain words: what the plan's test decided, and how large the difference is."""

from dataclasses import dataclass

from analysis.comparisons import difference_of
from analysis.estimates import OF_THIS_EXPORT, Estimate, p_text
from analysis.report.numbers import p_value, percent, points
from experiments.schema import AnalysisPlan


@dataclass(frozen=True)
class Headline:
    """One contrast's answer.

    Attributes
    ----------
    first
        The estimate whose test decides.
    is_of_other_export
        A look at another export decided: other estimates are of other people.
    difference
        The difference in accuracy by the same model; None where there is none.
    interval
        What its interval is, such as `95 % interval`.
    plain
        For a reader without statistics.
    sentence
        With method, p, and interval.
    """

    pair: str
    first: Estimate
    is_of_other_export: bool
    difference: Estimate | None
    interval: str
    plain: str
    sentence: str


def headline(rows: list[Estimate], plan: AnalysisPlan, *, is_confirmatory: bool) -> Headline:
    """Answer one contrast.

    Parameters
    ----------
    rows
        The contrast's estimates, the deciding one first.
    is_confirmatory
        Whether a plan fixed in advance asked for it; if not, the sentence says so.
    """
    first, difference = rows[0], difference_of(rows, plan)
    is_elsewhere = len(rows) > 1 and rows[1].method.endswith(OF_THIS_EXPORT)
    if is_elsewhere and difference is not first:
        difference = None
    pair = f"{first.arm} against {first.against}"
    interval = f"{percent(1 - plan.alpha)} interval"
    if difference is not None and difference.boundary is not None:
        interval = f"repeated {interval}"
    p = first.deciding_p
    if p is None:
        kind = "confirmatory " if is_confirmatory else ""
        sentence = f"{pair}: no {kind}answer ({first.note})."
        return Headline(
            pair, first, is_elsewhere, difference, interval, "The data can't answer this.", sentence
        )
    exploratory = "" if is_confirmatory else "exploratory, "
    test = f"({exploratory}{first.method}: {p_text(p)}{_held_against(first, plan)})"
    verdict = f"{pair}: {_verdict(first, plan)} at alpha {plan.alpha:g} {test}."
    return Headline(
        pair,
        first,
        is_elsewhere,
        difference,
        interval,
        _plain(first, difference, plan),
        verdict + _size(first, difference, interval),
    )


def _held_against(first: Estimate, plan: AnalysisPlan) -> str:
    if first.boundary is not None:
        place = "within" if first.is_significant(plan.alpha) else "not within"
        return f", {place} the boundary {p_value(first.boundary)} of the look that decided"
    return "" if first.p_adjusted is None else f", adjusted by {plan.correction.title()}"


def _verdict(first: Estimate, plan: AnalysisPlan) -> str:
    if not first.is_significant(plan.alpha):
        return "no difference was shown"
    return "higher accuracy" if (first.estimate or 0) > 0 else "lower accuracy"


def _plain(first: Estimate, difference: Estimate | None, plan: AnalysisPlan) -> str:
    people = f"People with {first.arm}"
    if first.is_significant(plan.alpha):
        more = "more" if (first.estimate or 0) > 0 else "less"
        return f"{people} were right {more} often than people with {first.against}."
    told = f"{people} were not shown to do better or worse than people with {first.against}"
    if difference is None or difference.ci_low is None:
        return f"{told}."
    return (
        f"{told}: the data agree with any difference from {points(difference.ci_low)} to "
        f"{points(difference.ci_high)} points."
    )


def _size(first: Estimate, difference: Estimate | None, interval: str) -> str:
    """Say how large the difference is, and by which method where that isn't the one that decided.

    The two can point apart, and only the test is corrected: the sentence says so.
    """
    if difference is None or difference.ci_low is None:
        return ""
    method = "" if difference.method == first.method else f"{difference.method}: "
    is_corrected = first.p_adjusted is not None or first.boundary is not None
    not_adjusted = ", not adjusted" if is_corrected and difference.boundary is None else ""
    return (
        f" The difference is {points(difference.estimate)} percentage points "
        f"({method}{interval} {points(difference.ci_low)} to "
        f"{points(difference.ci_high)}{not_adjusted})."
    )
