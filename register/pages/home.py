"""Home: what waits for you, your initiatives, what happened since you were last here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.catalogue.filters import list_url
from register.core.clock import now, today
from register.digests.models import DigestSchedule
from register.digests.slots import next_slot
from register.groups.models import Decision, Meeting
from register.history.recent import recent_events
from register.initiatives.models import Agreement, Initiative, Milestone
from register.initiatives.vocabulary import Audience, Standing

SOON = timedelta(days=70)
MOST_WAITING = 8
MOST_ROWS = 12


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: by when, for which record, what is asked, and what to press."""

    due: date | None
    days: int
    initiative: Initiative
    text: str
    confirms: bool = False
    action: str = ""
    url: str = ""

    @property
    def is_late(self) -> bool:
        return self.days < 0


@require_safe
def home_page(request: HttpRequest) -> HttpResponse:
    user, on, at = request.user, today(), now()
    mine = list(
        _mine(user).order_by("next_update_due", "-changed_at").for_rows().prefetch_related("named_groups")
    )
    organisations = user.holdings.organisations
    waiting = sorted(
        _waiting(user, mine, on), key=lambda item: (item.due is None, item.due or on, item.initiative.pk)
    )
    groups = list(user.holdings.groups)
    context = {
        "at": at,
        "today": on,
        "greeting": _greeting(at),
        "mine": [(row, _roles(row, organisations)) for row in mine[:MOST_ROWS]],
        "mine_count": len(mine),
        "mine_url": _list_of(mine, user),
        "waiting": waiting[:MOST_WAITING],
        "waiting_count": len(waiting),
        "meetings": Meeting.objects.filter(group__in=groups, starts_at__gte=at)
        .select_related("group")
        .order_by("starts_at")[:3],
        "events": recent_events(user, limit=6, initiatives=[row.pk for row in mine], known=mine)
        if mine
        else [],
        "may_log": has_permission(user, Permission.LOG),
        "digest_next": _next_digest(groups, at),
    }
    return render(request, "pages/home.html", context)


def _greeting(at: Any) -> str:
    hour = localtime(at).hour
    return "Good morning" if hour < 12 else "Good afternoon" if hour < 18 else "Good evening"


def _mine(user: Any) -> Any:
    """The initiatives of the reader's organisations, and those they logged."""
    seen = Initiative.objects.visible_to(user)
    return seen.of_organisations(list(user.holdings.organisations)) | seen.filter(created_by=user)


def _roles(row: Initiative, organisations: Any) -> str:
    found = [p.get_role_display().lower() for p in row.partners.all() if p.organisation_id in organisations]
    return ", ".join(dict.fromkeys(found)) or "logged by you"


def _list_of(mine: list[Initiative], user: Any) -> str:
    codes = {
        p.organisation.code
        for row in mine
        for p in row.partners.all()
        if p.organisation_id in user.holdings.organisations
    }
    fictional = any(row.is_fictional for row in mine)
    return list_url({"org": sorted(codes)} | ({"example": ["with"]} if fictional else {})) if codes else ""


def _waiting(user: Any, mine: list[Initiative], on: date) -> list[Waiting]:
    editable = {i.pk: i for i in mine if has_permission(user, Permission.EDIT, i)}
    return [
        *_confirmations(list(editable.values()), on),
        *_drafts(list(editable.values())),
        *_questions(editable, on),
        *_papers(editable, on),
    ]


def _confirmations(editable: list[Initiative], on: date) -> list[Waiting]:
    return [
        Waiting(
            i.next_update_due,
            (i.next_update_due - on).days,
            i,
            f"Is this entry still current? It was last confirmed on {i.confirmed_on:%-d %B %Y}."
            if i.confirmed_on
            else "Is this entry still current? Nobody has confirmed it yet.",
            confirms=True,
        )
        for i in editable
        if i.standing == Standing.ACTIVE
        and i.next_update_due
        and i.next_update_due <= on + timedelta(days=14)
    ]


def _drafts(editable: list[Initiative]) -> list[Waiting]:
    return [
        Waiting(
            None,
            0,
            i,
            "This is a draft: only the lead organisation sees it.",
            action="Finish it",
            url=reverse("initiative_edit", args=[i.reference]),
        )
        for i in editable
        if i.audience == Audience.DRAFT
    ]


def _questions(editable: dict[int, Initiative], on: date) -> list[Waiting]:
    """Groups that asked for more information, where that was their last word."""
    latest: dict[tuple[int, int], Decision] = {}
    for decision in (
        Decision.objects.filter(initiative__in=editable).select_related("group").order_by("decided_on", "id")
    ):
        latest[decision.initiative_id, decision.group_id] = decision
    return [
        Waiting(
            d.next_review_on,
            (d.next_review_on - on).days if d.next_review_on else 0,
            editable[d.initiative_id],
            f"{d.group} asked for more information on {d.decided_on:%-d %B %Y}: {d.reasons}",
            action="Answer",
            url=reverse("initiative", args=[editable[d.initiative_id].reference]),
        )
        for d in latest.values()
        if d.outcome == Decision.Outcome.MORE_INFORMATION
    ]


def _papers(editable: dict[int, Initiative], on: date) -> list[Waiting]:
    agreements = Agreement.objects.filter(initiative__in=editable, review_on__lte=on + SOON).exclude(
        ends_on__lt=on
    )
    milestones = Milestone.objects.filter(initiative__in=editable, reached_on=None, due_on__lte=on + SOON)
    found = []
    for agreement in agreements:
        record = editable[agreement.initiative_id]
        found.append(
            Waiting(
                agreement.review_on,
                _days(agreement.review_on, on),
                record,
                f"Its agreement comes up for review: {agreement}.",
                action="Open the agreement",
                url=record.get_absolute_url() + "#agreements",
            )
        )
    for milestone in milestones:
        record = editable[milestone.initiative_id]
        found.append(
            Waiting(
                milestone.due_on,
                (milestone.due_on - on).days,
                record,
                f"Milestone: {milestone.what}.",
                action="Open the milestone",
                url=record.get_absolute_url() + "#milestones",
            )
        )
    return found


def _days(day: date | None, on: date) -> int:
    return (day - on).days if day else 0


def _next_digest(groups: list[int], at: Any) -> Any:
    """The soonest next digest of the reader's groups: (when, group name), or None."""
    schedules = DigestSchedule.objects.filter(group__in=groups, is_on=True).select_related("group")
    slots = [(next_slot(s.weekday, s.hour, s.zone, after=at), s.group) for s in schedules]
    return min(slots, key=lambda slot: slot[0], default=None)
