"""A study in several languages: which texts there are, and what each is in another language.

Answers are stored in the protocol's own language, whatever was read, so that nothing after the page
knows of translations.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag

from experiments.declared import Text

if TYPE_CHECKING:
    from experiments.schema import Protocol

Language = Literal["en", "de"]
# One text, or as many as the list that it translates has.
Said = Annotated[
    Annotated[Text, Tag("one")] | Annotated[tuple[Text, ...], Field(min_length=1), Tag("several")],
    Discriminator(lambda said: "several" if isinstance(said, (list, tuple)) else "one"),
]
Texts = dict[str, Said]

_READ = frozenset(
    ("title", "text", "agreement", "pages", "failed_text", "question", "choices", "reason")
) | frozenset(("levels", "low", "high", "marks"))

# Holds choices word for word, as they are stored.
_UNREAD = frozenset(("translations", "allocation"))


def texts_of(protocol: "Protocol") -> Texts:
    """Return every text of a protocol that participants read, by its path.

    Entries of lists are named by their key, such as ``stages.quiz.questions.task.choices``. Words
    that Larus says itself where a protocol says nothing are left out: it speaks every language.
    """
    return dict(_texts(protocol, ()))


def catalogue_of(protocol: "Protocol", language: str) -> dict[str, str]:
    """Return what each text is in a language; empty for the protocol's own.

    Names of species, which only the stimulus set knows, are there by path (``species.KEY``).
    """
    own = texts_of(protocol)
    translated: Mapping[str, Said] = protocol.translations.get(language, {})  # type: ignore[call-overload]
    pairs: dict[str, str] = {}
    for path, said in translated.items():
        source = own.get(path, path)
        pairs.update(zip(_listed(source), _listed(said), strict=False))
    return pairs


def _listed(said: Said) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else said


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Said]]:
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            own = getattr(value, name)
            if name in _READ and own != field.default and own:
                yield from _read(own, (*path, name))
            elif name not in _READ | _UNREAD:
                yield from _texts(own, (*path, name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*path, str(key)))
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*path, str(getattr(inner, "key", number))))


def _read(said: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Said]]:
    if isinstance(said, Mapping):
        for key, inner in said.items():
            yield ".".join((*path, str(key))), inner
    elif isinstance(said, str) or all(isinstance(one, str) for one in said):
        yield ".".join(path), said
