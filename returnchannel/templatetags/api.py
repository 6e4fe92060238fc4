"""How the page about the interface writes descriptions."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

register = template.Library()
_WRITER = MarkdownIt("commonmark", {"html": False})


@register.filter
def described(text: str) -> SafeString:
    """A description of the interface (our own Markdown, HTML in it is text) as HTML, in one line."""
    return mark_safe(_WRITER.renderInline(text))  # noqa: S308


@register.filter
def described_at_length(text: str) -> SafeString:
    """The same in paragraphs."""
    return mark_safe(_WRITER.render(text))  # noqa: S308
