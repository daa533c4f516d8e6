"""Texts of the protocol are Markdown; HTML in them stays text."""

from django import template
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

register = template.Library()
_MARKDOWN = MarkdownIt("commonmark", {"html": False})


@register.filter
def markdown(text: str) -> SafeString:
    """Safe because the renderer escapes every tag of the source."""
    rendered: str = _MARKDOWN.render(text)
    return mark_safe(rendered)  # noqa: S308
