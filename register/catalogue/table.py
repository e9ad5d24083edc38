"""The results as a table of chosen columns, and the links that choose and order them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from register.catalogue.columns import COLUMNS, Column, Kind
from register.catalogue.filters import CURSORS, Parameters, list_url
from register.core import money
from register.core.dates import in_words
from register.initiatives.models import Initiative

# What leads to a record stays in the table, first.
FIXED = "reference"
# What says so of a record whose owners do not answer.
CONFIRMED = "confirmed_on"
# How exactly 2014, 2014-06 and 2014-06-30 are known, by their length.
PRECISIONS = {4: "year", 7: "month", 10: "day"}


@dataclass(frozen=True)
class Head:
    """A column's name, and the addresses without it and with it further left ("" where it is at the left)."""

    column: Column
    without_url: str
    left_url: str

    @property
    def is_number(self) -> bool:
        return self.column.kind in (Kind.MONEY, Kind.NUMBER)


@dataclass(frozen=True)
class Table:
    heads: tuple[Head, ...]
    rows: tuple[tuple[Initiative, tuple[str, ...]], ...]
    more: tuple[Column, ...]  # columns that could be added


def table(
    initiatives: Sequence[Initiative], columns: Sequence[Column], parameters: Parameters, *, on: date
) -> Table:
    """The page of initiatives, with `cell_<code>` of every column, in words; what is late is so on a day."""
    shown = [column for column in columns if column.code != FIXED]
    codes = [column.code for column in shown]

    def url(chosen: list[str]) -> str:
        kept = {name: values for name, values in parameters.items() if name not in CURSORS}
        return list_url(kept, cols=",".join([FIXED, *chosen]))

    heads = []
    for at, column in enumerate(shown):
        others = codes[:at] + codes[at + 1 :]
        left = [*codes[: at - 1], codes[at], codes[at - 1], *codes[at + 1 :]] if at else []
        heads.append(Head(column, url(others), url(left) if left else ""))
    return Table(
        tuple(heads),
        tuple((row, tuple(_cell(row, column, on) for column in shown)) for row in initiatives),
        tuple(column for column in COLUMNS.values() if column.code not in codes and column.code != FIXED),
    )


def _cell(row: Initiative, column: Column, on: date) -> str:
    if column.code == CONFIRMED and row.is_unanswered(on):
        return row.not_confirmed_since
    return _told(column, getattr(row, f"cell_{column.code}"))


def _told(column: Column, value: Any) -> str:
    """A cell for reading: £1.2 million, 23 November 2026, yes; "" for nothing."""
    if value is None or value == "":
        return ""
    if column.kind is Kind.MONEY:
        return money.in_words(value)
    if column.kind is Kind.DATE:
        return in_words(value)
    if column.kind is Kind.PERIOD:
        year, month, day = (int(part) for part in f"{value}-01-01"[:10].split("-"))
        return in_words(date(year, month, day), PRECISIONS[len(value)])
    if column.kind is Kind.YES:
        return "yes" if value else "no"
    if column.kind is Kind.LIST:
        return ", ".join(map(str, value))
    return str(value)
