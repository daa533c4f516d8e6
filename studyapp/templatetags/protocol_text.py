"""Texts of the protocol are Markdown; HTML in them stays text."""

from collections.abc import Iterable

from django import template
from django.conf.locale import LANG_INFO
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from studyapp.selectors.speech import said as spoken_text

register = template.Library()
_MARKDOWN = MarkdownIt("commonmark", {"html": False})


@register.filter
def language_names(tags: Iterable[str]) -> str:
    """Languages as people call them; a tag that Django does not know stays a tag."""
    names = {tag: _(LANG_INFO[tag]["name"]) for tag in tags if tag in LANG_INFO}
    return ", ".join(names.get(tag, tag) for tag in tags)


@register.filter
def own_name(tag: str) -> str:
    """A language as its own speakers call it."""
    name: str = LANG_INFO[tag]["name_local"]
    return name[:1].upper() + name[1:]


@register.filter
def said(text: str) -> str:
    """A text of the protocol in the language of the page."""
    return spoken_text(text)


@register.filter
def markdown(text: str) -> SafeString:
    """Safe because the renderer escapes every tag of the source."""
    rendered: str = _MARKDOWN.render(spoken_text(text))
    return mark_safe(rendered)  # noqa: S308
