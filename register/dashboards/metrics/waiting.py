"""How long something has waited, in words a person would use."""

from __future__ import annotations

from datetime import date

from register.core.dates import LimitedDate

NOT_STATED = "not stated"


def waited(since: LimitedDate | None, on: date) -> str:
    """Such as "11 years 10 months", "8 days" or, when only the year is known, "about 11 years"."""
    if since is None:
        return NOT_STATED
    if since.precision == "year":
        years = on.year - since.first.year
        return f"about {_plural(years, 'year')}" if years else "less than a year"
    if since.precision == "month":
        months = (on.year - since.first.year) * 12 + on.month - since.first.month
        return _in_months(months) if months else "less than a month"
    months = whole_months(since.first, on)
    return _in_months(months) if months else _plural((on - since.first).days, "day")


def whole_months(first: date, on: date) -> int:
    """How many months have passed between two days."""
    return (on.year - first.year) * 12 + on.month - first.month - (on.day < first.day)


def _in_months(months: int) -> str:
    years, rest = divmod(months, 12)
    parts = [_plural(years, "year")] if years else []
    if rest or not years:
        parts.append(_plural(rest, "month"))
    return " ".join(parts)


def _plural(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
