"""When a digest is due. Pure functions of a schedule (weekday, local hour, zone, rhythm) and a moment.

A slot is a weekday and an hour on the wall clock of a zone, so its distance to the next is 167, 168 or 169 hours
round a change to or from summer time. A wall-clock time that a change skips is the moment the clock jumps to; one
that happens twice is the first of the two. A slot on an England-and-Wales bank holiday moves to the next working
day, at the same hour.

There is one slot a week; or one a fortnight, in every second week; or one a month, on the first such weekday of it.
All weeks there ever were are numbered, and a fortnight's are the even or the odd ones (its turn, 0 or 1): so another
weekday, hour or zone leaves it in its weeks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
WEEKLY, FORTNIGHTLY, MONTHLY = "week", "fortnight", "month"
# So long after a slot somebody should look why nothing came of it.
GRACE = timedelta(hours=1)
# How far to look on either side of a moment, for a slot may move to the right: in weeks, fortnights or months.
REACH = 3


class Timing(NamedTuple):
    """All that says when: what the functions here take first, in their order."""

    weekday: int
    hour: int
    zone: str
    rhythm: str = WEEKLY
    turn: int = 0


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


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def turn_of(day: date) -> int:
    """Whether the week of a day is one of the even weeks (0) or of the odd ones (1)."""
    return (day.toordinal() - 1) // 7 % 2  # day 1 of year 1 was a Monday


def _days_round(weekday: int, rhythm: str, turn: int, at: date) -> Iterator[date]:
    """The days about a day on which a slot falls but for bank holidays, in order."""
    if rhythm == MONTHLY:
        for months in range(-REACH, REACH + 1):
            month = at.year * 12 + at.month - 1 + months
            first = date(month // 12, month % 12 + 1, 1)
            yield first + timedelta(days=(weekday - first.weekday()) % 7)
        return
    monday, step = monday_of(at), WEEK
    if rhythm == FORTNIGHTLY:
        monday, step = monday + (turn - turn_of(at)) * WEEK, 2 * WEEK
    for steps in range(-REACH, REACH + 1):
        yield monday + steps * step + timedelta(days=weekday)


def _slots_round(
    weekday: int, hour: int, zone: str, rhythm: str, turn: int, at: datetime
) -> Iterator[datetime]:
    """The slots about a moment, in order."""
    local = at.astimezone(ZoneInfo(zone)).date()
    for day in _days_round(weekday, rhythm, turn, local):
        yield moment(working_day_from(day), hour, zone)


def last_slot(
    weekday: int, hour: int, zone: str, rhythm: str = WEEKLY, turn: int = 0, *, now: datetime
) -> datetime:
    """The latest slot at or before a moment."""
    return max(slot for slot in _slots_round(weekday, hour, zone, rhythm, turn, now) if slot <= now)


def next_slot(
    weekday: int, hour: int, zone: str, rhythm: str = WEEKLY, turn: int = 0, *, after: datetime
) -> datetime:
    """The first slot after a moment (not at it)."""
    return min(slot for slot in _slots_round(weekday, hour, zone, rhythm, turn, after) if slot > after)


def next_slots(
    weekday: int, hour: int, zone: str, rhythm: str = WEEKLY, turn: int = 0, *, after: datetime, count: int
) -> list[datetime]:
    """The first so many slots after a moment."""
    timing, found = Timing(weekday, hour, zone, rhythm, turn), [after]
    for _ in range(count):
        found.append(next_slot(*timing, after=found[-1]))
    return found[1:]


def slot_before(
    weekday: int, hour: int, zone: str, rhythm: str = WEEKLY, turn: int = 0, *, slot: datetime
) -> datetime:
    """The slot before a slot: where its week, fortnight or month begins."""
    round_it = _slots_round(weekday, hour, zone, rhythm, turn, slot)
    return max(earlier for earlier in round_it if earlier < slot)


def due_window(
    weekday: int,
    hour: int,
    zone: str,
    rhythm: str = WEEKLY,
    turn: int = 0,
    *,
    start: datetime,
    now: datetime,
) -> tuple[datetime, datetime] | None:
    """The window that is due: from where the last one ended to the latest slot that has passed; None if none has.

    However many slots passed, it is one window: a digest that was down catches up with one edition.
    """
    end = last_slot(weekday, hour, zone, rhythm, turn, now=now)
    return (start, end) if end > start else None
