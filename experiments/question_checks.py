"""Checks of quizzes, questionnaires and ratings: does every answer get a place of its own?"""

from collections.abc import Iterator

from experiments.findings import Location, Problem
from experiments.items import ChoiceItem, LikertItem, RatingItem
from experiments.scales import SCALES
from experiments.schema import Protocol, Questionnaire, Quiz, Trials

# The quiz page sends this field beside the answers.
_RESERVED = "attempt"


def question_problems(protocol: Protocol) -> Iterator[Problem]:
    """Yield every problem of a question that participants are asked."""
    for index, stage in enumerate(protocol.stages):
        where: Location = ("stages", index)
        if isinstance(stage, Quiz):
            yield from _quiz(stage, where)
        elif isinstance(stage, Questionnaire):
            yield from _questionnaire(stage, where)
        elif isinstance(stage, Trials) and stage.confidence:
            yield from repeated(stage.confidence.levels, (*where, "confidence", "levels"))


def _quiz(stage: Quiz, where: Location) -> Iterator[Problem]:
    if stage.attempts < 2:
        yield Problem(
            (*where, "attempts"),
            "a comprehension quiz with one attempt breaks Prolific's rules.",
            "Allow at least 2 attempts.",
            "warning",
            code="single-quiz-attempt",
        )
    keys = [question.key for question in stage.questions]
    yield from repeated_keys(keys, (*where, "questions"))
    for number, question in enumerate(stage.questions):
        here = (*where, "questions", number)
        if question.key == _RESERVED:
            yield Problem(
                (*here, "key"),
                f"the key {_RESERVED!r} is kept for the number of the attempt.",
                "Use another key.",
                code="reserved-key",
            )
        if question.answer not in question.choices:
            yield Problem(
                (*here, "answer"),
                f"{question.answer!r} is not among the choices.",
                "Copy one of the choices, word for word.",
                code="answer-not-a-choice",
            )
        yield from repeated(question.choices, (*here, "choices"))


def _questionnaire(stage: Questionnaire, where: Location) -> Iterator[Problem]:
    yield from repeated_keys([item.key for item in stage.items], (*where, "items"))
    for number, item in enumerate(stage.items):
        here = (*where, "items", number)
        if isinstance(item, ChoiceItem):
            yield from repeated(item.choices, (*here, "choices"))
        elif isinstance(item, LikertItem):
            yield from repeated(item.levels, (*here, "levels"))
        elif isinstance(item, RatingItem) and len(item.points) < 2:
            yield Problem(
                here,
                f"from {item.minimum} to {item.maximum} there is no second point to rate by.",
                "Set minimum, maximum and step so that there are several.",
                code="rating-without-points",
            )
    yield from _changed_items(stage, where)


def _changed_items(stage: Questionnaire, where: Location) -> Iterator[Problem]:
    """A scale whose items differ from the published ones can't be compared with anything."""
    ready = {item.key: item for item in SCALES[stage.scale].items} if stage.scale else {}
    for item in stage.items:
        if item.key in ready and item != ready[item.key]:
            yield Problem(
                (*where, "items"),
                f"the item {item.key!r} is not as the scale {stage.scale} words it.",
                "Give your own item another key, or leave it out.",
                code="scale-reworded",
            )


def repeated_keys(keys: list[str], where: Location) -> Iterator[Problem]:
    """Yield a problem for every key that an earlier question has."""
    for number, key in enumerate(keys):
        if key in keys[:number]:
            yield Problem(
                (*where, number, "key"),
                f"the key {key!r} is used already in this stage, so that one answer would be lost.",
                "Rename one of the two.",
                code="key-repeated",
            )


def repeated(texts: tuple[str, ...], where: Location) -> Iterator[Problem]:
    """Yield a problem for every text that is offered a second time."""
    for number, text in enumerate(texts):
        if text in texts[:number]:
            yield Problem(
                (*where, number),
                f"{text!r} is offered twice, and the two can't be told apart.",
                "Reword or remove one of them.",
                code="text-repeated",
            )
