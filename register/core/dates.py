"""Dates of limited precision (first version; the full one is on its way)."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class LimitedDate:
    first: date
    precision: str = "day"

    @classmethod
    def of(cls, first: date | None, precision: str) -> LimitedDate | None:
        return cls(first, precision) if first else None

    @property
    def last(self) -> date:
        if self.precision == "day":
            return self.first
        if self.precision == "month":
            return self.first.replace(day=calendar.monthrange(self.first.year, self.first.month)[1])
        return self.first.replace(month=12, day=31)

    def __str__(self) -> str:
        return f"{self.first:{ {'day': '%-d %B %Y', 'month': '%B %Y', 'year': '%Y'}[self.precision] }}"
