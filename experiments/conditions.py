"""Conditions and arms: what trials show beside the picture, and which group meets what."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from experiments.declared import Declared, Key

Phase = Literal["practice", "pretest", "training", "assessment", "assisted"]
Interaction = Literal["opacity", "flip", "pick", "expand"]


class Condition(Declared):
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


class Arm(Declared):
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
