"""Screening: who may take part, and the reason told to those who may not."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from experiments.declared import Declared, Key, Text


class ScreeningQuestion(Declared):
    """A question whose answer decides."""

    key: Key
    text: Text = Field(description="the question")
    choices: Annotated[tuple[Text, ...], Field(min_length=2)] = Field(
        description="the answers offered"
    )
    accepted: Annotated[tuple[Text, ...], Field(min_length=1)] = Field(
        description="the choices of those who may take part, word for word"
    )
    reason: Text = Field(description="a sentence for those who may not")


class Screening(Declared):
    """Asks who may take part. Every reason is told, on one page, and the verdict stays."""

    kind: Literal["screening"]
    key: Key = "screening"
    title: Text = Field(description="heading of its page")
    text: str = Field(default="", description="Markdown")
    questions: Annotated[tuple[ScreeningQuestion, ...], Field(min_length=1)] = Field(
        description="all on one page"
    )

    def reasons(self, answers: Mapping[str, str | None]) -> tuple[tuple[str, str], ...]:
        """Return key and reason of every question whose answer is not accepted."""
        return tuple(
            (question.key, question.reason)
            for question in self.questions
            if answers.get(question.key) not in question.accepted
        )
