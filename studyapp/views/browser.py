"""What a request tells of the browser that sent it, held against a protocol's requirements."""

import re
from typing import Literal

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from experiments.recruitment import Requirements

Unmet = Literal["width", "touch", "language"]
_TOUCH_DEVICE = re.compile(r"Mobi|Android|iPhone|iPad")


def unmet(requirements: Requirements, request: HttpRequest) -> tuple[Unmet, ...]:
    """What a browser lacks. What it does not tell is not held against it.

    Languages and the kind of device come with every request, the width with the consent form.
    """
    width = request.POST.get("width", "")
    too_narrow = width.isdecimal() and int(width) < (requirements.minimum_width_px or 0)
    found: list[tuple[Unmet, bool]] = [
        ("width", too_narrow),
        ("touch", not requirements.touch_allowed and is_touch_device(request)),
        ("language", _speaks_other_languages(requirements, request)),
    ]
    return tuple(name for name, is_unmet in found if is_unmet)


def is_touch_device(request: HttpRequest) -> bool:
    """A phone or a tablet, by its own account."""
    return (
        request.POST.get("touch") == "yes"
        or request.headers.get("Sec-CH-UA-Mobile") == "?1"
        or bool(_TOUCH_DEVICE.search(request.headers.get("User-Agent", "")))
    )


def _speaks_other_languages(requirements: Requirements, request: HttpRequest) -> bool:
    told = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    spoken = {tag.split("-")[0] for tag, quality in told if quality > 0}
    if not requirements.languages or not spoken or "*" in spoken:
        return False
    return spoken.isdisjoint(requirements.languages)
