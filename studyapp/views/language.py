"""Which language somebody who arrives reads, and how they get another one."""

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from experiments.schema import Protocol

_ASKED = "language"


def wanted_language(protocol: Protocol, request: HttpRequest) -> str:
    """The one of the link, else the first that the browser asks for, else the protocol's own."""
    spoken = (protocol.language, *protocol.translations)
    asked = request.GET.get(_ASKED, "")
    if asked in spoken or not protocol.translations:
        return asked if asked in spoken else protocol.language
    told = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    preferred = [tag.split("-")[0] for tag, quality in told if quality > 0]
    return next((tag for tag in preferred if tag in spoken), protocol.language)


def other_languages(protocol: Protocol, request: HttpRequest) -> list[tuple[str, str]]:
    """The other languages of a study, each with the address of this page in it.

    What a recruiter has put into the address stays there.
    """
    here = wanted_language(protocol, request)
    found: list[tuple[str, str]] = []
    for language in (protocol.language, *protocol.translations):
        query = request.GET.copy()
        query[_ASKED] = language
        if language != here:
            found.append((language, f"?{query.urlencode()}"))
    return found
