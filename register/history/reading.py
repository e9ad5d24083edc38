"""Pages of events: the ledger read newest first, what was done together never cut in two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.urls import reverse

from register.history.events import OWN_SUBJECT, Event, key_of, tell
from register.history.models import Change
from register.history.past import Eyes, Past, Reader, pasts_of, with_turns
from register.history.querysets import ChangeQuerySet
from register.initiatives.models import Initiative

# What people call the ways in which a change is made; a page of the register goes without saying.
SOURCES = {
    "web": "on the register’s pages",
    "admin": "in administration",
    "task": "by the register itself",
    "command": "by a command",
    "import": "by an import",
    "sample": "with the sample data",
    "test": "in a test",
}
# Logging a record writes some twenty rows at once; most else writes two or three.
ROWS_FOR_ONE = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Cursor:
    """A place in the ledger: what is older than this row. Read from and written to addresses."""

    at: datetime
    pk: int

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """None for what is no cursor."""
        moment, dash, pk = text.partition("-")
        if not (dash and moment.isdecimal() and pk.isdecimal() and len(moment) < 18 and len(pk) < 19):
            return None
        return cls(EPOCH + int(moment) * MICROSECOND, int(pk))

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // MICROSECOND}-{self.pk}"

    @property
    def place(self) -> tuple[datetime, int]:
        return (self.at, self.pk)


@dataclass(frozen=True)
class EventRow:
    """An event as a page shows it: of which record, and by whom, as they are called now."""

    event: Event
    initiative: Initiative | None
    actor: str

    @property
    def is_sensitive(self) -> bool:
        """What is told: of a record that is, or that was when it was done."""
        return self.event.was_sensitive or (self.initiative is not None and self.initiative.is_sensitive)

    @property
    def colon(self) -> str:
        """What stands between the record's title and a sentence with a subject of its own."""
        return ":" if self.event.sentence.startswith(OWN_SUBJECT) else ""

    @property
    def has_before(self) -> bool:
        return any(detail.before for detail in self.event.details)

    @property
    def url(self) -> str:
        """The record's page; of a deleted one, its history, which is all that is left to open."""
        if self.initiative is None:
            return ""
        if self.initiative.deleted_at:
            return reverse("initiative_history", args=[self.initiative.reference])
        return self.initiative.get_absolute_url()

    @property
    def source(self) -> str:
        return SOURCES.get(self.event.source, self.event.source)


@dataclass(frozen=True)
class EventPage:
    rows: list[EventRow]
    older: Cursor | None
    # An overseer was told of a time when a record was a draft of others.
    looked_into_draft: bool = False


def page_of(
    changes: ChangeQuerySet,
    reader: Reader,
    *,
    limit: int,
    before: Cursor | None = None,
    known: Iterable[Initiative] = (),
    among: ChangeQuerySet | None = None,
    opens: bool = False,
) -> EventPage:
    """The events of these changes older than a cursor, newest first, as a reader is told of them: at most `limit`, in
    at most eight queries. `opens`: on the record's own pages.

    Where the changes are a selection `among` others, an event of which one was selected is told whole.

    What was done together stands where its last row stands. A page may be shorter than `limit` when a transaction
    was very long; then too the cursor leads on to all the rest.
    """
    ordered = changes.order_by("-at", "-id")
    most = limit * ROWS_FOR_ONE
    scanned = list(_older(ordered, before)[:most])
    is_cut = len(scanned) == most
    found = _whole(ordered, scanned) if scanned and (is_cut or before) else scanned
    heads: dict[tuple[object, ...], Cursor] = {}
    for change in sorted(found, key=lambda c: (c.at, c.pk), reverse=True):
        heads.setdefault(key_of(change), Cursor(change.at, change.pk))
    # What has a row after the cursor was told on the page before.
    keys = [key for key, head in heads.items() if before is None or head.place < before.place]
    wanted = set(keys[:limit])
    older = None
    if len(keys) > limit:
        older = heads[keys[limit - 1]]
    elif is_cut:
        older = Cursor(scanned[-1].at, scanned[-1].pk)
    shown = [change for change in found if key_of(change) in wanted]
    if among is not None and shown:
        shown = _whole(among, shown)
    rows, eyes = _told(shown, reader, known, opens=opens)
    return EventPage(rows, older, eyes.looked_into_draft)


def _older(changes: ChangeQuerySet, before: Cursor | None) -> ChangeQuerySet:
    if before is None:
        return changes
    return changes.filter(Q(at__lt=before.at) | Q(pk__lt=before.pk), at__lte=before.at)


def _whole(changes: ChangeQuerySet, found: list[Change]) -> list[Change]:
    """All that was done together with what was found."""
    roots = {change.root_id for change in found}
    which = Q(root_id__in=[root for root in roots if root is not None])
    if None in roots:
        which |= Q(root_id=None)
    keys = {key_of(change) for change in found}
    whole = changes.filter(which, tx__in={change.tx for change in found})
    return [change for change in whole if key_of(change) in keys]


def with_people(changes: list[Change], reader: Reader, known: Iterable[Initiative] = ()) -> list[EventRow]:
    """The changes as events that a reader may be told, with their records (those not `known` are fetched) and the
    names of who made them."""
    return _told(changes, reader, known)[0]


def _told(
    changes: list[Change], reader: Reader, known: Iterable[Initiative], *, opens: bool = False
) -> tuple[list[EventRow], Eyes]:
    roots = {change.root_id for change in changes if change.root_id}
    records = {record.pk: record for record in known if record.pk in roots}
    pasts = pasts_of(records)
    if unknown := roots - records.keys():
        fetched = with_turns(Initiative.objects.all()).in_bulk(unknown)
        records |= fetched
        pasts |= {pk: Past.of(record) for pk, record in fetched.items()}
    eyes = Eyes(reader, pasts, opens=opens)
    events, names = tell(changes, {pk: record.stage for pk, record in records.items()}, eyes)
    rows = [
        EventRow(event, records.get(event.root_id or 0), names.person(event.actor_id)) for event in events
    ]
    return rows, eyes
