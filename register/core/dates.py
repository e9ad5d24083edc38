"""Dates known to the day, the month or the year, and the financial year.

A limited date is the first day of its period plus its precision. Order is compared between periods, never between
days that nobody stated.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
EARLIEST, LATEST = 1829, 2100  # the Metropolitan Police Act; beyond any lease
LONGEST = 60
SHAPE = "Write a date like 23 November 2026, November 2026 or 2026."


class DateError(ValueError):
    """What was typed is not a date. The message says what to do."""


@dataclass(frozen=True)
class LimitedDate:
    """A period: its first day, and whether it is a day, a month or a year."""

    first: date
    precision: str = "day"

    def __post_init__(self) -> None:
        if self.precision not in ("day", "month", "year"):
            raise ValueError(f"unknown precision: {self.precision}")
        if self.precision != "day" and self.first.day != 1:
            raise ValueError("a month starts on its first day")
        if self.precision == "year" and self.first.month != 1:
            raise ValueError("a year starts in January")

    @classmethod
    def of(cls, first: date | None, precision: str) -> LimitedDate | None:
        """The date that two columns hold; None for none."""
        return cls(first, precision) if first else None

    @property
    def last(self) -> date:
        """The last day of the period."""
        if self.precision == "day":
            return self.first
        month = 12 if self.precision == "year" else self.first.month
        return date(self.first.year, month, calendar.monthrange(self.first.year, month)[1])

    def is_before(self, other: LimitedDate) -> bool:
        """Wholly before: the last day of this period is before the first of the other."""
        return self.last < other.first

    def __str__(self) -> str:
        return in_words(self.first, self.precision)


def in_words(first: date, precision: str = "day") -> str:
    """23 November 2026, November 2026 or 2026."""
    if precision == "year":
        return str(first.year)
    month = f"{calendar.month_name[first.month]} {first.year}"
    return month if precision == "month" else f"{first.day} {month}"


def read_date(text: str) -> LimitedDate:
    """A date from what somebody typed: "23 Nov 2026", "23/11/2026", "2026-11-23", "11/2026", "Nov 2026", "2026"."""
    if len(text) > LONGEST:
        raise DateError(SHAPE)
    words = [w for w in re.split(r"[\s/.,-]+", text.strip().lower().replace("of", " ")) if w]
    words = [re.sub(r"^(\d{1,2})(st|nd|rd|th)$", r"\1", word) for word in words]
    if words and len(words[0]) == 4 and words[0].isdigit():
        words.reverse()
    try:
        return _from_parts(words)
    except (ValueError, KeyError) as error:
        if isinstance(error, DateError):
            raise
        raise DateError(SHAPE) from None


def _from_parts(words: list[str]) -> LimitedDate:
    if not 1 <= len(words) <= 3 or not re.fullmatch(r"\d{4}", words[-1]):
        raise DateError(SHAPE)
    year = int(words[-1])
    if not EARLIEST <= year <= LATEST:
        raise DateError(f"Write a year between {EARLIEST} and {LATEST}.")
    if len(words) == 1:
        return LimitedDate(date(year, 1, 1), "year")
    month = int(words[-2]) if words[-2].isdigit() else MONTHS[words[-2]]
    if len(words) == 2:
        return LimitedDate(date(year, month, 1), "month")
    return LimitedDate(date(year, month, int(words[0])), "day")


def financial_year(on: date) -> int:
    """The first calendar year of the financial year (1 April to 31 March) a day is in."""
    return on.year if on.month >= 4 else on.year - 1


def financial_year_in_words(first: int) -> str:
    """2025–26 for 2025."""
    return f"{first}–{(first + 1) % 100:02d}"
