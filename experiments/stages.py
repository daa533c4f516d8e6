"""The stages that a participant goes through."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from experiments.conditions import Phase
from experiments.declared import Declared, Key, Text
from experiments.drawing import Listed, PerSpecies
from experiments.items import Item
from experiments.scales import SCALES, ScaleName
from experiments.screening import Screening
from experiments.tasks import Task
from experiments.tasks.classification import Classification


class Consent(Declared):
    """Asks for informed consent. Nothing is stored about a person before it is given."""

    kind: Literal["consent"]
    key: Key = "consent"
    title: Text = Field(description="heading of its pages")
    version: Text = Field(description="changes whenever the text does")
    text: Text = Field(description="Markdown")
    agreement: Text = Field(description="the sentence a participant ticks")


class Instructions(Declared):
    """Pages to read."""

    kind: Literal["instructions"]
    key: Key = "instructions"
    title: Text = Field(description="heading of its pages")
    pages: tuple[Text, ...] = Field(min_length=1, description="Markdown, one entry a page")


class QuizQuestion(Declared):
    """A multiple-choice question about the instructions."""

    key: Key
    text: Text = Field(description="the question")
    choices: tuple[Text, ...] = Field(min_length=2, description="the answers offered")
    answer: Text = Field(description="one of the choices, word for word")


class Quiz(Declared):
    """Checks that the instructions were understood."""

    kind: Literal["quiz"]
    key: Key = "quiz"
    title: Text = Field(description="heading of its pages")
    attempts: int = Field(default=2, ge=1, le=10, description="Prolific demands at least two")
    questions: tuple[QuizQuestion, ...] = Field(
        min_length=1, description="all on one page, answered together"
    )
    failed_text: Text = Field(description="Markdown, read by who failed every attempt")


class Confidence(Declared):
    """A rating beside each choice."""

    question: Text = Field(default="How sure are you?", description="asked with the levels")
    levels: tuple[Text, ...] = Field(
        min_length=2, max_length=9, description="words for 1, 2, 3 … from unsure to sure"
    )


class Trials(Declared):
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


class Questionnaire(Declared):
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


class Debrief(Declared):
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
