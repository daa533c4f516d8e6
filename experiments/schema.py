"""The protocol: everything a study does, declared in one file before the first participant.

These types are the format's reference; `experiments/schemas/protocol.schema.json` is generated
from them. A protocol is read by `experiments.loading` and checked by `experiments.checks`.
"""

from collections.abc import Iterable
from itertools import combinations
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from experiments.declared import Declared as _Declared
from experiments.declared import Key, Slug, Text
from experiments.items import Item
from experiments.payment import Payment
from experiments.recruitment import LinkRecruitment, Recruitment, Requirements
from experiments.scales import SCALES, ScaleName
from experiments.screening import Screening
from experiments.stopping import StopRule
from experiments.tasks import Task
from experiments.tasks.classification import Classification
from experiments.translations import Language, Texts

Phase = Literal["practice", "pretest", "training", "assessment", "assisted"]
RecruitmentStage = Literal["pilot", "main"]
Interaction = Literal["opacity", "flip", "pick", "expand"]


class Condition(_Declared):
    """What a trial shows beside the picture."""

    display: Literal["none", "heatmap", "concepts", "sag"] = Field(
        description="how the explanation is shown: colours over the picture; one concept at a "
        "time; or a graph of the patches that suffice for the answer"
    )
    explanation: Key | None = Field(
        default=None, description="its name in the manifest; absent when nothing is shown"
    )
    is_placebo: bool = Field(
        default=False, description="shows an explanation that was computed for another picture"
    )
    layout: Literal["side_by_side", "overlay"] = Field(
        default="side_by_side",
        description="the explained picture beside the plain one, or in its place",
    )
    interactions: tuple[Interaction, ...] = Field(
        default=(),
        description="what a participant may do: fade the colours; switch what lies over the "
        "picture off and on; pick a concept or a node to see it large; expand a graph, which then "
        "begins with its roots. Without any the explanation is a still picture",
    )
    examples: int = Field(
        default=0,
        ge=0,
        le=6,
        description="of `display: concepts`: other pictures in which a concept is strong. They are "
        "of the train split, and none of them is ever asked",
    )
    advice: Literal["none", "species", "species_and_confidence"] = Field(
        default="none", description="tell what the classifier answers, and how sure it is"
    )

    @property
    def form(self) -> tuple[object, ...]:
        """What tells two conditions apart at a glance, whatever their explanations say."""
        return self.display, self.layout, self.interactions, self.examples, self.advice


# One condition, or a list of those that every participant of the arm meets.
Met = Annotated[
    Annotated[Key, Tag("one")] | Annotated[tuple[Key, ...], Field(min_length=1), Tag("several")],
    Discriminator(lambda met: "several" if isinstance(met, (list, tuple)) else "one"),
]


class Arm(_Declared):
    """The conditions that one group of participants meets in each phase.

    A list of conditions is met by each participant: every picture has one of them, by
    counterbalanced lists. Over the participants of the arm each picture has each condition equally
    often.
    """

    weight: int = Field(default=1, ge=1, le=20, description="share in the allocation ratio")
    practice: Met = Field(default="none", description="condition of practice trials, or a list")
    pretest: Met = Field(
        default="none",
        exclude_if=lambda met: met == "none",
        description="condition of the test before the training, or a list",
    )
    training: Met = Field(default="none", description="condition of training trials, or a list")
    assessment: Met = Field(default="none", description="condition of assessment trials, or a list")
    assisted: Met = Field(
        default="none",
        exclude_if=lambda met: met == "none",
        description="condition of a test with explanations at hand, or a list",
    )

    def conditions_in(self, phase: Phase) -> tuple[str, ...]:
        """Return the keys of the conditions that a participant of this arm meets in a phase."""
        met: str | tuple[str, ...] = getattr(self, phase)
        return (met,) if isinstance(met, str) else met


class Guide(_Declared):
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


