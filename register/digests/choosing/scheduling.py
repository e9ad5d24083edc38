"""When a group's digest goes out: set by its secretary, who sees the next three before saving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from register.accounts.roles import Permission
from register.core.clock import now, today
from register.core.errors import EditConflictError
from register.digests.choosing.forms import ScheduleForm
from register.digests.choosing.schedules import set_schedule
from register.digests.models import WEEKDAYS, DigestSchedule
from register.digests.slots import Timing, next_slots
from register.groups.views.common import group_for, head
from register.initiatives.conflicts import conflict_page

NEXT = 3


@dataclass(frozen=True)
class Slot:
    """One digest to come, by the clock on the wall of its zone."""

    at: datetime
    moved_from: str  # the weekday it would have come on but for a bank holiday


@require_http_methods(["GET", "HEAD", "POST"])
def digest_schedule(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/digest/schedule/?weekday=…`: a GET shows when digests would come; POST saves it."""
    group = group_for(request, code, Permission.MANAGE_GROUP)
    user: Any = request.user
    schedule = DigestSchedule.objects.filter(group=group).first()
    saved = ScheduleForm.initial_of(schedule)
    told = request.POST if request.method == "POST" else request.GET
    form = ScheduleForm(told if "weekday" in told else None, initial=saved, on=today())
    if request.method == "POST" and form.is_valid() and "find" not in request.POST:
        fields = form.for_service()
        try:
            set_schedule(by=user, group=group, at=now(), version=form.cleaned_data["version"], **fields)
        except EditConflictError as conflict:
            return conflict_page(
                request,
                form=form,
                theirs=ScheduleForm.initial_of(conflict.current),
                version=conflict.current.version,
                back_url=reverse("group_digest", args=[group.code]),
                back_label=group.name,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "The digest’s schedule is saved.")
            return redirect("group_digest", code=group.code)
    looked = form.for_service() if form.is_bound and form.is_valid() else None
    context = head(request, group, "group") | {
        "form": form,
        "looked": looked,
        "slots": slots_of(looked, after=now()) if looked and looked["is_on"] else [],
        "version": form["version"].value() or (schedule.version if schedule else ""),
    }
    return render(request, "digests/schedule.html", context, status=422 if form.errors else 200)


def slots_of(told: dict[str, Any], *, after: datetime) -> list[Slot]:
    """The next digests of a schedule, in its own zone."""
    zone, weekday = ZoneInfo(told["zone"]), told["weekday"]
    timing = Timing(weekday, told["hour"], told["zone"], told["rhythm"], told["turn"])
    found = next_slots(*timing, after=after, count=NEXT)
    return [
        # Without its zone, or a template would tell it by London's clocks.
        Slot(at.replace(tzinfo=None), "" if at.weekday() == weekday else dict(WEEKDAYS)[weekday])
        for at in (slot.astimezone(zone) for slot in found)
    ]
