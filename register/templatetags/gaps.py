"""The cells of the gap matrix: six hundred of them, so each is written by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

NOTHING = '<svg class="no" viewBox="0 0 24 26" aria-hidden="true"><use href="#c-n"/></svg>'


@register.simple_tag
def gap_cells(cells: Iterable[Any]) -> SafeString:
    """A row's cells (`Gap`), each with its link: to the list, or to what others do where nothing is recorded."""
    return mark_safe("".join(map(_cell, cells)))  # noqa: S308 what people wrote is escaped


def _cell(gap: Any) -> str:
    if gap.n:
        kind, use = ("lv", "l") if gap.live else ("cm", "c")
        number = f'<text x="12" y="17">{gap.n if gap.n < 1000 else "1k+"}</text>' if gap.n > 1 else ""
        drawn = (
            f'<svg class="{kind}" viewBox="0 0 24 26" aria-hidden="true"><use href="#c-{use}"/>{number}</svg>'
        )
    else:
        drawn = NOTHING
    what = "nothing recorded, what others do" if not gap.n else gap.in_words
    if gap.href:
        name = escape(f"{gap.work}, {gap.column}: {what}")
        drawn = f'<a href="{escape(gap.href)}" aria-label="{name}">{drawn}</a>'
    else:
        drawn += f'<span class="govuk-visually-hidden">{escape(gap.in_words)}</span>'
    first = ' class="first"' if gap.first_of_region else ""
    return f"<td{first}>{drawn}</td>"


@register.simple_tag
def gap_list(column: Any) -> SafeString:
    """The same of one column (`ColumnGaps`), for a phone: what there is, and what is nowhere."""
    parts = ['<ul class="bl-gaplist">', *map(_line, column.found), "</ul>"] if column.found else []
    if column.nothing:
        names = ", ".join(
            f'<a class="bl-link" href="{escape(gap.href)}">{escape(gap.work)}</a>'
            if gap.href
            else escape(gap.work)
            for gap in column.nothing
        )
        parts.append(f'<p class="bl-small bl-quiet">Nothing recorded: {names}.</p>')
    return mark_safe("".join(parts))  # noqa: S308 what people wrote is escaped


def _line(gap: Any) -> str:
    shape = (
        '<rect class="lv" x="1" y="1" width="12" height="12"/>'
        if gap.live
        else '<rect class="cm" x="2" y="2" width="10" height="10"/>'
    )
    said: str = escape(gap.in_words)
    if gap.href:
        hidden = f'<span class="govuk-visually-hidden">, {escape(gap.work)} in {escape(gap.column)}</span>'
        said = f'<a class="bl-link" href="{escape(gap.href)}">{said}{hidden}</a>'
    return f'<li><svg viewBox="0 0 14 14" aria-hidden="true">{shape}</svg>{escape(gap.work)}: {said}</li>'
