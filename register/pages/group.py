"""A working group's first page and its digests: they show what several capabilities know of it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from register.accounts.models import WorkingGroup
from register.core.clock import now, today
from register.digests.archive.finding import with_lines
from register.digests.making.notes import waiting_note
from register.digests.models import DigestSchedule, Edition
from register.digests.slots import next_slot
from register.groups.reading import decisions_of, meetings_to_come
from register.groups.remit import in_remit, remit_in_words
from register.groups.views.common import group_for, head
from register.groups.views.groups import people
from register.initiatives.marking import page_marking

LAST = 4
PER_PAGE = 25


@require_safe
def group_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/`: what the group is for, what it looks at, who is in it, when it meets and reads."""
    group, at = group_for(request, code), now()
    selection = in_remit(group, request.user, today())
    context = head(request, group, "group") | _digest(group, at)
    decisions = list(decisions_of(group, request.user)[:LAST])
    context |= {
        "remit_words": remit_in_words(group, selection if not selection.errors else None),
        "remit_count": selection.initiatives.order_by().count(),
        "remit_errors": selection.errors,
        "next_meeting": meetings_to_come(group, at=at).first(),
        "members": people(group),
        "decisions": decisions,
        "page_marking": page_marking(decision.initiative for decision in decisions),
        "editions": _editions(request, group)[:LAST],
    }
    return render(request, "pages/group/group.html", context)


@require_safe
def group_digest(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/digest/`: when the group's digest comes, and the editions there were."""
    group = group_for(request, code)
    page = Paginator(_editions(request, group), PER_PAGE).get_page(request.GET.get("page"))
    context = (
        head(request, group, "group")
        | _digest(group, now())
        | {"page": page, "found": with_lines(page.object_list)}
    )
    if context["may_manage"]:
        context["note"] = waiting_note(group)
    return render(request, "pages/group/digest.html", context)


def _editions(request: HttpRequest, group: WorkingGroup) -> Any:
    mine = Edition.objects.visible_to(request.user).built().filter(group=group)
    return mine.select_related("group").order_by("-ends_at")


def _digest(group: WorkingGroup, at: Any) -> dict[str, Any]:
    """The schedule, and when the next edition comes; nothing while it is off."""
    schedule = DigestSchedule.objects.filter(group=group).first()
    coming = schedule and schedule.is_on
    return {
        "schedule": schedule,
        "next_digest": next_slot(*schedule.timing, after=at) if coming else None,
    }
