"""Checks of payment and stop rule: can what is promised be earned, and what is awaited come?"""

from collections.abc import Iterator

from experiments.findings import Problem
from experiments.schema import Protocol
from experiments.stimulus_checks import numbered_trials, picture_count


def payment_problems(protocol: Protocol) -> Iterator[Problem]:
    """Yield every problem of the payment and of the stop rule."""
    yield from _bonus(protocol)
    yield from _stop_rule(protocol)


def _bonus(protocol: Protocol) -> Iterator[Problem]:
    bonus = protocol.payment.bonus if protocol.payment else None
    if bonus is None:
        return
    answers = sum(
        picture_count(stage, protocol)
        for _, stage in numbered_trials(protocol)
        if stage.phase == bonus.phase
    )
    if not answers:
        yield Problem(
            ("payment", "bonus", "phase"),
            f"nobody can earn a bonus: the study has no trials of {bonus.phase}.",
            "Name a phase that has trials.",
            code="bonus-never-earned",
        )
    most = bonus.cents_per_right_answer * answers
    if answers and bonus.cents_at_most is not None and bonus.cents_at_most > most:
        yield Problem(
            ("payment", "bonus", "cents_at_most"),
            f"{answers} right answers earn {most}, so that {bonus.cents_at_most} is never reached.",
            f"Promise {most} or less, or remove it.",
            "warning",
            code="bonus-never-reached",
        )


def _stop_rule(protocol: Protocol) -> Iterator[Problem]:
    rule = protocol.analysis.stop_rule
    if rule is None:
        return
    where = ("analysis", "stop_rule")
    main = protocol.allocation.participants.get("main")
    if rule.completed is None and rule.last_day is None:
        yield Problem(
            where,
            "the rule names nothing that stops recruiting.",
            "Write `completed` or `last_day`, or leave it out: places run out in any case.",
            code="stop-rule-empty",
        )
    if main is None:
        yield Problem(
            where,
            "the rule is of the main stage, which has no places.",
            "Add allocation.participants.main, or remove the rule.",
            code="stop-rule-without-main",
        )
    elif rule.completed is not None and rule.completed > main:
        yield Problem(
            (*where, "completed"),
            f"{rule.completed} can't complete the study: it has {main} places.",
            "Plan more places, or wait for fewer.",
            code="stop-rule-beyond-places",
        )
