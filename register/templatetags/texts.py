"""Long texts that people typed."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from register.core.rich import render

register = template.Library()


@register.filter
def rich(text: str) -> SafeString:
    """Paragraphs, bold, italic, lists and links, as blocks: `<div class="bl-flow">{{ text|rich }}</div>`."""
    return render(text) if text else mark_safe("")
