"""A protocol's design in sentences, for the methods section and the preregistration.

The one tells what was done, the other what will be: sentences with a verb have a tense.
"""

from typing import Literal

from experiments.enumeration import enumeration
from experiments.payment import Payment, as_amount
from experiments.scales import SCALES
from experiments.schema import (
    Condition,
    Instructions,
    Listed,
    PerSpecies,
    Phase,
    Protocol,
    Questionnaire,
    Quiz,
    Trials,
)
from experiments.screening import Screening
from experiments.stimulus_checks import picture_count
from experiments.stopping import StopRule

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TASKS = {
    "classification": "which species is it",
    "forward_simulation": "what will the classifier answer",
    "counterfactual": "of which of two versions with parts hidden is the classifier surer",
    "agreement": "is the classifier’s answer right",
    "distinction": "which explanation belongs to the classifier’s answer",
}
_PHASES = {
    "practice": "practice",
    "pretest": "the test before learning",
    "training": "learning",
    "assessment": "assessment",
    "assisted": "the test with explanations at hand",
}
Tense = Literal["past", "present"]
# Of each verb the present; `_verb` finds the past.
_PAST = {
    "answer": "answered",
    "read": "read",
    "fails": "failed",
    "goes": "went",
    "fill in": "filled in",
    "says": "said",
    "is": "was",
    "have": "had",
    "practise": "practised",
    "are tested": "were tested",
    "learn": "learned",
}
_VERBS = {
    "practice": ("practise", "on"),
    "pretest": ("are tested", "beforehand on"),
    "training": ("learn", "on"),
    "assessment": ("are tested", "on"),
    "assisted": ("are tested", "with explanations at hand on"),
}


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun, such as ``three groups``."""
    plural = noun if number == 1 or noun.endswith("s") else f"{noun}s"
    return f"{number_word(number)} {plural}"


def number_word(number: int) -> str:
    """Return small numbers as words."""
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def arm_words(protocol: Protocol, name: str) -> str:
    """Say what an arm is shown, phase by phase."""
    arm = protocol.arms[name]
    told = []
    for phase, words in _PHASES.items():
        if phase not in {stage.phase for stage in protocol.trials_stages()}:
            continue
        met = [condition_words(protocol.conditions[key]) for key in arm.conditions_in(phase)]
        told.append((words, enumeration(met)))
    if len({own for _, own in told}) == 1:
        return told[0][1] + " throughout"
    same = [
        (enumeration([words for words, own in told if own == shown]), shown)
        for shown in dict.fromkeys(own for _, own in told)
    ]
    return ", ".join(f"{shown} in {words}" for words, shown in same)


def phase_words(phase: Phase) -> str:
    """Return a phase of a session as a sentence names it, with its article."""
    words = _PHASES[phase]
    return words if words.startswith("the ") else f"the {words}"


def condition_words(condition: Condition) -> str:
    """Say what a condition shows."""
    shown = "no explanation"
    if condition.is_placebo:
        shown = "a placebo (the explanation of another picture)"
    elif condition.display != "none":
        shown = f"the {condition.explanation} explanation"
    told = {"none": "", "species": "answer", "species_and_confidence": "answer and certainty"}
    advice = told[condition.advice]
    return f"{shown} and the classifier’s {advice}" if advice else shown


def meets_several(protocol: Protocol) -> bool:
    """Tell whether participants of some arm meet several conditions in a phase."""
    phases = {stage.phase for stage in protocol.trials_stages()}
    return any(
        len(arm.conditions_in(phase)) > 1 for arm in protocol.arms.values() for phase in phases
    )


def _verb(present: str, tense: Tense) -> str:
    return _PAST[present] if tense == "past" else present


def procedure_words(protocol: Protocol, tense: Tense) -> str:
    """Say what participants do, in order."""

    def verb(present: str) -> str:
        return _verb(present, tense)

    steps = []
    for stage in protocol.stages:
        match stage:
            case Screening():
                questions = count_of(len(stage.questions), "question")
                steps.append(f"{verb('answer')} {questions} about who may take part")
            case Instructions():
                steps.append(f"{verb('read')} {count_of(len(stage.pages), 'page')} of instructions")
            case Quiz():
                steps.append(
                    f"{verb('answer')} {count_of(len(stage.questions), 'question')} about them "
                    f"({count_of(stage.attempts, 'attempt')}; who {verb('fails')} {verb('goes')} "
                    "no further)"
                )
            case Trials():
                steps.append(_trials(stage, protocol, tense))
            case Questionnaire():
                scale = f" with {SCALES[stage.scale].title}" if stage.scale else ""
                items = count_of(len(stage.items), "item")
                steps.append(f"{verb('fill in')} a questionnaire of {items}{scale}")
    told = enumeration(steps, "and then", separator="; ")
    return (
        f"After consent, participants {told}. "
        f"A debriefing {verb('says')} what the study {verb('is')} about."
    )


def _trials(stage: Trials, protocol: Protocol, tense: Tense) -> str:
    drawn = ""
    if isinstance(stage.stimuli, PerSpecies):
        drawn = f", {number_word(stage.stimuli.per_species)} of each species"
    drawn += _chosen(stage.stimuli)
    present, what = _VERBS[stage.phase]
    more = [_TASKS[stage.task.kind]]
    if stage.task.asks_first:
        more.append("asked first without the explanation, then with it")
    more.append("with feedback" if stage.feedback else "without feedback")
    if stage.viewing_seconds:
        more.append(f"shown for {stage.viewing_seconds} s")
    if stage.catch_trials:
        more.append(f"with {count_of(stage.catch_trials, 'attention check')} among them")
    pictures = f"{picture_count(stage, protocol)} pictures{drawn} ({', '.join(more)})"
    return f"{_verb(present, tense)} {what} {pictures}"


def _chosen(stimuli: PerSpecies | Listed) -> str:
    """By what the classifier makes of them, pictures were chosen."""
    if not isinstance(stimuli, PerSpecies) or not stimuli.is_choosy:
        return ""
    told = []
    if stimuli.wrong_per_species is not None:
        wrong = number_word(stimuli.wrong_per_species) if stimuli.wrong_per_species else "none"
        told.append(f"{wrong} of which the classifier named wrongly")
    for words, own in (
        ("its answer", stimuli.predicted_probability),
        ("the true species", stimuli.true_probability),
    ):
        if not own.is_whole:
            told.append(f"where it gave {words} {own.at_least:g} to {own.at_most:g}")
    return f", {' and '.join(told)}"


def excluded_words(protocol: Protocol) -> str:
    """Name the pictures that are never drawn, each with why, as “ without …”."""
    if not protocol.exclude:
        return ""
    told = enumeration(f"{entry.key} ({entry.reason.rstrip('.')})" for entry in protocol.exclude)
    return f" without {told}"


def stopping_words(rule: StopRule | None, tense: Tense) -> str:
    """Say what ends recruiting before the last place is given; empty without a rule."""
    if rule is None:
        return ""
    ends = []
    if rule.completed is not None:
        people, have = count_of(rule.completed, "participant"), _verb("have", tense)
        ends.append(f"{people} {have} completed the study")
    if rule.last_day is not None:
        ends.append(f"{rule.last_day:%-d %B %Y} {_verb('is', tense)} over")
    return enumeration(ends, "or")


def payment_words(payment: Payment | None) -> str:
    """Say what a completed study is paid; empty without a rule."""
    if payment is None:
        return ""
    told = f"{as_amount(payment.cents)} {payment.currency} for {payment.minutes} minutes"
    if payment.bonus is None:
        return told
    own = payment.bonus
    most = "" if own.cents_at_most is None else f", at most {as_amount(own.cents_at_most)}"
    each = as_amount(own.cents_per_right_answer)
    return f"{told} and {each} for each right answer of the {own.phase}{most}"
