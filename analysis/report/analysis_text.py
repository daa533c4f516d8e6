"""What was computed and what came out, in the words of a methods and a results section."""

from collections.abc import Sequence

import pandas as pd

from analysis.comparisons import MIXED
from analysis.crossing import crossing_of
from analysis.estimates import Estimate, p_text
from analysis.load import StudyData
from analysis.report.headlines import Headline
from analysis.report.numbers import degrees, number, p_value, percent, points, share
from analysis.report.references import Citations
from analysis.report.results import Tested
from experiments.schema import AnalysisPlan

_UNITS = {"participant": "participants", "stimulus": "pictures"}


def analysis_paragraphs(
    tested: Tested, outcome: pd.DataFrame, citations: Citations
) -> list[tuple[str, str]]:
    """Write how the plan's contrasts were tested, and what they came to.

    Parameters
    ----------
    outcome
        The analysed trials.
    """
    plan = tested.plan
    parts = [
        _standing(tested),
        _test(tested, outcome, citations),
        _looks(tested, citations) if tested.looks else _multiplicity(plan, citations),
        _secondary(tested, citations),
        _sensitivity(tested.estimates, citations),
    ]
    return [
        ("Exclusions", _exclusions(plan)),
        ("Statistical analysis", " ".join(part for part in parts if part)),
        ("Results", _results(tested)),
    ]


def data_paragraph(study: StudyData) -> tuple[str, str]:
    """Write where protocol and data can be checked."""
    return (
        "Transparency",
        f"Protocol, pictures, allocation sequence and analysis plan were frozen together (SHA-256 "
        f"{study.protocol_digest}) before the first participant. The data are the export of "
        f"{study.record.exported_at[:10]} (SHA-256 of its list of checksums: "
        f"{study.export_digest}), made with Larus {study.record.larus_version}. "
        "[Where protocol, data and code are published.]",
    )


def _standing(tested: Tested) -> str:
    if tested.plan_source != "other" and tested.why_exploratory:
        return (
            f"The data are analysed as the {tested.plan_source} plan asks, but "
            f"{tested.why_exploratory}: every result is exploratory."
        )
    return {
        "frozen": "The confirmatory analysis is the one that was frozen with the protocol.",
        "registered": "The confirmatory analysis is the one registered beforehand; the SHA-256 of "
        "its file was given and agrees.",
        "other": "The analysis was not fixed before the data were seen: every result is "
        "exploratory.",
    }[tested.plan_source]


def exclusion_rules(plan: AnalysisPlan) -> list[str]:
    """Return whom a plan leaves out, in words."""
    rules = []
    if plan.exclusions.incomplete:
        rules.append("who did not complete the study")
    if plan.exclusions.failed_catch_trials:
        rules.append(f"who failed {plan.exclusions.failed_catch_trials} or more attention checks")
    return rules


def _exclusions(plan: AnalysisPlan) -> str:
    rules = exclusion_rules(plan)
    planned = f"Left out were participants {' or '.join(rules)}. " if rules else ""
    return (
        f"{planned}Nobody who withdrew is analysed. No rule looks at how well somebody did. "
        + ("All contrasts are also given without these exclusions." if rules else "")
    ).strip()


def _test(tested: Tested, outcome: pd.DataFrame, citations: Citations) -> str:
    plan = tested.plan
    intervals = "those of the delta method"
    if tested.bootstrap is not None:
        intervals += (
            f", and those of the planned contrasts percentiles of {tested.bootstrap:,} studies "
            "simulated from the fit"
        )
    if plan.model == "two_way_cluster":
        return (
            "Right answers were compared by logistic regression with errors clustered by "
            f"participants and by pictures{citations.cite('two_way')} and a t reference with the "
            "smaller number of clusters minus one degrees of freedom."
        )
    return (
        f"Right answers of each pair of {plan.factor}s were compared by a logistic mixed model "
        "with participants and pictures as crossed random effects"
        f"{citations.cite('crossed', 'logit')}, fitted by maximum likelihood with the Laplace "
        f"approximation{citations.cite('lme4')}. "
        f"{_random_effects(plan, outcome, citations)} Each effect was tested by the likelihood "
        "ratio, read as F with the denominator degrees of freedom of the matching linear mixed "
        f"model{citations.cite('satterthwaite')}. Probabilities and their differences are for a "
        "new participant and a new picture: the random effects are integrated out. Their "
        f"{percent(1 - plan.alpha)} intervals are {intervals}."
    )


