"""The masthead's menu, and where in it a page belongs."""

from __future__ import annotations

from functools import cache
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# Which menu item a page belongs under, by the start of its path; the longest that fits counts.
MENU = {
    "initiative_new": ("/initiatives/new/",),
    "initiative_list": ("/initiatives/", "/organisations/", "/places/", "/history/", "/recently-deleted/"),
    "group_list": ("/groups/",),
    "digest_list": ("/digests/",),
}


@register.simple_tag(takes_context=True)
def menu_item(context: Any, name: str, label: str) -> SafeString:
    """An item of the masthead's menu, marked when the page is under it."""
    path = context["request"].path if "request" in context else ""
    fits = [(len(start), item) for item, starts in MENU.items() for start in starts if path.startswith(start)]
    here = max(fits)[1] if fits else "home" if path == "/" else ""
    url = _address_of(name)
    return _menu_item(url, label, ("page" if path == url else "true") if here == name else "")


# Every page has the same few, and looking up an address takes longer than writing it.
_address_of = cache(reverse)


@cache
def _menu_item(url: str, label: str, current: str) -> SafeString:
    return format_html(
        '<li class="govuk-service-navigation__item{}">'
        '<a class="govuk-service-navigation__link" href="{}"{}>{}</a></li>',
        " govuk-service-navigation__item--active" if current else "",
        url,
        format_html(' aria-current="{}"', current) if current else "",
        label,
    )
