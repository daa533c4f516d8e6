"""How a report tells what it is doing."""

from collections.abc import Callable

Progress = Callable[[str], None]


def silent(words: str) -> None:
    """Tell nobody."""
