"""What a pack's rows are made of, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from register.core.charts import Bar, Number
from register.core.dates import in_words
from register.initiatives.models import Initiative

Content = dict[str, Any]


def record(initiative: Initiative) -> Content:
    """What every row about one record starts with."""
    return {
        "initiative": initiative.pk,
        "reference": initiative.reference,
        "title": initiative.title,
        "sensitive": initiative.is_sensitive,
    }


def day(value: date | None, precision: str = "day") -> str:
    return in_words(value, precision or "day") if value else ""


def cells(numbers: Iterable[Number]) -> list[Content]:
    return [{"n": number.n, "level": number.level} for number in numbers]


def bars(told: Sequence[Bar]) -> list[Content]:
    return [
        {
            "label": bar.label,
            "number": bar.number.n,
            "width": bar.width,
            "code": bar.code,
            "is_late": bar.is_late,
            "services": list(bar.services),
        }
        for bar in told
    ]