class Consent(_Declared):
    """Asks for informed consent. Nothing is stored about a person before it is given."""

    kind: Literal["consent"]
    key: Key = "consent"
    title: Text = Field(description="heading of its pages")
    version: Text = Field(description="changes whenever the text does")
    text: Text = Field(description="Markdown")
    agreement: Text = Field(description="the sentence a participant ticks")


class Instructions(_Declared):
    """Pages to read."""

    kind: Literal["instructions"]
    key: Key = "instructions"
    title: Text = Field(description="heading of its pages")
    pages: tuple[Text, ...] = Field(min_length=1, description="Markdown, one entry a page")


class QuizQuestion(_Declared):
    """A multiple-choice question about the instructions."""

    key: Key
    text: Text = Field(description="the question")
    choices: tuple[Text, ...] = Field(min_length=2, description="the answers offered")
    answer: Text = Field(description="one of the choices, word for word")


class Quiz(_Declared):
    """Checks that the instructions were understood."""

    kind: Literal["quiz"]
    key: Key = "quiz"
    title: Text = Field(description="heading of its pages")
    attempts: int = Field(default=2, ge=1, le=10, description="Prolific demands at least two")
    questions: tuple[QuizQuestion, ...] = Field(
        min_length=1, description="all on one page, answered together"
    )
    failed_text: Text = Field(description="Markdown, read by who failed every attempt")


class Probabilities(_Declared):
    """A range of the network's probabilities, both ends included."""

    at_least: float = Field(default=0, ge=0, le=1, description="lower end")
    at_most: float = Field(default=1, ge=0, le=1, description="upper end")

    @property
    def is_whole(self) -> bool:
        """Whether it leaves nothing out."""
        return (self.at_least, self.at_most) == (0, 1)

    def holds(self, probability: float) -> bool:
        """Tell whether a probability lies in the range."""
        return self.at_least <= probability <= self.at_most


class PerSpecies(_Declared):
    """Draws the same number of pictures of every species, seeded by the protocol."""

    per_species: int = Field(ge=1, description="pictures of each species")
    split: Literal["train", "test", "any"] = Field(
        default="test", description="the network never learnt from pictures of the test split"
    )
    wrong_per_species: int | None = Field(
        default=None,
        ge=0,
        exclude_if=lambda wrong: wrong is None,
        description="so many of them the network names wrongly, all others rightly; absent, as "
        "they come",
    )
    predicted_probability: Probabilities = Field(
        default=Probabilities(),
        exclude_if=lambda wanted: wanted.is_whole,
        description="how sure the network is of its answer, right or wrong",
    )
    true_probability: Probabilities = Field(
        default=Probabilities(),
        exclude_if=lambda wanted: wanted.is_whole,
        description="what the network gives the true species; low where it finds the picture hard",
    )

    @property
    def is_choosy(self) -> bool:
        """Whether it takes some pictures of a split only."""
        ranges = (self.predicted_probability, self.true_probability)
        return self.wrong_per_species is not None or not all(own.is_whole for own in ranges)


class Listed(_Declared):
    """Names each picture."""

    keys: tuple[Key, ...] = Field(min_length=1, description="stimulus keys of the manifest")


class Confidence(_Declared):
    """A rating beside each choice."""

    question: Text = Field(default="How sure are you?", description="asked with the levels")
    levels: tuple[Text, ...] = Field(
        min_length=2, max_length=9, description="words for 1, 2, 3 … from unsure to sure"
    )


