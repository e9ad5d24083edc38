"""What a working group is to look at: what it was asked to, what is due for review, what has moved, what is overdue.

Each part counts initiatives that the reader may see, and gives some of them. One that is in two parts is in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import get_current_timezone, localtime, make_aware

from register.core.dates import LimitedDate
from register.groups.models import Decision, ReviewFlag
from register.groups.queue_parts import DUE, FLAGGED, MOVED, OVERDUE, Found, found_in, whole
from register.groups.remit import in_remit, remit_parameters
from register.history.events import Event
from register.history.lookup import LEFT
from register.history.since import changed_since
from register.initiatives.models import Initiative, StageMove
from register.initiatives.rows import Row, rows_of
from register.initiatives.vocabulary import Standing

if TYPE_CHECKING:
    from register.accounts.models import User, WorkingGroup

__all__ = ["DUE", "FLAGGED", "MOVED", "OVERDUE", "TITLES", "Part", "Queue", "Queued", "queue"]

TITLES = {
    FLAGGED: "Put before the group",
    DUE: "Due for review",
    MOVED: "Changed stage",
    OVERDUE: "Overdue for an update",
}
# How many of each part stand on the queue's page; the rest is one page further.
SHOWN = 10
# How far back a move counts for a group that has never met: groups meet about every six weeks.
LATELY = timedelta(days=42)
# Of what changed since the group's last review of a record, so much is told beside it.
MOST_CHANGES = 3
# The reviews themselves stand beside it anyway.
NO_CHANGE = (Decision._meta.db_table, ReviewFlag._meta.db_table)


@dataclass(frozen=True)
class Queued:
    """One initiative to look at: why, what the group decided on it last, and what changed since `since`."""

    row: Row
    why: str
    since: date
    said: str = ""
    last: Decision | None = None
    flag: ReviewFlag | None = None
    changes: tuple[Event, ...] = ()
    more_changes: int = 0

    @property
    def initiative(self) -> Initiative:
        return self.row.initiative

    @property
    def lead(self) -> str:
        return next((partner.name for partner in self.row.partners if partner.role == "lead"), "")

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(partner.service for partner in self.row.partners))


@dataclass(frozen=True)
class Part:
    code: str
    total: int
    queued: tuple[Queued, ...]

    @property
    def title(self) -> str:
        return TITLES[self.code]

    @property
    def more(self) -> int:
        return self.total - len(self.queued)


@dataclass(frozen=True)
class Queue:
    parts: tuple[Part, ...]
    since: date
    errors: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(part.total for part in self.parts)

    @property
    def is_sensitive(self) -> bool:
        return any(one.initiative.is_sensitive for part in self.parts for one in part.queued)


def queue(
    group: WorkingGroup,
    user: User,
    *,
    on: date,
    met_at: datetime | None,
    only: str = "",
    offset: int = 0,
    shown: int = SHOWN,
) -> Queue:
    """The group's queue through one reader's eyes: `shown` of each part, or one part (`only`) from an offset on."""
    met_at = met_at or _morning(on - LATELY)
    since = localtime(met_at).date()
    remit = in_remit(group, user, on)
    found = found_in(
        group,
        user,
        remit,
        remit_parameters(group),
        on=on,
        since=since,
        only=only,
        offset=offset,
        shown=shown,
    )
    queued = _queued(found, group, user, met_at)
    parts = tuple(Part(code, part.total, tuple(queued[code])) for code, part in found.items())
    return Queue(parts, since, remit.errors)


def _queued(
    found: Mapping[str, Found], group: WorkingGroup, user: User, met_at: datetime
) -> dict[str, list[Queued]]:
    every = whole(group, found)
    told = dict(zip(every, rows_of(every.values()), strict=True))
    last = {pk: _decision(one.last, pk, group) for pk, one in every.items() if one.last}
    moments = {pk: _reviewed_at(one.last) if one.last else met_at for pk, one in every.items()}
    changes = changed_since(moments, user, known=every.values(), without=NO_CHANGE)
    queued: dict[str, list[Queued]] = {code: [] for code in found}
    for code, part in found.items():
        for pk, why in part.rows:
            changed = changes.get(pk, ())
            flag = _flag(why, pk, group) if code == FLAGGED else None
            queued[code].append(
                Queued(
                    told[pk],
                    WHY[code](every[pk].move if code == MOVED else why),
                    localtime(moments[pk]).date(),
                    flag.why if flag else "",
                    last.get(pk),
                    flag,
                    changed[:MOST_CHANGES],
                    max(0, len(changed) - MOST_CHANGES),
                )
            )
    return queued


def _morning(day: date) -> datetime:
    return make_aware(datetime.combine(day, time()), get_current_timezone())


def _reviewed_at(last: Mapping[str, Any]) -> datetime:
    """When the group looked at it: its meeting; without one the morning of the day, as nobody said when on it."""
    return _moment(last["met_at"]) if last["met_at"] else _morning(date.fromisoformat(last["decided_on"]))


def _decision(last: Mapping[str, Any], initiative: int, group: WorkingGroup) -> Decision:
    days = {name: last[name] and date.fromisoformat(last[name]) for name in ("decided_on", "next_review_on")}
    words = {name: last[name] for name in ("pk", "outcome", "reasons", "conditions", "owner")}
    return Decision(initiative_id=initiative, group=group, **words, **days)


def _flag(why: Mapping[str, Any], initiative: int, group: WorkingGroup) -> ReviewFlag:
    return ReviewFlag(
        pk=why["pk"],
        initiative_id=initiative,
        group=group,
        why=why["why"],
        raised_at=_moment(why["at"]),
    )


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    assert moment is not None  # the database gave it
    return moment


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%-d %B %Y}"


def _why_flagged(why: Mapping[str, Any]) -> str:
    who = (not why["erased"] and why["by"]) or LEFT.lower()
    return f"Put before the group by {who} on {localtime(_moment(why['at'])):%-d %B %Y}"


def _why_moved(why: Mapping[str, Any]) -> str:
    when = LimitedDate(date.fromisoformat(why["happened_on"]), why["happened_precision"])
    at = f" on {when}" if when.precision == "day" else f" in {when}"
    move = StageMove(
        **{name: why[name] for name in ("from_stage", "to_stage", "from_standing", "to_standing")}
    )
    if move.from_stage == move.to_stage:
        return f"{_standing(move)}{at}"
    return f"{move.get_to_stage_display()}, from {move.get_from_stage_display().lower()},{at}"


def _standing(move: StageMove) -> str:
    return "Taken up again" if move.to_standing == Standing.ACTIVE else move.get_to_standing_display()


WHY = {
    FLAGGED: _why_flagged,
    DUE: lambda why: f"To be looked at again on {_day(why['day'])}",
    MOVED: _why_moved,
    OVERDUE: lambda why: f"Its update was due on {_day(why['day'])}",
}
