"""The digest's words: subheadings, the opening line, the subject, and when and why one gets it.

Counts are of what one reader may see, and never of anything sensitive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from register.digests.models import WEEKDAYS, DigestSchedule, Edition
from register.digests.slots import FORTNIGHTLY, MONTHLY, WEEKLY

NEW = "New"
MOVED_ON = "Moved on"
MONEY = "Money that changed"
DECISIONS = "Decisions"
DATES_THAT_OPEN_A_DOOR = "Dates that open a door"
RAISED = "Raised"
REMOVED = "Removed"
LATE = "Late"
DUE_SOON = "Due soon"
ALSO = "Also changed"

# In the order in which they stand under a heading.
SUBHEADINGS = [NEW, MOVED_ON, MONEY, DECISIONS, DATES_THAT_OPEN_A_DOOR, RAISED, REMOVED, ALSO, LATE, DUE_SOON]

# What kind of event (`history.events`) goes under which.
OF_KIND = {
    "logged": NEW,
    "stage": MOVED_ON,
    "standing": MOVED_ON,
    "saving": MONEY,
    "cost": MONEY,
    "funding": MONEY,
    "figure": MONEY,
    "benefit": MONEY,
    "decision": DECISIONS,
    "flag": DECISIONS,
    "consideration": DECISIONS,
    "barrier_raised": RAISED,
    "barrier_removed": REMOVED,
}

NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def subheading(kind: str) -> str:
    return OF_KIND.get(kind, ALSO)


class Counted(Protocol):
    @property
    def initiative_id(self) -> int: ...
    @property
    def heading(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def sub(self) -> str: ...


@dataclass(frozen=True)
class Counts:
    """How much an edition says to one reader."""

    new: int
    moved: int
    raised: int
    removed: int
    decided: int
    money: int
    other: int
    late: int
    due: int

    @classmethod
    def of(cls, items: Iterable[Counted]) -> Counts:
        """Initiatives that were logged or moved, whose money or whatever else changed (each once); barriers, decisions
        and due things."""
        items = list(items)
        new = {item.initiative_id for item in items if item.sub == NEW}
        moved = {item.initiative_id for item in items if item.sub == MOVED_ON} - new
        barriers = {item.initiative_id for item in items if item.sub in (RAISED, REMOVED)}
        decided = [item.initiative_id for item in items if item.kind == "decision"]
        money = {item.initiative_id for item in items if item.sub == MONEY} - new - moved
        due = (LATE, DUE_SOON)
        changed = {item.initiative_id for item in items if item.sub not in due}
        return cls(
            new=len(new),
            moved=len(moved),
            raised=sum(item.sub == RAISED for item in items),
            removed=sum(item.sub == REMOVED for item in items),
            decided=len(decided),
            money=len(money),
            other=len(changed - new - moved - barriers - money - set(decided)),
            late=sum(item.sub == LATE for item in items),
            due=sum(item.sub in due for item in items),
        )


def subject(group: str, counts: Counts) -> str:
    """Such as "Blue light digest, Eastern group: 1 new, 2 moved on, 1 barrier removed"."""
    said = [
        (counts.new, "new"),
        (counts.moved, "moved on"),
        (counts.raised, f"barrier{_s(counts.raised)} raised"),
        (counts.removed, f"barrier{_s(counts.removed)} removed"),
        (counts.decided, f"decision{_s(counts.decided)}"),
        (counts.money + counts.other, "changed"),
        (counts.late, "late"),
    ]
    parts = [f"{number} {word}" for number, word in said if number][:3]
    line = f"Blue light digest, {group}" + (f": {', '.join(parts)}" if parts else "")
    return " ".join(line.split())  # a name is a line, never two headers


def opening(counts: Counts) -> str:
    """Such as "One initiative was logged, two moved on, one barrier was raised and one decision was taken."."""
    clauses = []
    if counts.new:
        clauses.append(f"{number(counts.new)} {_initiatives(counts.new)} logged")
    if counts.moved:
        what = "" if counts.new else f"initiative{_s(counts.moved)} "
        clauses.append(f"{number(counts.moved)} {what}moved on")
    if counts.raised:
        clauses.append(f"{number(counts.raised)} {_barriers(counts.raised)} raised")
    if counts.removed:
        barriers = "" if counts.raised else f"{_barriers(counts.removed)} "
        clauses.append(f"{number(counts.removed)} {barriers}removed")
    if counts.decided:
        was = "was" if counts.decided == 1 else "were"
        clauses.append(f"{number(counts.decided)} decision{_s(counts.decided)} {was} taken")
    if counts.money:
        clauses.append(f"money changed in {number(counts.money)} initiative{_s(counts.money)}")
    if counts.other:
        other = "other " if clauses else ""
        clauses.append(f"{number(counts.other)} {other}initiative{_s(counts.other)} changed")
    return " ".join(filter(None, [_sentence(clauses), waiting(counts)]))


def waiting(counts: Counts) -> str:
    """Such as "Two things are due, one of them late."."""
    if not counts.due:
        return ""
    line = f"{number(counts.due)} thing{_s(counts.due)} {'is' if counts.due == 1 else 'are'} due"
    if counts.late == counts.due:
        line += " and late"
    elif counts.late:
        line += f", {number(counts.late)} of them late"
    return line[0].upper() + line[1:] + "."


def _initiatives(count: int) -> str:
    return "initiative was" if count == 1 else "initiatives were"


def _barriers(count: int) -> str:
    return "barrier was" if count == 1 else "barriers were"


def _sentence(clauses: list[str]) -> str:
    if not clauses:
        return ""
    *first, last = clauses
    line = f"{', '.join(first)} and {last}" if first else last
    return line[0].upper() + line[1:] + "."


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def number(count: int) -> str:
    """A small number as a word."""
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"


def window(edition: Edition, zone: str = "Europe/London") -> str:
    """The days of an edition, such as "Monday 16 to Monday 23 November 2026"."""
    return _days(edition.starts_at, edition.ends_at, zone)


# Thousands of people's own editions are of the same days.
@lru_cache(maxsize=64)
def _days(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (starts_at, ends_at))
    first = f"{start:%A %-d}"
    if start.year != end.year:
        first = f"{start:%A %-d %B %Y}"
    elif start.month != end.month:
        first = f"{start:%A %-d %B}"
    return f"{first} to {end:%A %-d %B %Y}"


def exact_window(edition: Edition, zone: str = "Europe/London") -> str:
    """To the minute, such as "16 November 2026, 07:00 to 23 November 2026, 07:00"."""
    start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (edition.starts_at, edition.ends_at))
    return " to ".join(_moment(moment) for moment in (start, end))


def _moment(moment: datetime) -> str:
    return f"{moment:%-d %B %Y, %H:%M}"


def when(schedule: DigestSchedule) -> str:
    """Such as "on Mondays at 07:00", "every second Monday at 07:00", "on the first Monday of each month at 07:00"."""
    place = "" if schedule.zone == "Europe/London" else f" ({schedule.zone})"
    days = {
        WEEKLY: f"on {dict(WEEKDAYS)[schedule.weekday]}s",
        FORTNIGHTLY: schedule.days,
        MONTHLY: f"on {schedule.days}",
    }
    return f"{days[schedule.rhythm]} at {schedule.hour:02d}:00{place}"


def the(group: str) -> str:
    """A group's name in a sentence."""
    return group if group.lower().startswith("the ") else f"the {group}"


# The longest that a window is when no slot was missed: bank holidays move both its ends.
LONGEST = {"week": 10, "fortnight": 17, "month": 40}


def caught_up(edition: Edition, period: str) -> str:
    """What is said of an edition that makes up for some that did not go out; empty for others."""
    days = round((edition.ends_at - edition.starts_at).total_seconds() / 86400)
    if days <= LONGEST[period]:
        return ""
    weeks = round(days / 7)
    return f"This covers {number(weeks)} weeks, because none went out meanwhile."
