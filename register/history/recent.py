"""What happened lately, with the record and the person each event is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from register.accounts.models import User
from register.history.events import Event, fold
from register.history.models import Change
from register.initiatives.models import Initiative

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

# One thing done to a record is seldom more rows than this; more are read if it is.
ROWS_FOR_ONE = 8
SOURCES = {
    "web": "",
    "admin": "in administration",
    "task": "by the register",
    "command": "by the register",
    "import": "by an import",
    "sample": "",
    "test": "",
}


@dataclass(frozen=True)
class EventRow:
    """An event as a page shows it: of which record, by whom (as they are called now)."""

    event: Event
    initiative: Initiative | None
    actor: str

    @property
    def source(self) -> str:
        return SOURCES.get(self.event.source, "")


def recent_events(
    user: User | AnonymousUser,
    *,
    limit: int,
    initiatives: Sequence[int] | None = None,
    since: datetime | None = None,
) -> list[EventRow]:
    """The latest events of records that the person may see, newest first; of some records, since a moment."""
    changes = Change.objects.visible_to(user).exclude(root_id=None)
    if initiatives is not None:
        changes = changes.filter(root_id__in=list(initiatives))
    if since is not None:
        changes = changes.filter(at__gte=since)
    rows = limit * ROWS_FOR_ONE
    while True:
        found = list(changes[:rows])
        events = [event for event in fold(found) if event.root_id is not None]
        if len(events) >= limit or len(found) < rows:
            return with_people(events[:limit])
        rows *= 4


def with_people(events: Iterable[Event]) -> list[EventRow]:
    """Events with their records and the names of who did them: two queries."""
    events = list(events)
    records = Initiative.objects.in_bulk({e.root_id for e in events if e.root_id})
    people = User.objects.in_bulk({e.actor_id for e in events if e.actor_id})
    return [
        EventRow(
            event,
            records.get(event.root_id or 0),
            people[event.actor_id].get_full_name() if event.actor_id in people else "",
        )
        for event in events
    ]
