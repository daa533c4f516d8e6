"""The texts that scripts show: one catalogue, in the language of the page."""

import json

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def player_texts() -> str:
    """As JSON, for an attribute of the page; {names} are filled in by the player."""
    texts = {
        "moment": _("One moment …"),
        "loading": _("Loading pictures: {done} of {total}"),
        "sending": _("Sending your answers …"),
        "offline": _(
            "No connection at the moment. Your answers are kept here and sent as soon as it is "
            "back. Please keep this page open."
        ),
    }
    return json.dumps(texts, ensure_ascii=False)
