"""Several things in a sentence."""

from collections.abc import Iterable


def enumeration(parts: Iterable[str], last: str = "and", separator: str = ", ") -> str:
    """Return parts as a sentence names them.

    Examples
    --------
    >>> enumeration(["a", "b", "c"])
    'a, b and c'
    """
    *most, end = list(parts) or [""]
    return f"{separator.join(most)} {last} {end}" if most else end
