"""The methods section of a paper, written from the frozen protocol and from what was done.

Every sentence states something that the protocol, the manifest, the tables or the plan say. What
Larus can't know (ethics approval, where people were recruited, what they were paid unless the
protocol says so) is left to the authors, in brackets.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.flow import ParticipantFlow
from analysis.load import StudyData
from analysis.population import chance_of
from analysis.report.numbers import share
from analysis.report.references import REFERENCES, Citations
from experiments.manifest import ManifestExplanation
from experiments.scales import SCALES
from experiments.schema import (
    Condition,
    Instructions,
    Listed,
    PerSpecies,
    Protocol,
    Questionnaire,
    Quiz,
    Trials,
)
from experiments.screening import Screening

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
_VERBS = {
    "practice": "practised on",
    "pretest": "were tested beforehand on",
    "training": "learned on",
    "assessment": "were tested on",
    "assisted": "were tested with explanations at hand on",
}


@dataclass(frozen=True)
class MethodsText:
    """Paragraphs under headings, and the works they cite."""

    paragraphs: tuple[tuple[str, str], ...]
    references: tuple[str, ...]

    def markdown(self) -> str:
        """Return the text, ready to paste."""
        parts = [f"### {heading}\n\n{text}" for heading, text in self.paragraphs]
        listed = "\n\n".join(self.references)
        return "\n\n".join([*parts, f"### References\n\n{listed}"]) + "\n"


def study_paragraphs(
    study: StudyData,
    sessions: pd.DataFrame,
    flow: ParticipantFlow,
    citations: Citations,
) -> list[tuple[str, str]]:
    """Write what can be said of a study before its analysis.

    Parameters
    ----------
    sessions
        Of the recruitment stage, indexed by session.
    """
    return [
        ("Design", _design(study.protocol, citations)),
        ("Participants", _participants(study, sessions, flow, citations)),
        ("Materials", _materials(study, citations)),
        ("Procedure", _procedure(study.protocol)),
        ("Measures", _measures(study.protocol)),
    ]


def _design(protocol: Protocol, citations: Citations) -> str:
    arms = protocol.arms
    ratio = ":".join(str(arm.weight) for arm in arms.values())
    shown = "; ".join(f"{name}, {_shown(protocol, name)}" for name in arms)
    sizes = _listed([str(size) for size in protocol.allocation.block_sizes], "or")
    if len(arms) == 1:
        return f"All participants were one group ({shown}). {_lists(protocol, citations)}".strip()
    return (
        f"The study compared {_count(len(arms), 'group')} of participants ({shown}). "
        f"Consent allocated each participant to a group in the ratio {ratio} by permuted blocks "
        f"of {sizes} in random order{citations.cite('blocks')}, from a sequence that was drawn "
        f"with seed {protocol.seed} and stored when the protocol was frozen, before anybody took "
        f"part. {_lists(protocol, citations)}"
    ).strip()


def _lists(protocol: Protocol, citations: Citations) -> str:
    """How pictures and conditions were crossed, where participants met several conditions."""
    phases = {stage.phase for stage in protocol.trials_stages()}
    crossed = any(
        len(arm.conditions_in(phase)) > 1 for arm in protocol.arms.values() for phase in phases
    )
    if not crossed:
        return ""
    blocks = any(stage.condition_order == "blocks" for stage in protocol.trials_stages())
    order = (
        " Conditions came in blocks, in orders balanced for what follows what"
        f"{citations.cite('carry_over')}."
        if blocks
        else ""
    )
    return (
        "Pictures were given to conditions by counterbalanced lists: each participant met each "
        f"picture once, and over participants each picture came under each condition.{order}"
    )


def _shown(protocol: Protocol, name: str) -> str:
    arm = protocol.arms[name]
    told = []
    for phase, words in _PHASES.items():
        if phase not in {stage.phase for stage in protocol.trials_stages()}:
            continue
        met = [_condition(protocol.conditions[key]) for key in arm.conditions_in(phase)]
        told.append((words, _listed(met)))
    if len({own for _, own in told}) == 1:
        return told[0][1] + " throughout"
    same = [
        (_listed([words for words, own in told if own == shown]), shown)
        for shown in dict.fromkeys(own for _, own in told)
    ]
    return ", ".join(f"{shown} in {words}" for words, shown in same)


def _condition(condition: Condition) -> str:
    shown = "no explanation"
    if condition.is_placebo:
        shown = "a placebo (the explanation of another picture)"
    elif condition.display != "none":
        shown = f"the {condition.explanation} explanation"
    told = {"none": "", "species": "answer", "species_and_confidence": "answer and certainty"}
    advice = told[condition.advice]
    return f"{shown} and the classifier’s {advice}" if advice else shown


def _participants(
    study: StudyData, sessions: pd.DataFrame, flow: ParticipantFlow, citations: Citations
) -> str:
    parts = [
        f"{_when(sessions)}{flow.allocated} people consented and were allocated "
        f"({_by_arm(flow, 'allocated')}). ",
        f"Of them {sum(arm.completed for arm in flow.arms)} completed the study and "
        f"{flow.analysed} are analysed ({_by_arm(flow, 'analysed')}). ",
        f"The flow diagram follows CONSORT 2025{citations.cite('consort')}. ",
        *_stopping(study.protocol),
        _payment(study.protocol),
    ]
    return "".join(parts)


def _stopping(protocol: Protocol) -> list[str]:
    rule = protocol.analysis.stop_rule
    if rule is None:
        return []
    ends = []
    if rule.completed is not None:
        ends.append(f"{_count(rule.completed, 'participant')} had completed the study")
    if rule.last_day is not None:
        ends.append(f"{rule.last_day:%-d %B %Y} was over")
    return [f"By the frozen plan recruiting ended when {_listed(ends, 'or')}. "]


def _payment(protocol: Protocol) -> str:
    payment = protocol.payment
    if payment is None:
        return "[Where participants were recruited, what they were paid, who approved the study.]"
    told = (
        f"They were paid {_money(payment.cents)} {payment.currency} for {payment.minutes} minutes"
    )
    if payment.bonus is not None:
        own = payment.bonus
        most = "" if own.cents_at_most is None else f", at most {_money(own.cents_at_most)}"
        told += (
            f" and {_money(own.cents_per_right_answer)} for each right answer of the {own.phase}"
        )
        told += most
    return f"{told}. [Where participants were recruited, who approved the study.]"


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _when(sessions: pd.DataFrame) -> str:
    if sessions.empty:
        return ""
    days = [f"{moment:%-d %B %Y}" for moment in sessions["started_at"].agg(["min", "max"])]
    return f"On {days[0]}, " if days[0] == days[1] else f"Between {days[0]} and {days[1]}, "


def _by_arm(flow: ParticipantFlow, count: str) -> str:
    return ", ".join(f"{arm.arm}: {getattr(arm, count)}" for arm in flow.arms)


def _materials(study: StudyData, citations: Citations) -> str:
    protocol, manifest = study.protocol, study.manifest
    network, images = manifest.network, manifest.image_set
    used = study.tables["trials"]
    pictures = used[used["phase"] == protocol.analysis.phase]["stimulus"].dropna().unique()
    own = [stimulus for key in pictures if (stimulus := manifest.stimulus(key)) is not None]
    right = sum(stimulus.true_species == stimulus.predicted_species for stimulus in own)
    accuracy = (
        "" if network.accuracy is None else f", accuracy {share(network.accuracy)} % held out"
    )
    names = _listed(list(study.species_names.values()))
    text = (
        f"Each picture showed one of {_count(len(protocol.species), 'species')} ({names}). The "
        f"pictures came from the image set “{images.kind}” ({images.pictures} pictures, licence "
        f"{images.licence}, digest {images.digest[:12]}). The classifier’s architecture was "
        f"{network.architecture} (digest {network.digest[:12]}{accuracy}). "
    )
    if own:
        text += (
            f"It named {right} of the {len(own)} pictures of the assessment rightly "
            f"({share(right / len(own))} %). "
        )
    for name in _explanations(protocol):
        made = [own.explanations[name] for own in manifest.stimuli if name in own.explanations]
        if made:
            text += _explanation(name, made, citations)
    return text.strip()


def _explanations(protocol: Protocol) -> list[str]:
    met = {
        key
        for arm in protocol.arms.values()
        for stage in protocol.trials_stages()
        for key in arm.conditions_in(stage.phase)
    }
    names = [protocol.conditions[key].explanation for key in sorted(met)]
    return [name for name in dict.fromkeys(names) if name is not None]


def _explanation(name: str, made: Sequence[ManifestExplanation], citations: Citations) -> str:
    one = made[0]
    base = next((key for key in (one.method, one.method.split("_")[0]) if key in REFERENCES), None)
    cited = citations.cite(base) if base else ""
    settings = ", ".join(f"{key} {value}" for key, value in sorted(one.parameters.items()))
    alike = all(own.parameters == one.parameters and own.version == one.version for own in made)
    how = f"version {one.version}, seed {one.seed}" + (f"; {settings}" if settings else "")
    if not alike:
        how += "; settings differ between pictures and are in the manifest"
    source = ", each computed for another picture" if one.source else ""
    return f"Explanations “{name}” were made by {one.method}{cited} ({how}){source}. "


def _procedure(protocol: Protocol) -> str:
    told = ["After consent, participants"]
    steps = []
    for stage in protocol.stages:
        if isinstance(stage, Screening):
            steps.append(
                f"answered {_count(len(stage.questions), 'question')} that decided who may take "
                "part"
            )
        elif isinstance(stage, Instructions):
            steps.append(f"read {_count(len(stage.pages), 'page')} of instructions")
        elif isinstance(stage, Quiz):
            steps.append(
                f"answered {_count(len(stage.questions), 'question')} about them "
                f"({_count(stage.attempts, 'attempt')}; who failed went no further)"
            )
        elif isinstance(stage, Trials):
            steps.append(_trials(stage, protocol))
        elif isinstance(stage, Questionnaire):
            scale = f" with {SCALES[stage.scale].title}" if stage.scale else ""
            items = _count(len(stage.items), "item")
            steps.append(f"filled in a questionnaire of {items}{scale}")
    told.append(_listed(steps, "and then", separator="; "))
    return " ".join(told) + ". A debriefing said what the study was about."


def _trials(stage: Trials, protocol: Protocol) -> str:
    if isinstance(stage.stimuli, PerSpecies):
        count = stage.stimuli.per_species * len(protocol.species)
        drawn = f", {_number(stage.stimuli.per_species)} of each species"
    else:
        count, drawn = len(stage.stimuli.keys), ""
    drawn += _chosen(stage.stimuli)
    verb = _VERBS[stage.phase]
    more = [_TASKS[stage.task.kind]]
    if stage.task.asks_first:
        more.append("asked before and after the explanation was shown")
    more.append("with feedback" if stage.feedback else "without feedback")
    if stage.viewing_seconds:
        more.append(f"shown for {stage.viewing_seconds} s")
    if stage.catch_trials:
        more.append(f"with {_count(stage.catch_trials, 'attention check')} among them")
    return f"{verb} {count} pictures{drawn} ({', '.join(more)})"


def _chosen(stimuli: PerSpecies | Listed) -> str:
    """By what the classifier makes of them, pictures were chosen."""
    if not isinstance(stimuli, PerSpecies) or not stimuli.is_choosy:
        return ""
    told = []
    if stimuli.wrong_per_species is not None:
        told.append(f"{_number(stimuli.wrong_per_species)} of which the classifier named wrongly")
    for words, own in (
        ("its answer", stimuli.predicted_probability),
        ("the true species", stimuli.true_probability),
    ):
        if not own.is_whole:
            told.append(f"where it gave {words} {own.at_least:g} to {own.at_most:g}")
    return f", {' and '.join(told)}"


def _measures(protocol: Protocol) -> str:
    plan = protocol.analysis
    stages = [stage for stage in protocol.trials_stages() if stage.phase == plan.phase]
    chance = chance_of(protocol)
    guessing = "" if chance is None else f"; guessing is right in one of {round(1 / chance)} trials"
    text = (
        f"The outcome is whether an answer of the {plan.phase} was right{guessing}. Reaction times "
        "run from the picture's paint to the last choice, by the browser's clock. "
    )
    rated = next((stage.confidence for stage in stages if stage.confidence), None)
    if rated:
        text += (
            f"Confidence was rated on {_count(len(rated.levels), 'level')}, from "
            f"“{rated.levels[0]}” to “{rated.levels[-1]}”. "
        )
    return text.strip()


def _count(number: int, noun: str) -> str:
    plural = noun if number == 1 or noun.endswith("s") else f"{noun}s"
    return f"{_number(number)} {plural}"


def _number(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def _listed(parts: Iterable[str], last: str = "and", separator: str = ", ") -> str:
    *most, end = list(parts) or [""]
    return f"{separator.join(most)} {last} {end}" if most else end
