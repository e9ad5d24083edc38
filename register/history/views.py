"""The history of a record, what changed lately, and what was deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from register.accounts.models import User
from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.core.clock import today
from register.history.events import fold
from register.history.models import Change
from register.history.querysets import ChangeQuerySet
from register.history.recent import EventRow, with_people
from register.initiatives.models import Initiative

ROWS = 240
MOST_EVENTS = 40


@require_safe
def initiative_history(request: HttpRequest, reference: str) -> HttpResponse:
    """`/initiatives/<ref>/history/`: everything done to a record, with what it was before and after."""
    initiative = Initiative.objects.by_reference(reference)
    if initiative is None or not has_permission(request.user, Permission.VIEW, initiative):
        raise Http404
    changes = Change.objects.of(initiative)
    events, older = _page(changes, request.GET.get("before", ""))
    context = {"initiative": initiative, "events": events, "older": older, "is_first": "before" not in request.GET}
    return render(request, "history/initiative.html", context)


@require_safe
def recent_changes(request: HttpRequest) -> HttpResponse:
    """`/history/`: what was done to the records the reader may see, by day."""
    changes = Change.objects.visible_to(request.user).exclude(root_id=None)
    events, older = _page(changes, request.GET.get("before", ""))
    days: dict[Any, list[EventRow]] = {}
    for row in events:
        days.setdefault(localtime(row.event.at).date(), []).append(row)
    context = {"days": list(days.items()), "older": older, "is_first": "before" not in request.GET}
    return render(request, "history/recent.html", context)


@require_safe
def deleted_list(request: HttpRequest) -> HttpResponse:
    """`/recently-deleted/`: what the reader may restore, with who deleted it and why."""
    records = list(Initiative.objects.restorable_by(request.user).order_by("-deleted_at")[:100])
    changes = (
        Change.objects.filter(
            table_name=Initiative._meta.db_table, root_id__in=[r.pk for r in records], after__has_key="deleted_at"
        )
        .exclude(before=None)
        .order_by("at", "pk")
    )
    last = {change.root_id: change for change in changes}
    people = User.objects.in_bulk({c.actor_id for c in last.values() if c.actor_id})
    rows = [(record, last.get(record.pk), _name(people, last.get(record.pk))) for record in records]
    return render(request, "history/deleted.html", {"rows": rows, "today": today()})


def _name(people: dict[int, User], change: Change | None) -> str:
    person = people.get(change.actor_id or 0) if change else None
    return person.get_full_name() if person else "the register"


def _page(changes: ChangeQuerySet, before: str) -> tuple[list[EventRow], str]:
    """Events older than a cursor, newest first, and the cursor of what is older still ("" for nothing).

    The cursor is the moment and number of the last row told. What one transaction did is never cut in two, unless
    it is longer than a page.
    """
    cursor = _read_cursor(before)
    if cursor is not None:
        at, pk = cursor
        changes = changes.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    found = list(changes[: ROWS + 1])
    if len(found) > ROWS:
        cut = found[-1].tx
        found = [row for row in found if row.tx != cut] or found[:ROWS]
        more = True
    else:
        more = False
    events = fold(found)
    if len(events) > MOST_EVENTS:
        kept = {(e.tx, e.root_id) for e in events[:MOST_EVENTS]}
        found = [row for row in found if (row.tx, row.root_id) in kept]
        events, more = events[:MOST_EVENTS], True
    last = found[-1] if found else None
    return with_people(events), f"{last.at.isoformat()}_{last.pk}" if more and last else ""


def _read_cursor(text: str) -> tuple[datetime, int] | None:
    at, _, pk = text.rpartition("_")
    try:
        moment = datetime.fromisoformat(at.replace(" ", "+"))
        return (moment, int(pk)) if moment.tzinfo else None
    except ValueError:
        return None
