"""Reading YAML that anybody may have written: whatever is wrong with it is a `YAMLError`.

ruamel.yaml lets through what its parts raise, such as a ValueError for the 30th of February. Who
reads a text must be able to count on one kind of error, so that no text is lost over another.
"""

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode

_SHOWN = 30
_WIDTH = 100


class EndlessError(YAMLError):
    """A document nests or expands beyond measure. Says what, what to do, and the line if known."""

    def __init__(self, what: str, do: str, line: int | None = None) -> None:
        super().__init__(what)
        self.what, self.do, self.line = what, do, line


class _Constructor(RoundTripConstructor):
    """Knows the line of a value that can't be made."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        if not isinstance(node, ScalarNode):
            return super().construct_object(node, deep)
        try:
            made = super().construct_object(node, deep)
            # A number that has too many digits to be written could be told of in no finding.
            str(made)
        except (YAMLError, RecursionError):
            raise
        except Exception as error:
            shown = node.value if len(node.value) <= _SHOWN else f"{node.value[:_SHOWN]}…"
            what = f"“{shown}” is no {_kind(node)}"
            raise ConstructorError(None, None, what, node.start_mark) from error
        return made


def _kind(node: ScalarNode) -> str:
    """The tag's last word; what looks like a number or a day has one, too."""
    name = str(node.tag).rsplit(":", maxsplit=1)[-1]
    words = {
        "int": "number that can be read",
        "float": "number that can be read",
        "bool": "true or false",
        "timestamp": "day or time that there is",
    }
    return words.get(name, f"value of the kind {name}")


def round_trip() -> YAML:
    """Return a reader and writer that keeps comments, quotes and order."""
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    yaml.width = _WIDTH
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def read_yaml(text: str, *, keeps_quotes: bool = False) -> Any:
    """Return a text as ruamel.yaml's own kinds of mapping, list and scalar.

    Parameters
    ----------
    text
        YAML 1.2.
    keeps_quotes
        Whether strings remember how they were quoted, for writing them again.

    Raises
    ------
    YAMLError
        When the text is not YAML, or nests beyond measure (`EndlessError`).
    """
    yaml = round_trip()
    yaml.preserve_quotes = keeps_quotes
    try:
        return yaml.load(text)
    except YAMLError:
        raise
    except RecursionError as error:
        raise EndlessError("is nested too deeply.", "Write it with fewer levels.") from error
    except AttributeError as error:
        # So ruamel.yaml ends when it merges what it has not finished reading.
        raise EndlessError(
            "has a merge (<<: *name) inside the very mapping it names.", "Write the fields out."
        ) from error
    except Exception as error:
        raise YAMLError(f"{type(error).__name__} while it was read") from error