def _random_effects(plan: AnalysisPlan, outcome: pd.DataFrame, citations: Citations) -> str:
    """Say which random effects the contrasts have: the pairs differ only in what they lack."""
    parts: dict[str, list[str]] = {}
    for contrast in plan.contrasts:
        pair = outcome[outcome["arm"].isin([contrast.arm, contrast.against])]
        if pair["arm"].nunique() < 2 or not (crossing := crossing_of(pair)).repeated:
            continue
        formula = crossing.random_part(plan.random_effects)
        parts.setdefault(formula, []).append(f"{contrast.arm} against {contrast.against}")
    if len(parts) == 1:
        told = f"Random effects were {next(iter(parts))} in lme4's notation"
    else:
        told = "Random effects, in lme4's notation, were " + "; ".join(
            f"{formula} for {', '.join(pairs)}" for formula, pairs in parts.items()
        )
    if not parts:
        return ""
    if plan.random_effects == "by_design":
        why = f": intercepts, and interactions with the {plan.factor} where the design crosses them"
        return f"{told}{why}{citations.cite('maximal')}."
    return f"{told}: intercepts alone, as planned."


def _multiplicity(plan: AnalysisPlan, citations: Citations) -> str:
    count = len(plan.contrasts)
    if plan.correction == "holm" and count > 1:
        return (
            f"The {count} planned contrasts were held against alpha = {plan.alpha:g} with Holm's "
            f"correction{citations.cite('holm')}; intervals are not adjusted."
        )
    return f"Alpha was {plan.alpha:g}, without correction for several contrasts."


def _looks(tested: Tested, citations: Citations) -> str:
    """Write which looks were made, and what p values and intervals were held against."""
    plan, looks = tested.plan, tested.looks
    spending = {"obrien_fleming": "O’Brien–Fleming", "pocock": "Pocock"}
    planned = plan.interim_looks
    if planned is None:
        return ""
    fractions = " and ".join(percent(own) for own in planned.information_fractions)
    counts = " and ".join(f"{own.participants}" for own in looks)
    several = len(plan.contrasts) > 1 and plan.correction == "holm"
    steps = f", over the contrasts step by step{citations.cite('holm_looks')}" if several else ""
    return (
        f"Looks at the outcomes were planned at {fractions} of the planned participants and at the "
        f"end, with alpha = {plan.alpha:g} spent by the {spending[planned.spending]}-type function"
        f"{citations.cite('looks')}. Looks were made with {counts} of "
        f"{looks[-1].planned_participants} participants analysed. p values were held against the "
        f"boundary of each look{steps}.{_repeated(tested, citations)}"
    )


def _repeated(tested: Tested, citations: Citations) -> str:
    if all(own.difference is None or own.difference.boundary is None for own in tested.headlines):
        return ""
    return f" Intervals of the tested differences are repeated ones{citations.cite('repeated')}."


