"""What people call x-features: `names.json` beside a fitted species.

Participants read the names, so none may tell which species is shown.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from explainers.errors import ExplainersError

NAMES_NAME = "names.json"
# Of a species' key these words say what a bird looks like, and not which species it is.
_PLAIN = frozenset(
    ("and", "black", "white", "grey", "gray", "brown", "red", "orange", "yellow", "green", "blue")
)
# "ring_billed" is one part: "ring" and "bill" alone tell nothing.
_PART = re.compile(r"[^_]+_[^_]+ed(?=_|$)|[^_]+")


def read_names(folder: Path, count: int) -> tuple[str | None, ...]:
    """Read the names of a species' x-features; None where there is none.

    Parameters
    ----------
    folder
        Of the species.
    count
        How many x-features it has.

    Raises
    ------
    ExplainersError
        When the file is damaged, or a name is blank.
    """
    path = folder / NAMES_NAME
    keys = [f"x{number}" for number in range(1, count + 1)]
    try:
        names = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return (None,) * count
    except ValueError as error:
        raise ExplainersError(f"{path} is not JSON: {error}. Mend or remove the file.") from error
    wrong = [key for key in names if key not in keys] if isinstance(names, dict) else [path.name]
    if wrong or not all(value is None or isinstance(value, str) for value in names.values()):
        raise ExplainersError(
            f'{path} gives names to x-features, such as {{"x1": "yellow bill"}}; there are '
            f"{', '.join(keys)}, and null means no name. Mend or remove the file."
        )
    blank = [key for key, name in names.items() if name is not None and not name.strip()]
    if blank:
        raise ExplainersError(
            f"{path}: the name of {', '.join(blank)} is blank. Write one, or null for no name."
        )
    return tuple(names.get(key) for key in keys)


def refuse_telling_names(path: Path, names: Sequence[str | None], species: Iterable[str]) -> None:
    """Refuse names that hold a species' name, or the part of one that is not a colour.

    Parameters
    ----------
    path
        The file that they stand in.
    names
        Of x-features.
    species
        Keys of all that the network knows.

    Raises
    ------
    ExplainersError
        Naming the first such name.
    """
    keys = set(species)
    told = {key.lower() for key in keys}
    told |= {part for key in keys for part in _PART.findall(key.lower()) if part not in _PLAIN}
    spoken = sorted((" ".join(_words(part)) for part in told), key=lambda part: (-len(part), part))
    for number, name in enumerate(names, start=1):
        words = f" {' '.join(_words(name or ''))} "
        held = next((part for part in spoken if re.search(f" {re.escape(part)}s? ", words)), None)
        if held:
            raise ExplainersError(
                f'{path}: "{name}", the name of x{number}, holds "{held}", which tells of a '
                "species, and participants read it. Say what is seen, such as "
                '"yellow bill", or write null for no name.'
            )


def named_species(folder: Path) -> list[str]:
    """Return the species of an XNN folder whose x-features were given names."""
    paths = sorted(folder.glob(f"*/{NAMES_NAME}"))
    return [path.parent.name for path in paths if is_named(path.parent)]


def is_named(folder: Path) -> bool:
    """Return whether a species' x-features were given names, or something else in their place."""
    try:
        names = json.loads((folder / NAMES_NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except ValueError:
        return True  # somebody wrote in it
    return any(names.values()) if isinstance(names, dict) else True


def _words(text: str) -> list[str]:
    """Return the words of a text in small letters, a possessive's ending left out."""
    return re.findall(r"[^\W_]+", re.sub(r"['’]s\b", "", text.lower()))