class Trials(_Declared):
    """Pictures with a task each, in an order drawn for each session."""

    kind: Literal["trials"]
    key: Key
    title: Text = Field(description="heading of its pages")
    phase: Phase = Field(
        description="arms name a condition for each; the assessment is what is analysed. A pretest "
        "comes before the training; `assisted` is a test with explanations at hand, beside an "
        "assessment without"
    )
    task: Task = Field(default=Classification(), description="what each trial asks")
    stimuli: PerSpecies | Listed = Field(description="its pictures, drawn or named")
    question: Text | None = Field(
        default=None, description="what is asked; absent, the task's own words"
    )
    feedback: bool = Field(default=False, description="tell what is right after each answer")
    confidence: Confidence | None = Field(
        default=None, description="how sure participants are, asked beside each choice"
    )
    catch_trials: int = Field(
        default=0, ge=0, le=20, description="attention checks that say which answer to give"
    )
    viewing_seconds: int | None = Field(
        default=None,
        ge=1,
        le=600,
        description="hide the pictures after so long, with a countdown; the answer may come later. "
        "Needs the player: without JavaScript pictures stay",
    )
    break_every: int | None = Field(default=None, ge=2, description="offer a break after N trials")
    max_same_species_in_a_row: int = Field(
        default=2, ge=1, description="so that the one before tells nothing of the next"
    )
    condition_order: Literal["mixed", "blocks"] = Field(
        default="mixed",
        exclude_if=lambda order: order == "mixed",
        description="where an arm meets several conditions: one after the other at random, or "
        "block by block in an order given by a Latin square",
    )


class Questionnaire(_Declared):
    """Questions about the participant or their experience of the study."""

    kind: Literal["questionnaire"]
    key: Key = "questionnaire"
    title: Text = Field(description="heading of its pages")
    text: str = Field(default="", description="Markdown, above the items")
    scale: ScaleName | None = Field(
        default=None, description="a published scale; its items come first, scored in the export"
    )
    items: tuple[Item, ...] = Field(min_length=1, description="may be left out beside a scale")

    @model_validator(mode="before")
    @classmethod
    def _with_items_of_the_scale(cls, declared: Any) -> Any:
        """Write the scale's items out, so that a frozen protocol holds what participants read."""
        if not isinstance(declared, dict) or declared.get("scale") not in SCALES:
            return declared
        own = declared.get("items", ())
        if not isinstance(own, (list, tuple)):
            return declared
        known = {item.get("key") for item in own if isinstance(item, dict)}
        ready = [item for item in SCALES[declared["scale"]].items if item.key not in known]
        return {**declared, "items": [*(item.model_dump() for item in ready), *own]}


class Debrief(_Declared):
    """Says what the study was about and gives the completion code."""

    kind: Literal["debrief"]
    key: Key = "debrief"
    title: Text = Field(description="heading of its pages")
    text: Text = Field(description="Markdown")
    completion_code: Text | None = Field(
        default=None, description="told once the server has every answer; Prolific: its own code"
    )


Stage = Annotated[
    Consent | Screening | Instructions | Quiz | Trials | Questionnaire | Debrief,
    Field(discriminator="kind"),
]


class Allocation(_Declared):
    """How participants are given to arms: permuted blocks of random size."""

    method: Literal["permuted_blocks"] = "permuted_blocks"
    block_sizes: tuple[int, ...] = Field(
        min_length=1, description="drawn at random, so that the next arm can't be guessed"
    )
    participants: dict[RecruitmentStage, Annotated[int, Field(ge=1, le=100_000)]] = Field(
        description="places in each recruitment stage; pilot data never mix with main data"
    )


class Contrast(_Declared):
    """One arm compared with another; of `factor: condition`, one condition with another."""

    arm: Key
    against: Key


class Exclusions(_Declared):
    """Who is left out of the analysis; blind to how well they did."""

    incomplete: bool = Field(default=True, description="sessions that were not completed")
    failed_catch_trials: int | None = Field(
        default=None, ge=1, description="sessions that failed at least this many"
    )


class ReactionTimes(_Declared):
    """Which answers count in the analysis of reaction times: right ones, neither rash nor idle."""

    shortest_ms: int = Field(default=200, ge=0, description="faster answers are left out")
    longest_ms: int = Field(default=60_000, ge=1, description="slower answers are left out")


