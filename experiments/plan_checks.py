"""Checks of the analysis plan: can the test it asks for be made from what the study collects?"""

from collections.abc import Iterator
from itertools import pairwise

from experiments.findings import Problem
from experiments.schema import Protocol, expected_contrasts
from experiments.stimulus_checks import numbered_trials, picture_count

# Below this a variance between pictures is little more than a guess.
_FEW_PICTURES = 6


def plan_problems(protocol: Protocol) -> Iterator[Problem]:
    """Yield everything of the plan that can't work, or that works less well than it looks."""
    yield from _baseline(protocol)
    yield from _contrasts(protocol)
    yield from _repeated_contrasts(protocol)
    yield from _sizes(protocol)
    yield from _random_effects(protocol)
    yield from _looks(protocol)
    yield from _exclusions(protocol)
    yield from _cut_offs(protocol)
    yield from _advice(protocol)


def _baseline(protocol: Protocol) -> Iterator[Problem]:
    plan = protocol.analysis
    where = ("analysis", "baseline")
    if plan.compare != "baseline":
        if plan.baseline is not None:
            yield Problem(
                where,
                "the baseline is not used.",
                "Write `compare: baseline`, or remove it.",
                code="idle-baseline",
            )
    elif plan.baseline is None:
        do = f"Name the {plan.factor} that others are compared with."
        yield Problem(where, "no baseline is named.", do, code="no-baseline")
    elif plan.baseline not in protocol.compared():
        yield Problem(where, *_unknown(plan.baseline, protocol), code="unknown-baseline")


def _unknown(name: str, protocol: Protocol) -> tuple[str, str]:
    """What is wrong with a name in a contrast, and what to do."""
    factor = protocol.analysis.factor
    met = "" if factor == "arm" else " that anybody meets in the assessment"
    known = ", ".join(protocol.compared())
    return f"there is no {factor} {name!r}{met}.", f"Use one of {known}."


def _contrasts(protocol: Protocol) -> Iterator[Problem]:
    plan = protocol.analysis
    levels = protocol.compared()
    if not plan.contrasts and (plan.compare != "baseline" or plan.baseline in levels):
        yield Problem(
            ("analysis", "contrasts"),
            "no contrast is planned, so that nothing would be tested.",
            "List contrasts such as {arm: heatmap, against: none}, or write `compare: pairwise`.",
            code="no-contrast",
        )
    for index, contrast in enumerate(plan.contrasts):
        for field, arm in (("arm", contrast.arm), ("against", contrast.against)):
            # A baseline that is no arm is told once, at the baseline.
            if arm not in levels and not (plan.compare == "baseline" and arm == plan.baseline):
                where = ("analysis", "contrasts", index, field)
                yield Problem(where, *_unknown(arm, protocol), code="unknown-in-contrast")
        if contrast.arm == contrast.against:
            yield Problem(
                ("analysis", "contrasts", index),
                "an arm is compared with itself."
                if plan.factor == "arm"
                else "a condition is compared with itself.",
                f"Name two different {plan.factor}s.",
                code="contrast-with-itself",
            )
    listed = {frozenset((own.arm, own.against)) for own in plan.contrasts}
    expected = {frozenset(pair) for pair in expected_contrasts(plan.compare, plan.baseline, levels)}
    if expected and listed != expected:
        yield Problem(
            ("analysis", "contrasts"),
            f"the contrasts listed are others than `compare: {plan.compare}` stands for.",
            "Remove the list, or write `compare: listed`.",
            code="contrasts-contradict-compare",
        )


def _repeated_contrasts(protocol: Protocol) -> Iterator[Problem]:
    first: dict[frozenset[str], int] = {}
    for index, contrast in enumerate(protocol.analysis.contrasts):
        pair = frozenset((contrast.arm, contrast.against))
        if pair in first and len(pair) == 2:
            yield Problem(
                ("analysis", "contrasts", index),
                f"{contrast.arm} and {contrast.against} are compared already in contrast "
                f"{first[pair] + 1}: the correction would count one test twice.",
                "Remove one of the two.",
                code="contrast-repeated",
            )
        first.setdefault(pair, index)


