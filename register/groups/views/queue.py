"""What a group is to look at."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from register.accounts.roles import Permission
from register.core.clock import now, today
from register.groups.models import ReviewFlag
from register.groups.queue import SHOWN, TITLES, queue
from register.groups.services import withdraw_flag
from register.groups.views.common import group_for, head
from register.initiatives.views.common import note_sensitive
from register.initiatives.vocabulary import Marking

PER_PAGE = 25
# A part has at most so many pages that can be asked for: further on there is nothing.
MOST_PAGES = 10_000


@dataclass(frozen=True)
class Pages:
    """Where one is in a part that has pages of its own."""

    code: str
    number: int
    of: int

    def _url(self, number: int) -> str:
        return f"?part={self.code}&page={number}" if 1 <= number <= self.of else ""

    @property
    def before(self) -> str:
        return self._url(self.number - 1)

    @property
    def after(self) -> str:
        return self._url(self.number + 1)


@require_safe
def queue_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/queue/`: the four parts; `?part=due&page=2` a further page of one."""
    group, on = group_for(request, code), today()
    only = request.GET.get("part", "")
    only = only if only in TITLES else ""
    asked = request.GET.get("page", "")
    number = min(int(asked), MOST_PAGES) if only and asked.isdecimal() and len(asked) < 9 else 1
    number = max(number, 1)
    found = queue(
        group,
        request.user,
        on=on,
        met_at=getattr(group, "last_met_at", None),
        only=only,
        offset=(number - 1) * PER_PAGE if only else 0,
        shown=PER_PAGE if only else SHOWN,
    )
    pages = None
    if only:
        [part] = found.parts
        pages = Pages(only, number, max(1, -(-part.total // PER_PAGE)))
        if number > pages.of:
            return redirect(f"{request.path}?part={only}&page={pages.of}")
    context = head(request, group, "group_queue") | {"queue": found, "pages": pages, "today": on}
    if found.is_sensitive:
        context["page_marking"] = Marking.OFFICIAL_SENSITIVE.label
    note_sensitive(request.user, (one.initiative for part in found.parts for one in part.queued))
    return render(request, "groups/queue.html", context)


@require_POST
def flag_withdraw(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The chair or the secretary says that the group need not look at it any longer."""
    group = group_for(request, code, Permission.DECIDE)
    flag = get_object_or_404(ReviewFlag.objects.visible_to(request.user).filter(group=group), pk=pk)
    withdraw_flag(by=request.user, flag=flag, at=now())
    messages.success(request, f"{flag.initiative.title} is no longer before the group.")
    return redirect(reverse("group_queue", args=[group.code]))
