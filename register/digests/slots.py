"""When a digest is due. Pure functions of a schedule (weekday, local hour, zone) and a moment.

A slot is a weekday and an hour on the wall clock of a zone, so its distance to the next is 167, 168 or 169 hours
round a change to or from summer time. A wall-clock time that a change skips is the moment the clock jumps to; one
that happens twice is the first of the two. A slot on an England-and-Wales bank holiday moves to the next working
day, at the same hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
# How far a slot may move to the right: the weeks to look at on either side of a moment.
REACH = 3


@cache
def _bank_holidays() -> frozenset[date]:
    """The bank holidays of England and Wales that came with the library; no network is asked."""
    # Imported here: it brings a whole HTTP client, which each start of a program would otherwise pay for.
    from govuk_bank_holidays.bank_holidays import BankHolidays

    known = BankHolidays(use_cached_holidays=True)
    return frozenset(
        holiday["date"] for holiday in known.get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    )


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _bank_holidays()


def working_day_from(day: date) -> date:
    """The day itself, or the next working day after it."""
    while not is_working_day(day):
        day += DAY
    return day


def moment(day: date, hour: int, zone: str) -> datetime:
    """The moment, in UTC, when a wall clock in the zone shows the hour on that day.

    An hour that the clock skips is the moment of the jump; of an hour that comes twice, the first.
    """
    wall = datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone))
    # For a skipped hour fold=0 counts with the offset before the jump, which lands just as far after it.
    return wall.astimezone(UTC)


def _slots_round(weekday: int, hour: int, zone: str, at: datetime) -> Iterator[datetime]:
    """The slots of the weeks about a moment, in order."""
    local = at.astimezone(ZoneInfo(zone)).date()
    monday = local - timedelta(days=local.weekday())
    for weeks in range(-REACH, REACH + 1):
        day = working_day_from(monday + weeks * WEEK + timedelta(days=weekday))
        yield moment(day, hour, zone)


def last_slot(weekday: int, hour: int, zone: str, *, now: datetime) -> datetime:
    """The latest slot at or before a moment."""
    return max(slot for slot in _slots_round(weekday, hour, zone, now) if slot <= now)


def next_slot(weekday: int, hour: int, zone: str, *, after: datetime) -> datetime:
    """The first slot after a moment (not at it)."""
    return min(slot for slot in _slots_round(weekday, hour, zone, after) if slot > after)


def next_slots(weekday: int, hour: int, zone: str, *, after: datetime, count: int) -> list[datetime]:
    """The first so many slots after a moment."""
    found: list[datetime] = []
    for _ in range(count):
        found.append(next_slot(weekday, hour, zone, after=found[-1] if found else after))
    return found


def slot_before(weekday: int, hour: int, zone: str, *, slot: datetime) -> datetime:
    """The slot before a slot: where its week begins."""
    return max(earlier for earlier in _slots_round(weekday, hour, zone, slot) if earlier < slot)


def due_window(
    weekday: int, hour: int, zone: str, *, start: datetime, now: datetime
) -> tuple[datetime, datetime] | None:
    """The window that is due: from where the last one ended to the latest slot that has passed; None if none has.

    However many slots passed, it is one window: a digest that was down catches up with one edition.
    """
    end = last_slot(weekday, hour, zone, now=now)
    return (start, end) if end > start else None