def _sizes(protocol: Protocol) -> Iterator[Problem]:
    pictures = _assessed_pictures(protocol)
    has_assessment = any(stage.phase == "assessment" for stage in protocol.trials_stages())
    if has_assessment and pictures < 2:
        yield Problem(
            ("analysis", "model"),
            "one picture in the assessment can't tell pictures from explanations.",
            "Assess at least 2 pictures; 16 or more make a study worth its participants.",
            code="one-picture",
        )
    elif has_assessment and pictures < _FEW_PICTURES:
        yield Problem(
            ("analysis", "model"),
            f"an assessment of {pictures} pictures says little about others: tests have as few "
            "degrees of freedom as there are pictures.",
            f"Assess at least {_FEW_PICTURES} pictures.",
            "warning",
            code="few-pictures",
        )
    share = sum(arm.weight for arm in protocol.arms.values())
    main = protocol.allocation.participants.get("main")
    compared = {arm for own in protocol.analysis.contrasts for arm in (own.arm, own.against)}
    if protocol.analysis.factor == "condition":
        compared = set(protocol.arms)
    for key in sorted(compared & protocol.arms.keys()):
        places = 2 if main is None else main * protocol.arms[key].weight // share
        if places < 2:
            yield Problem(
                ("allocation", "participants", "main"),
                f"arm {key} would have {places} of {main} participants; a test needs at least 2.",
                "Plan more participants.",
                code="few-places",
            )


def _random_effects(protocol: Protocol) -> Iterator[Problem]:
    plan = protocol.analysis
    if plan.model == "mixed_logit" and plan.random_effects == "intercepts":
        yield Problem(
            ("analysis", "random_effects"),
            "the same pictures are shown in several arms, and without their interaction with the "
            "condition the test finds effects that other pictures would not show.",
            "Write `random_effects: by_design`, unless pictures hardly repeat.",
            "warning",
            code="random-effects-too-few",
        )


def _looks(protocol: Protocol) -> Iterator[Problem]:
    looks = protocol.analysis.interim_looks
    if looks is None:
        return
    where = ("analysis", "interim_looks", "information_fractions")
    fractions = looks.information_fractions
    if any(later <= earlier for earlier, later in pairwise(fractions)):
        yield Problem(
            where,
            "the looks don't follow each other.",
            "Let the fractions rise.",
            code="looks-not-rising",
        )
    main = protocol.allocation.participants.get("main")
    least = 2 * len(protocol.arms)
    if main is not None and min(fractions) * main < least:
        yield Problem(
            where,
            f"the first look comes after {int(min(fractions) * main)} of {main} participants, "
            "when some arm has fewer than 2.",
            f"Look after {least} participants at the earliest.",
            code="look-too-early",
        )


def _exclusions(protocol: Protocol) -> Iterator[Problem]:
    wanted = protocol.analysis.exclusions.failed_catch_trials
    planned = sum(stage.catch_trials for stage in protocol.trials_stages())
    if wanted is not None and wanted > planned:
        yield Problem(
            ("analysis", "exclusions", "failed_catch_trials"),
            f"nobody can fail {wanted} attention checks: the study has {planned}.",
            "Add catch_trials to a stage of trials, or lower the number.",
            code="exclusion-never-applies",
        )


def _cut_offs(protocol: Protocol) -> Iterator[Problem]:
    times = protocol.analysis.reaction_times
    if times.longest_ms <= times.shortest_ms:
        yield Problem(
            ("analysis", "reaction_times", "longest_ms"),
            f"no reaction time lies between {times.shortest_ms} and {times.longest_ms} ms.",
            "Let longest_ms be the larger one.",
            code="cut-offs-crossed",
        )


def _advice(protocol: Protocol) -> Iterator[Problem]:
    """Outcomes of advice need a task that judges it, or advice in every arm compared."""
    plan = protocol.analysis
    asked = [own for own in plan.secondary if own not in ("confidence", "reaction_time")]
    if not asked or any(
        stage.phase == plan.phase and stage.task.kind == "agreement"
        for stage in protocol.trials_stages()
    ):
        return
    lacking = sorted(
        name
        for name in {own for contrast in plan.contrasts for own in (contrast.arm, contrast.against)}
        if not _is_advised(protocol, name)
    )
    if lacking:
        yield Problem(
            ("analysis", "secondary"),
            f"{asked[0]} is of taking advice, and {', '.join(lacking)} tells none in the "
            "assessment.",
            "Give its condition `advice`, ask for `agreement`, or leave the outcome out.",
            code="no-advice-to-take",
        )


def _is_advised(protocol: Protocol, compared: str) -> bool:
    """Whether an arm, or a condition where those are compared, is told the classifier's answer."""
    plan = protocol.analysis
    met = [compared]
    if plan.factor == "arm":
        arm = protocol.arms.get(compared)
        met = [] if arm is None else list(arm.conditions_in(plan.phase))
    shown = [protocol.conditions[key] for key in met if key in protocol.conditions]
    return any(own.advice != "none" for own in shown)


def _assessed_pictures(protocol: Protocol) -> int:
    return sum(
        picture_count(stage, protocol)
        for _, stage in numbered_trials(protocol)
        if stage.phase == "assessment"
    )
