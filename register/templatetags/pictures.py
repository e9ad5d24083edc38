"""The many small parts of a picture, each written by hand: a page has a thousand of them."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from register.core.money import exact

register = template.Library()

NOTHING = '<svg class="no" viewBox="0 0 24 26" aria-hidden="true"><use href="#c-n"/></svg>'


@register.simple_tag
def gap_cells(cells: Iterable[Any]) -> SafeString:
    """A row's cells (`Gap`), each with its link: to the list, or to what others do where nothing is recorded.

    Hundreds of links are too many to tab through: by Tab one gets to the lists of the regions, which have the same.
    Whoever points, or walks the table with a screen reader, presses these.
    """
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
        drawn = f'<a href="{escape(gap.href)}" tabindex="-1" aria-label="{name}">{drawn}</a>'
    else:
        drawn += f'<span class="govuk-visually-hidden">{escape(gap.in_words)}</span>'
    first = ' class="first"' if gap.first_of_region else ""
    return f"<td{first}>{drawn}</td>"


@register.simple_tag
def gap_list(column: Any) -> SafeString:
    """The same of one column (`ColumnGaps`), for a phone and a keyboard: what there is, and what is nowhere."""
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


@register.simple_tag
def heat_cells(row: Any) -> SafeString:
    """The cells of a heat table's row (`cells`, `total`): numbers on the ramp with their links; a nought is a dot."""
    cells = [f'<td class="h{cell.level}">{_number(cell) if cell.n else "·"}</td>' for cell in row.cells]
    return mark_safe("".join([*cells, f'<td class="tot">{_number(row.total)}</td>']))  # noqa: S308 numbers, addresses of ours


def _number(number: Any) -> str:
    return f'<a href="{escape(number.href)}">{number}</a>' if number.href else str(number)


@register.simple_tag
def tile_shapes(tiles: Iterable[Any]) -> SafeString:
    """The tiles of a map of police areas, with their names, codes and numbers."""
    return mark_safe("".join(map(_tile, tiles)))  # noqa: S308 what people wrote is escaped


def _tile(tile: Any) -> str:
    number, area, at = tile.number, tile.area, tile.at
    kind = f"t{number.level}{' sel' if tile.is_chosen else ''}"
    drawn = (
        f'<path d="{at.path}"/><text class="nm" x="{at.x}" y="{at.name_y}">{escape(area.short_name)}</text>'
        f'<text class="cd" x="{at.x}" y="{at.name_y}">{area.code3}</text>'
        f'<text class="vl" x="{at.x}" y="{at.value_y}">{number}</text>'
    )
    if not number.href:
        return f'<g class="{kind}">{drawn}</g>\n'
    name = escape(f"{area.name}: {number}")
    return f'<a href="{escape(number.href)}" class="{kind}" aria-label="{name}">{drawn}</a>\n'


@register.simple_tag
def tile_rows(rows: Iterable[tuple[Any, Any]]) -> SafeString:
    """The same map as rows of a table: a police area and its number."""
    return mark_safe("".join(_tile_row(area, number) for area, number in rows))  # noqa: S308 what people wrote is escaped


def _tile_row(area: Any, number: Any) -> str:
    link = f'<a class="bl-link" href="{escape(area.get_absolute_url())}">{escape(area.name)}</a>'
    return f'<tr><th scope="row">{link}</th><td class="n">{_number(number)}</td></tr>'


@register.simple_tag
def year_columns(years: Iterable[Any]) -> SafeString:
    """The columns of a chart of savings by financial year (`Year`)."""
    return mark_safe("".join(map(_year, years)))  # noqa: S308 numbers of ours


def _year(year: Any) -> str:
    columns = []
    for column in year.columns:
        bar = (
            f'<svg viewBox="0 0 10 132" preserveAspectRatio="none" height="{column.height}">'
            f'<rect class="{column.code}" width="10" height="132"/></svg>'
            if column.height
            else ""
        )
        columns.append(f'<div class="col"><span>{column.label}</span>{bar}</div>')
    return f'<li>{"".join(columns)}<div class="y">{year.label}</div></li>'


@register.simple_tag
def year_rows(years: Iterable[Any]) -> SafeString:
    """The same as rows of a table, in exact pounds."""
    return mark_safe("".join(map(_year_row, years)))  # noqa: S308 numbers of ours


def _year_row(year: Any) -> str:
    cells = [
        f'<td class="n">{exact(column.pence) if column.pence is not None else NO_LINE}</td>'
        for column in year.columns
    ]
    return f'<tr><th scope="row">{year.label}</th>{"".join(cells)}</tr>'


NO_LINE = '<span class="bl-quiet">none</span>'
