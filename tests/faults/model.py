"""Who is due what, from what a script did: nothing here asks `register.digests`.

An audience is a group or one person who follows a saved view. Slots are worked out anew from the calendar, in the
audience's own zone and rhythm.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
# Of England and Wales, as gov.uk has them, from 2026 to May 2027.
DAYS = """
    2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28
    2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31
"""
BANK_HOLIDAYS = {date.fromisoformat(day) for day in DAYS.split()}


AN_EVEN_WEEK = date(2026, 1, 5)


@dataclass(frozen=True)
class Timing:
    """When an audience's digest comes: every week, fortnight (of the even or the odd weeks) or month."""

    weekday: int
    hour: int
    zone: str = "Europe/London"
    rhythm: str = "week"
    turn: int = 0

    def falls_on(self, day: date) -> bool:
        if day.weekday() != self.weekday:
            return False
        if self.rhythm == "month":
            return day.day <= 7
        return self.rhythm == "week" or (day - AN_EVEN_WEEK).days // 7 % 2 == self.turn

    def at(self, day: date) -> datetime:
        """The slot of such a day, which a bank holiday moves."""
        return datetime.combine(_working_day(day), time(self.hour), tzinfo=ZoneInfo(self.zone))


@dataclass(frozen=True)
class Edit:
    """One thing that happened in an audience's remit, known by a word that nothing else says."""

    token: str
    at: datetime
    # When its transaction ended, if that was still open as the slot came: the edition after that may tell of it.
    committed: datetime | None = None

    @property
    def is_late(self) -> bool:
        return self.committed is not None


@dataclass
class Audience:
    key: str
    timing: Timing
    anchor: datetime
    joined: dict[str, datetime] = field(default_factory=dict)
    left: dict[str, datetime] = field(default_factory=dict)
    # Since when somebody has paused it, and the day on which it comes again.
    paused: dict[str, tuple[datetime, date]] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)

    def slots(self, until: datetime) -> Iterator[datetime]:
        """Those after the anchor, up to a moment (in it)."""
        day = self.anchor.date() - timedelta(weeks=2)
        while day <= until.date() + timedelta(days=2):
            if self.timing.falls_on(day) and self.anchor < (slot := self.timing.at(day)) <= until:
                yield slot
            day += timedelta(days=1)

    def last_slot(self, now: datetime) -> datetime | None:
        return max(self.slots(now), default=None)

    def next_slot(self, now: datetime) -> datetime:
        return next(slot for slot in self.slots(now + timedelta(weeks=6)) if slot > now)

    def is_due(self, email: str, end: datetime) -> bool | None:
        """Whether somebody gets the edition whose window ended then; None: it depends on when it was built or sent."""
        left, joined = self.left.get(email), self.joined[email]
        if left is not None:
            return False if end > left else None
        if email in self.paused:
            return None  # it is addressed, and goes out or not by the day on which it is sent
        return True if end > joined else None

    def is_paused(self, email: str, at: datetime) -> bool:
        """Whether nothing of it may go to somebody at a moment."""
        since, until = self.paused.get(email, (at, date.min))
        return since < at and at.astimezone(LONDON).date() < until

    def must_tell(self, start: datetime, end: datetime) -> set[str]:
        return {edit.token for edit in self.edits if start <= edit.at < end and not edit.is_late}

    def may_tell(self, end: datetime) -> set[str]:
        return {edit.token for edit in self.edits if edit.is_late and edit.at < end}


def _working_day(day: date) -> date:
    while day.weekday() > 4 or day in BANK_HOLIDAYS:
        day += timedelta(days=1)
    return day
