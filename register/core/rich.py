"""The few signs that people may type in long texts: paragraphs, bold, italic, lists and links. No more of Markdown.

What is kept is what was typed; it is read when it is shown. HTML that was typed is shown as it was typed. What the
reader makes is cleaned once more by a library that knows nothing of it: a fault of one alone lets nothing through.
"""

from __future__ import annotations

import re
from functools import cache

import nh3
from django.utils.html import linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

HINT = "**Bold**, *italic*, lists and [links](https://…) work."
# Lines that begin a list, and the characters of the rest: without any, the text is paragraphs and no more.
SIGNS = re.compile(r"[*_\[]|^[ \t]*(?:[-+]|\d{1,9}[.)])(?:[ \t]|$)", re.MULTILINE)
SCHEMES = ("https", "http", "mailto")
TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a"}
# None for all ("*"): the library would let "title" and "lang" through.
ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}, "ol": {"start"}}
# Nobody vouches for where they lead, and where they lead need not know where they came from.
REL = "noopener noreferrer nofollow ugc"


def render(text: str) -> SafeString:
    """The text as HTML: blocks, to stand in no paragraph of their own."""
    if not SIGNS.search(text):
        return mark_safe(linebreaks(text, autoescape=True))  # noqa: S308 — escaped, and tags of Django's
    cleaned = nh3.clean(
        _reader().render(text), tags=TAGS, attributes=ATTRIBUTES, url_schemes=set(SCHEMES), link_rel=REL
    )
    return mark_safe(cleaned)  # noqa: S308 — cleaned just now


def linked(text: str) -> SafeString:
    """One line, as it was typed, with its addresses as links."""
    found = nh3.clean(urlize(text, autoescape=True), tags={"a"}, attributes=ATTRIBUTES, link_rel=REL)
    return mark_safe(found)  # noqa: S308 — cleaned just now


@cache
def _reader() -> MarkdownIt:
    """Switched on rule by rule; what is not named here is text."""
    reader = MarkdownIt("zero", {"breaks": True, "maxNesting": 10}).enable(
        ["list", "emphasis", "link", "newline", "balance_pairs", "fragments_join"]
    )
    reader.validateLink = _may_lead_to  # type: ignore[method-assign]
    return reader


def _may_lead_to(url: str) -> bool:
    return url.lower().startswith(tuple(f"{scheme}:" for scheme in SCHEMES))
