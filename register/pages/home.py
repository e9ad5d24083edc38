"""Home: what waits for you, your initiatives and groups, what happened since you were last here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Window
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from register.accounts.models import User, WorkingGroup
from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.catalogue.filters import list_url
from register.catalogue.tallies import Tallied
from register.core.clock import now, today
from register.digests.alarms import alarms, notices
from register.digests.models import DigestSchedule
from register.digests.slots import next_slot
from register.groups.models import Meeting
from register.history import sealing
from register.history.recent import recent_events
from register.initiatives.marking import page_marking
from register.initiatives.models import Initiative, InitiativePartner
from register.initiatives.querysets import InitiativeQuerySet
from register.initiatives.whole import gather
from register.pages.waiting import what_waits
from register.reference.models import Organisation

MOST_ROWS, MOST_EVENTS = 12, 6


@require_safe
def home_page(request: HttpRequest) -> HttpResponse:
    user, on, at = request.user, today(), now()
    mine, organisations = _mine(user), user.holdings.organisations
    shown = list(
        mine.annotate(of_all=Window(Count("pk"))).order_by("next_update_due", "-changed_at")[:MOST_ROWS]
    )
    gather(shown, ["partners"])
    waiting, waiting_count = what_waits(user, mine, on) if shown else ([], 0)
    groups = list(user.holdings.groups)
    events = (
        recent_events(user, limit=MOST_EVENTS, initiatives=_latest(user, on), known=shown) if shown else []
    )
    context = {
        "at": at,
        "today": on,
        "greeting": _greeting(at),
        "mine": [(row, _roles(row, organisations)) for row in shown],
        "mine_count": shown[0].of_all if shown else 0,
        "mine_url": _list_of(organisations) if shown else "",
        "waiting": waiting,
        "waiting_count": waiting_count,
        "groups": list(WorkingGroup.objects.filter(pk__in=groups)) if groups else [],
        "belongs": bool(organisations),
        "meetings": Meeting.objects.filter(group__in=groups, starts_at__gte=at)
        .select_related("group")
        .order_by("starts_at")[:3],
        "events": events,
        "page_marking": page_marking(shown, (item.initiative for item in waiting), events),
        "may_log": has_permission(user, Permission.LOG),
        "digest_next": _next_digest(groups, at),
        "alarms": [*alarms(now=at), *sealing.alarms(now=at), *notices(now=at)]
        if user.holdings.is_administrator
        else [],
    }
    return render(request, "pages/home.html", context)


def _greeting(at: datetime) -> str:
    hour = localtime(at).hour
    return "Good morning" if hour < 12 else "Good afternoon" if hour < 18 else "Good evening"


def _mine(user: User) -> InitiativeQuerySet:
    """The initiatives of the reader's organisations, and those they logged."""
    partners = InitiativePartner.objects.filter(organisation__in=list(user.holdings.organisations))
    seen = Initiative.objects.visible_to(user)
    return seen.filter(Q(created_by=user) | Q(pk__in=partners.values("initiative")))


def _latest(user: User, on: date) -> list[int]:
    """Those of them that changed last: what happened to these is the latest of all."""
    tallied = Tallied.now(on)
    mine = tallied.bits("author", str(user.pk)) | tallied.any_of("org", map(str, user.holdings.organisations))
    latest = tallied.column(["changed"], tallied.seen_by(user) & mine).largest(MOST_EVENTS)
    return [key for _, key in latest[:MOST_EVENTS]]


def _roles(row: Initiative, organisations: Collection[int]) -> str:
    found = [p.get_role_display().lower() for p in row.partners.all() if p.organisation_id in organisations]
    return ", ".join(dict.fromkeys(found)) or "logged by you"


def _list_of(organisations: Collection[int]) -> str:
    """All that one's organisations take part in, in the register; empty for who belongs to none."""
    rows = (
        Organisation.objects.filter(pk__in=organisations).order_by("code").values_list("code", "is_fictional")
    )
    codes = [code for code, _ in rows]
    example = {"example": ["with"]} if any(is_fictional for _, is_fictional in rows) else {}
    return list_url({"org": codes} | example) if codes else ""


def _next_digest(groups: list[int], at: datetime) -> Any:
    """The soonest next digest of the reader's groups: (when, group name), or None."""
    schedules = DigestSchedule.objects.filter(group__in=groups, is_on=True).select_related("group")
    slots = [(next_slot(*s.timing, after=at), s.group) for s in schedules]
    return min(slots, key=lambda slot: slot[0], default=None)
