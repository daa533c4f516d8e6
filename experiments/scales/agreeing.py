"""Statements to agree or disagree with, on the five points of Hoffman et al. (2023)."""

from collections.abc import Sequence

from experiments.items import LikertItem

_LEVELS = (
    "I disagree strongly",
    "I disagree somewhat",
    "I'm neutral about it",
    "I agree somewhat",
    "I agree strongly",
)


def statements(scale: str, texts: Sequence[str]) -> tuple[LikertItem, ...]:
    """Return the items of a scale, numbered from 1."""
    return tuple(
        LikertItem(kind="likert", key=f"{scale}_{number}", text=text, levels=_LEVELS)
        for number, text in enumerate(texts, start=1)
    )
