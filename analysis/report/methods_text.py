"""The methods section of a paper, written from the frozen protocol and from what was done.

Every sentence states something that the protocol, the manifest, the tables or the plan say. What
Larus can't know (ethics approval, where people were recruited, what they were paid unless the
protocol says so) is left to the authors, in brackets.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.flow import ParticipantFlow
from analysis.load import StudyData
from analysis.population import chance_of
from analysis.report.allocation_text import allocation_text
from analysis.report.numbers import share
from analysis.report.references import REFERENCES, Citations
from experiments.enumeration import enumeration
from experiments.manifest import ManifestExplanation
from experiments.schema import Protocol
from experiments.wording import (
    arm_words,
    count_of,
    excluded_words,
    meets_several,
    payment_words,
    phase_words,
    procedure_words,
    stopping_words,
)

_DIGEST = re.compile(r"[0-9a-f]{64}")


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
        ("Design", _design(study, citations)),
        ("Participants", _participants(study, sessions, flow, citations)),
        ("Materials", _materials(study, citations)),
        ("Procedure", procedure_words(study.protocol, "past")),
        ("Measures", _measures(study.protocol)),
    ]


def _design(study: StudyData, citations: Citations) -> str:
    protocol = study.protocol
    arms = protocol.arms
    shown = "; ".join(f"{name}, {arm_words(protocol, name)}" for name in arms)
    if len(arms) == 1:
        return f"All participants were one group ({shown}). {_lists(protocol, citations)}".strip()
    return (
        f"The study compared {count_of(len(arms), 'group')} of participants ({shown}). "
        f"{allocation_text(study, citations)} {_lists(protocol, citations)}"
    ).strip()


def _lists(protocol: Protocol, citations: Citations) -> str:
    """How pictures and conditions were crossed, where participants met several conditions."""
    if not meets_several(protocol):
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


def _participants(
    study: StudyData, sessions: pd.DataFrame, flow: ParticipantFlow, citations: Citations
) -> str:
    parts = [
        f"{_when(sessions)}{flow.allocated} people consented and were allocated "
        f"({_by_arm(flow, 'allocated')}){_not_allocated(flow)}. ",
        f"Of them {sum(arm.completed for arm in flow.arms)} completed the study and "
        f"{flow.analysed} are analysed ({_by_arm(flow, 'analysed')}). ",
        f"The flow diagram follows CONSORT 2025{citations.cite('consort')}. ",
        *_stopping(study.protocol),
        _payment(study.protocol),
    ]
    return "".join(parts)


def _stopping(protocol: Protocol) -> list[str]:
    ends = stopping_words(protocol.analysis.stop_rule, "past")
    return [f"By the frozen plan recruiting ended when {ends}. "] if ends else []


def _payment(protocol: Protocol) -> str:
    paid = payment_words(protocol.payment)
    if not paid:
        return "[Where participants were recruited, what they were paid, who approved the study.]"
    return f"They were paid {paid}. [Where participants were recruited, who approved the study.]"


def _not_allocated(flow: ParticipantFlow) -> str:
    if not flow.not_allocated:
        return ""
    return f", and {flow.not_allocated} consented and ended before they were allocated"


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
    names = enumeration(list(study.species_names.values()))
    text = (
        f"Each picture showed one of {count_of(len(protocol.species), 'species')} ({names}). The "
        f"pictures came from the image set “{images.kind}” ({images.pictures} pictures, licence "
        f"{images.licence}, digest {images.digest[:12]}){excluded_words(protocol)}. The "
        f"classifier’s architecture was {network.architecture} "
        f"(digest {network.digest[:12]}{accuracy}). "
    )
    if own:
        text += (
            f"It named {right} of the {len(own)} pictures of "
            f"{phase_words(protocol.analysis.phase)} rightly "
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
    settings = ", ".join(
        f"{key} {value}" for key, value in sorted(one.parameters.items()) if _is_plain(value)
    )
    alike = all(own.parameters == one.parameters and own.version == one.version for own in made)
    how = f"version {one.version}, seed {one.seed}" + (f"; {settings}" if settings else "")
    if not alike:
        how += "; settings differ between pictures and are in the manifest"
    elif not all(map(_is_plain, one.parameters.values())):
        how += "; further settings are in the manifest"
    source = ", each computed for another picture" if one.source else ""
    return f"Explanations “{name}” were made by {one.method}{cited} ({how}){source}. "


def _is_plain(value: object) -> bool:
    """Return whether a sentence can hold it, unlike settings within settings and digests."""
    return not isinstance(value, dict) and _DIGEST.fullmatch(str(value)) is None


def _measures(protocol: Protocol) -> str:
    plan = protocol.analysis
    stages = [stage for stage in protocol.trials_stages() if stage.phase == plan.phase]
    chance = chance_of(protocol)
    guessing = "" if chance is None else f"; guessing is right in one of {round(1 / chance)} trials"
    text = (
        f"The outcome is whether an answer of {phase_words(plan.phase)} was right{guessing}. "
        "Reaction times run from the picture's paint to the last choice, by the browser's clock. "
    )
    rated = next((stage.confidence for stage in stages if stage.confidence), None)
    if rated:
        text += (
            f"Confidence was rated on {count_of(len(rated.levels), 'level')}, from "
            f"“{rated.levels[0]}” to “{rated.levels[-1]}”. "
        )
    return text.strip()
