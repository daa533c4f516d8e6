"""The language in which a page of a study speaks: Larus's own words, and the protocol's."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from django.utils import translation

from experiments.schema import Protocol
from experiments.translations import catalogue_of

_catalogue: ContextVar[Mapping[str, str]] = ContextVar("catalogue", default=MappingProxyType({}))


def spoken_language(protocol: Protocol, wanted: str) -> str:
    """The language that is wanted where the study speaks it, else the protocol's own."""
    return wanted if wanted in protocol.translations else protocol.language


@contextmanager
def speaking(protocol: Protocol, wanted: str) -> Iterator[str]:
    """Inside, pages are in that language; answers stay in the protocol's own."""
    language = spoken_language(protocol, wanted)
    spoken = catalogue_of(protocol, language) if language != protocol.language else {}
    token = _catalogue.set(spoken)
    try:
        with translation.override(language):
            yield language
    finally:
        _catalogue.reset(token)


def said(text: str) -> str:
    """A text of the protocol in the language of the page."""
    return _catalogue.get().get(text, text)


def said_species(key: str, name: str) -> str:
    """A name of the stimulus set in the language of the page."""
    return _catalogue.get().get(f"species.{key}", name)
