"""The protocol: everything a study does, declared in one file before the first participant.

These types are the format's reference; `experiments/schemas/protocol.schema.json` is generated
from them. A protocol is read by `experiments.loading` and checked by `experiments.checks`. Its
parts have modules of their own, and are imported from here.
"""

from typing import Any, Literal

from pydantic import Field, model_validator

from experiments.allocation import Allocation
from experiments.analysis_plan import (
    AnalysisPlan,
    Contrast,
    Exclusions,
    InterimLooks,
    ReactionTimes,
    expected_contrasts,
)
from experiments.conditions import Arm, Condition, Interaction, Phase
from experiments.declared import Declared, Key, RecruitmentStage, Slug, Text
from experiments.drawing import Excluded, Listed, PerSpecies, Probabilities
from experiments.payment import Payment
from experiments.recruitment import LinkRecruitment, Recruitment, Requirements
from experiments.stages import (
    Confidence,
    Consent,
    Debrief,
    Instructions,
    Questionnaire,
    Quiz,
    Stage,
    Trials,
)
from experiments.translations import Language, Texts

__all__ = [
    "AnalysisPlan",
    "Arm",
    "Condition",
    "Confidence",
    "Consent",
    "Contrast",
    "Debrief",
    "Excluded",
    "Exclusions",
    "Guide",
    "Instructions",
    "Interaction",
    "InterimLooks",
    "Listed",
    "PerSpecies",
    "Phase",
    "Probabilities",
    "Protocol",
    "Questionnaire",
    "Quiz",
    "ReactionTimes",
    "RecruitmentStage",
    "Stage",
    "Trials",
    "expected_contrasts",
]


class Guide(Declared):
    """Pictures and field marks of every species, to be opened beside a trial."""

    pictures_per_species: int = Field(
        default=2, ge=0, le=6, description="of the train split; none of them is ever asked"
    )
    marks: dict[Key, tuple[Text, ...]] = Field(
        default={}, description="by species, what to look for; each a few words"
    )
    phases: tuple[Phase, ...] = Field(
        default=("practice", "training", "assessment"),
        min_length=1,
        description="whose trials it stands beside",
    )


def _met_in_assessment(arms: dict[str, Any]) -> list[str]:
    """The conditions of arms as written, whose shape may still be wrong."""
    named = [arm.get("assessment", "none") for arm in arms.values() if isinstance(arm, dict)]
    met = [key for one in named for key in (one if isinstance(one, list) else [one])]
    return list(dict.fromkeys(key for key in met if isinstance(key, str)))


class Protocol(Declared):
    """A study as declared."""

    schema_version: Literal["1"] = Field(default="1", description="of this language")
    slug: Slug = Field(description="names the study in links and commands")
    title: Text = Field(description="of the study, as participants read it")
    researcher: Text = Field(description="who is responsible, as participants read it")
    contact: Text = Field(description="how to reach them")
    language: Language = Field(
        default="en", description="of what Larus itself says to participants"
    )
    translations: dict[Language, Texts] = Field(
        default={},
        exclude_if=lambda translations: not translations,
        description="other languages that participants may choose: by language, by path "
        "(`stages.quiz.questions.task.choices`, `species.herring_gull`), the text",
    )
    seed: int = Field(ge=0, lt=2**63, description="of the choice and the order of pictures")
    stimulus_set: Slug = Field(description="the name given to `import_stimuli --name`")
    species: tuple[Key, ...] = Field(min_length=2, description="the answers, by manifest key")
    exclude: tuple[Excluded, ...] = Field(
        default=(),
        exclude_if=lambda excluded: not excluded,
        description="pictures of the set that are never drawn: for a stage, the guide, or as "
        "examples",
    )
    resume_within_days: int = Field(
        default=14, ge=1, le=365, description="a session takes answers so long after its consent"
    )
    recruitment: Recruitment = Field(
        default=LinkRecruitment(), description="who sends participants"
    )
    requirements: Requirements = Requirements()
    payment: Payment | None = Field(
        default=None,
        exclude_if=lambda payment: payment is None,
        description="what participants are paid; Larus tells the amounts and moves no money",
    )
    guide: Guide | None = Field(default=None, description="a reference guide to the species")
    conditions: dict[Key, Condition] = Field(
        min_length=1, description="what trials show; arms name them"
    )
    arms: dict[Key, Arm] = Field(
        min_length=1, description="the groups that participants are allocated to"
    )
    allocation: Allocation = Field(description="who gets which arm, and how many places there are")
    stages: tuple[Stage, ...] = Field(
        min_length=1, description="what a participant goes through, consent first, debrief last"
    )
    analysis: AnalysisPlan

    @model_validator(mode="before")
    @classmethod
    def _with_contrasts(cls, value: Any) -> Any:
        """Write out the contrasts a plan only names, so that a frozen plan lists them all."""
        if not isinstance(value, dict):
            return value
        plan, arms = value.get("analysis"), value.get("arms")
        if not isinstance(plan, dict) or not isinstance(arms, dict) or plan.get("contrasts"):
            return value
        levels = arms if plan.get("factor") != "condition" else _met_in_assessment(arms)
        pairs = expected_contrasts(plan.get("compare"), plan.get("baseline"), levels)
        contrasts = [{"arm": arm, "against": against} for arm, against in pairs]
        return {**value, "analysis": {**plan, "contrasts": contrasts}}

    def compared(self) -> tuple[str, ...]:
        """Return what contrasts may name: the arms, or the conditions met in the phase analysed."""
        if self.analysis.factor == "arm":
            return tuple(self.arms)
        phase = self.analysis.phase
        met = [key for arm in self.arms.values() for key in arm.conditions_in(phase)]
        return tuple(dict.fromkeys(met))

    def weights(self) -> dict[str, int]:
        """Return the share of each arm in the allocation ratio.

        In alphabetical order, for draws depend on the order, and a database may not keep the
        file's.
        """
        return {key: self.arms[key].weight for key in sorted(self.arms)}

    def excluded_keys(self) -> frozenset[str]:
        """Return the manifest keys of the pictures that are never drawn."""
        return frozenset(entry.key for entry in self.exclude)

    def trials_stages(self) -> tuple[Trials, ...]:
        """Return the stages that show pictures, in order."""
        return tuple(stage for stage in self.stages if isinstance(stage, Trials))

    def stage(self, key: str) -> Stage:
        """Return the stage of that key.

        Raises
        ------
        KeyError
            When no stage has it.
        """
        for stage in self.stages:
            if stage.key == key:
                return stage
        raise KeyError(key)