def _secondary(tested: Tested, citations: Citations) -> str:
    asked = {own.question for own in tested.estimates}
    parts = []
    if "equivalence" in asked and tested.plan.smallest_effect is not None:
        parts.append(
            "Whether a difference is smaller than the smallest effect of interest "
            f"({100 * tested.plan.smallest_effect:g} percentage points) was asked by two one-sided "
            f"tests{citations.cite('tost')}."
        )
    if "confidence" in asked:
        parts.append(
            "Confidence was compared by a cumulative-logit mixed model"
            f"{citations.cite('ordinal')} with the same random effects."
        )
    if "reaction_time" in asked:
        rule = tested.plan.reaction_times
        parts.append(
            f"Reaction times of right answers between {rule.shortest_ms} and "
            f"{rule.longest_ms:,} ms were compared, as logarithms, by a linear mixed model (REML) "
            f"with Satterthwaite's degrees of freedom{citations.cite('satterthwaite')}."
        )
    if asked & {"sensitivity", "criterion"}:
        parts.append(
            "Whether advice was taken was modelled by a probit mixed model with the arm, whether "
            "the advice was right, and their interaction as fixed effects: differences of d' and "
            f"of the criterion{citations.cite('signal_detection')}, tested by z."
        )
    if asked & {"over_reliance", "under_reliance"}:
        parts.append(
            "Shares of wrong advice that was taken and of right advice that was not were compared "
            "by linear regression with errors clustered by participants and pictures"
            f"{citations.cite('two_way')}."
        )
    return " ".join(parts)


# How each method is told, by the beginning of its name, and what it rests on.
_METHODS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("linear mixed model", "a linear mixed model of the same answers", ("satterthwaite",)),
    ("two-way cluster-robust logit", "cluster-robust logistic regression", ("two_way",)),
    ("two-way cluster-robust difference", "cluster-robust linear regression", ("two_way",)),
    ("Welch t", "Welch's t test of participants' means", ("welch",)),
    ("paired t", "a paired t test of participants' means", ()),
    ("permutation", "a permutation test of participants", ("permutation",)),
    ("GEE", "bias-reduced generalised estimating equations", ("gee", "bias_reduced")),
)


def _sensitivity(estimates: Sequence[Estimate], citations: Citations) -> str:
    used = [own.method for own in estimates if own.question == "accuracy" and own.against]
    told = [
        words + (citations.cite(*keys) if keys else "")
        for start, words, keys in _METHODS
        if any(method.startswith(start) for method in used[1:])
    ]
    if not told:
        return ""
    *most, last = told
    listed = f"{', '.join(most)} and {last}" if most else last
    return f"The same contrasts were also answered by {listed}."


def _results(tested: Tested) -> str:
    sentences = []
    means = {own.arm: own for own in tested.estimates if own.term == "mean"}
    for own in tested.headlines:
        first, difference = own.first, own.difference
        if first.deciding_p is None:
            sentences.append(own.sentence)
            continue
        pair = [means.get(first.arm), means.get(first.against)]
        told = ""
        if not own.is_of_other_export and all(
            mean is not None and mean.estimate is not None for mean in pair
        ):
            shares = [share(mean.estimate) for mean in pair if mean is not None]
            told = f" ({shares[0]} % against {shares[1]} %)"
        size = ""
        if difference is not None and difference.ci_low is not None:
            size = (
                f"a difference of {points(difference.estimate)} percentage points, "
                f"{_ci(own)} [{points(difference.ci_low)}, "
                f"{points(difference.ci_high)}], "
            )
        sentences.append(
            f"{first.arm} against {first.against}{told}: {size}{_statistic(first)}, "
            f"{p_text(first.deciding_p)}{_held_against(first, tested)}."
        )
    return " ".join(sentences)


def _ci(own: Headline) -> str:
    return own.interval.replace("interval", "CI")


def _held_against(first: Estimate, tested: Tested) -> str:
    if first.boundary is not None:
        return f" (boundary {p_value(first.boundary)})"
    return "" if first.p_adjusted is None else f" ({tested.plan.correction.title()})"


def _statistic(first: Estimate) -> str:
    if first.statistic is None:
        return first.method
    if first.method == MIXED:
        return f"F(1, {degrees(first.df)}) = {number(first.statistic**2)}"
    return f"t({degrees(first.df)}) = {number(first.statistic)}"
