"""The history of a record, what changed lately, and what was deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from register.accounts.models import User
from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.history import filters
from register.history.filters import ChangeFilter
from register.history.ledger import WITHHELD
from register.history.lookup import Names
from register.history.models import Change
from register.history.querysets import OPEN_TABLES, ChangeQuerySet
from register.history.reading import Cursor, EventRow, page_of
from register.initiatives.marking import page_marking
from register.initiatives.models import Initiative
from register.initiatives.views.common import is_overseen, note_draft_opened, opened

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

PER_PAGE = 25
MOST_DELETED = 100
MOST_PEOPLE = 200


@require_safe
def initiative_history(request: HttpRequest, reference: str) -> HttpResponse:
    """`/initiatives/<ref>/history/`: everything done to a record, with what it was before and after.

    Of a deleted record for those who may restore it. Who keeps the record, and administrators and auditors, also see
    who opened it while it was a draft or sensitive.
    """
    initiative = opened(request.user, Initiative.objects.by_reference(reference))
    before = _cursor(request)
    with_notes = may_see_notes(request.user, initiative)
    changes = Change.ledger.of(initiative) if with_notes else Change.objects.of(initiative)
    asked = filters.of_record(request.GET, changes, with_notes=with_notes)
    among = changes if asked.in_use else None
    page = page_of(asked.changes, request.user, limit=PER_PAGE, before=before, among=among, opens=True)
    if page.looked_into_draft:
        note_draft_opened(request.user, initiative)
    rows = _as_asked(page.rows, asked)
    context = {
        "initiative": initiative,
        "was_sensitive": any(row.is_sensitive for row in rows),
        "was_closed": any(row.event.is_closed for row in rows),
        "events": rows,
        "who": people_of(changes),
        **_page_context(asked, page.older, before),
    }
    return render(request, "history/initiative.html", context, status=_status(asked))


def may_see_notes(user: User | AnonymousUser, initiative: Initiative) -> bool:
    """Whether somebody may know who opened a record."""
    return has_permission(user, Permission.AUDIT) or has_permission(user, Permission.EDIT, initiative)


@require_safe
def recent_changes(request: HttpRequest) -> HttpResponse:
    """`/history/`: what was done to the records, organisations and areas of work that the reader may see, by day.

    Tables that were loaded are no news. Accounts and roles are in the ledger, but not here.
    """
    before = _cursor(request)
    changes = Change.objects.visible_to(request.user).filter(
        Q(root_id__isnull=False) | (Q(table_name__in=OPEN_TABLES) & ~Q(source="command"))
    )
    asked = filters.of_register(request.GET, changes)
    among = changes if asked.in_use else None
    page = page_of(asked.changes, request.user, limit=PER_PAGE, before=before, among=among)
    rows = _as_asked(page.rows, asked)
    days: list[tuple[date, list[EventRow]]] = [
        (day, list(some)) for day, some in groupby(rows, key=lambda row: localtime(row.event.at).date())
    ]
    context = {
        "days": days,
        "page_marking": page_marking(rows),
        "may_search": has_permission(request.user, Permission.AUDIT),
        **_page_context(asked, page.older, before),
    }
    return render(request, "history/recent.html", context, status=_status(asked))


@dataclass(frozen=True)
class Deleted:
    """A deleted record, and what the ledger says of its deletion."""

    initiative: Initiative
    title: str
    who: str
    at: datetime
    why: str


@require_safe
def deleted_list(request: HttpRequest) -> HttpResponse:
    """`/recently-deleted/`: what the reader may restore, with who deleted it, when and why."""
    records = list(
        Initiative.objects.restorable_by(request.user).order_by("-deleted_at", "-id")[:MOST_DELETED]
    )
    told = Change.objects.filter(
        table_name=Initiative._meta.db_table,
        object_id__in=[record.pk for record in records],
        operation=Change.Operation.CHANGED,
        after__has_key="deleted_at",
    )
    last = {change.object_id: change for change in told.order_by("id")}
    names = Names({"person": {change.actor_id for change in last.values() if change.actor_id}})
    context = {
        "rows": [_deleted(record, last.get(record.pk), names, request.user) for record in records],
        "page_marking": page_marking(records),
    }
    return render(request, "history/deleted.html", context)


def _deleted(record: Initiative, change: Change | None, names: Names, user: Any) -> Deleted:
    """Of another's draft not even the title, nor why: they are read where reading them is recorded."""
    is_others = is_overseen(user, record)
    at = change.at if change else record.deleted_at
    assert at is not None  # it is deleted
    why = change.reason if change else ""
    return Deleted(
        record,
        "A draft" if is_others else record.title,
        names.person(change.actor_id if change else None),
        at,
        WITHHELD if is_others and why else why,
    )


def _as_asked(rows: list[EventRow], asked: ChangeFilter) -> list[EventRow]:
    """Of what is not told whole, not even of what kind it was: who asks for one kind is not shown it."""
    return [row for row in rows if not (row.event.is_closed and "kind" in asked.in_use)]


def people_of(changes: ChangeQuerySet) -> list[str]:
    """The names of those who did something among these changes, to choose from."""
    actors = changes.exclude(actor_id=None).order_by("actor_id").values_list("actor_id", flat=True).distinct()
    return sorted(person.get_full_name() for person in User.objects.filter(pk__in=actors[:MOST_PEOPLE]))


def _page_context(asked: ChangeFilter, older: Cursor | None, before: Cursor | None) -> dict[str, Any]:
    return {
        "asked": asked.form,
        "query": urlencode(asked.in_use),
        "older": older,
        "is_first": before is None,
    }


def _status(asked: ChangeFilter) -> int:
    return 200 if asked.form.is_valid() else 400


def _cursor(request: HttpRequest) -> Cursor | None:
    """Where the page begins; 404 for an address that nobody was given."""
    told = request.GET.get("before")
    if not told:
        return None
    cursor = Cursor.read(told)
    if cursor is None:
        raise Http404
    return cursor
