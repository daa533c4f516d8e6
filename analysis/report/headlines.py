"""The answer in plain words: what the plan's test decided, and how large the difference is."""

from dataclasses import dataclass

from analysis.estimates import Estimate, p_text
from analysis.report.numbers import percent, points
from experiments.schema import AnalysisPlan


@dataclass(frozen=True)
class Headline:
    """One contrast's answer.

    Attributes
    ----------
    plain
        For a reader without statistics.
    sentence
        With method, p, and interval.
    """

    pair: str
    first: Estimate
    plain: str
    sentence: str


def headline(first: Estimate, plan: AnalysisPlan, *, is_confirmatory: bool) -> Headline:
    """Answer one contrast.

    Parameters
    ----------
    first
        The contrast's deciding estimate.
    is_confirmatory
        Whether a plan fixed in advance asked for it; if not, the sentence says so.
    """
    pair = f"{first.arm} against {first.against}"
    p = first.deciding_p
    if p is None:
        kind = "confirmatory " if is_confirmatory else ""
        sentence = f"{pair}: no {kind}answer ({first.note})."
        return Headline(pair, first, "The data can't answer this.", sentence)
    exploratory = "" if is_confirmatory else "exploratory, "
    corrected = "" if first.p_adjusted is None else f", adjusted by {plan.correction.title()}"
    test = f"({exploratory}{first.method}: {p_text(p)}{corrected})"
    verdict = f"{pair}: {_verdict(first, p, plan)} at alpha {plan.alpha:g} {test}."
    return Headline(pair, first, _plain(first, p, plan), verdict + _size(first, plan))


def _verdict(first: Estimate, p: float, plan: AnalysisPlan) -> str:
    if p >= plan.alpha:
        return "no difference was shown"
    return "higher accuracy" if (first.estimate or 0) > 0 else "lower accuracy"


def _plain(first: Estimate, p: float, plan: AnalysisPlan) -> str:
    people = f"People with {first.arm}"
    if p < plan.alpha:
        more = "more" if (first.estimate or 0) > 0 else "less"
        return f"{people} were right {more} often than people with {first.against}."
    if first.ci_low is None or first.ci_high is None:
        return f"{people} were not shown to do better or worse than people with {first.against}."
    return (
        f"{people} were not shown to do better or worse than people with {first.against}: the data "
        f"agree with any difference from {points(first.ci_low)} to {points(first.ci_high)} points."
    )


def _size(first: Estimate, plan: AnalysisPlan) -> str:
    if first.scale != "accuracy_difference" or first.ci_low is None or first.ci_high is None:
        return ""
    not_adjusted = "" if first.p_adjusted is None else ", not adjusted"
    return (
        f" The difference is {points(first.estimate)} percentage points "
        f"({percent(1 - plan.alpha)} interval {points(first.ci_low)} to "
        f"{points(first.ci_high)}{not_adjusted})."
    )