class InterimLooks(_Declared):
    """Looks at the data before all participants are in, and what each may spend of alpha."""

    information_fractions: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = Field(
        min_length=1,
        max_length=20,
        description="shares of the planned participants, rising; the last look, at 1, is implied",
    )
    spending: Literal["obrien_fleming", "pocock"] = Field(
        default="obrien_fleming", description="spending function of Lan & DeMets (1983)"
    )


SecondaryOutcome = Literal[
    "confidence",
    "reaction_time",
    "sensitivity",
    "criterion",
    "over_reliance",
    "under_reliance",
]


class AnalysisPlan(_Declared):
    """The confirmatory analysis, frozen with the protocol."""

    outcome: Literal["correct"] = Field(default="correct", description="whether an answer is right")
    phase: Literal["assessment", "assisted"] = Field(
        default="assessment", description="whose answers are compared"
    )
    model: Literal["mixed_logit", "two_way_cluster"] = Field(
        default="mixed_logit",
        description="of the confirmatory test: logistic mixed model, or cluster-robust logit",
    )
    random_effects: Literal["by_design", "intercepts"] = Field(
        default="by_design",
        description="of the mixed model: intercepts, and by design an interaction with the "
        "condition wherever people or pictures meet several",
    )
    factor: Literal["arm", "condition"] = Field(
        default="arm",
        exclude_if=lambda factor: factor == "arm",
        description="what contrasts compare: arms, or the conditions of the trials where each "
        "participant meets several",
    )
    compare: Literal["listed", "baseline", "pairwise"] = Field(
        default="listed",
        description="the contrasts listed, every arm against the baseline, or every pair of arms",
    )
    baseline: Key | None = Field(default=None, description="the arm others are compared with")
    contrasts: tuple[Contrast, ...] = Field(
        default=(), description="filled in by `compare` unless that says listed"
    )
    alpha: float = Field(
        default=0.05, gt=0, lt=0.5, description="of all planned contrasts together"
    )
    correction: Literal["holm", "none"] = Field(
        default="holm", description="of alpha for several contrasts; none holds each against alpha"
    )
    smallest_effect: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="smallest difference of accuracies that matters, 0 to 1; tests of equivalence "
        "ask whether an effect is smaller",
    )
    secondary: tuple[SecondaryOutcome, ...] = Field(
        default=("confidence", "reaction_time"),
        description="outcomes that are tested for each contrast beside the first one; the last "
        "four are of studies with advice or of `agreement`",
    )
    reaction_times: ReactionTimes = ReactionTimes()
    interim_looks: InterimLooks | None = None
    stop_rule: StopRule | None = Field(
        default=None,
        exclude_if=lambda rule: rule is None,
        description="what ends recruiting before the last place is given",
    )
    exclusions: Exclusions = Exclusions()


def expected_contrasts(
    compare: str | None, baseline: str | None, arms: Iterable[str]
) -> list[tuple[str, str]]:
    """Return the contrasts that `compare` stands for, each arm with the one it is held against."""
    if compare == "baseline" and baseline is not None:
        return [(arm, baseline) for arm in arms if arm != baseline]
    if compare == "pairwise":
        return [(second, first) for first, second in combinations(arms, 2)]
    return []


def _met_in_assessment(arms: dict[str, Any]) -> list[str]:
    """The conditions of arms as written, whose shape may still be wrong."""
    named = [arm.get("assessment", "none") for arm in arms.values() if isinstance(arm, dict)]
    met = [key for one in named for key in (one if isinstance(one, list) else [one])]
    return list(dict.fromkeys(key for key in met if isinstance(key, str)))


class Protocol(_Declared):
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
    seed: int = Field(ge=0, lt=2**63, description="of the allocation and the choice of pictures")
    stimulus_set: Slug = Field(description="the name given to `import_stimuli --name`")
    species: tuple[Key, ...] = Field(min_length=2, description="the answers, by manifest key")
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
    allocation: Allocation
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
