"""Texts that people typed."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from register.core import rich as texts

register = template.Library()


@register.filter
def rich(text: str) -> SafeString:
    """Paragraphs, bold, italic, lists and links, as blocks: `<div class="bl-flow">{{ text|rich }}</div>`."""
    return texts.render(text) if text else mark_safe("")


@register.filter
def linked(text: str) -> SafeString:
    """A line as it was typed, with its addresses as links: `{{ meeting.where|linked }}`."""
    return texts.linked(text)
