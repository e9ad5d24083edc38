"""When a group meets, and arranging it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_safe

from register.accounts.roles import Permission
from register.core.clock import now
from register.groups.forms.meetings import MeetingForm
from register.groups.reading import meetings_held, meetings_to_come
from register.groups.services import arrange_meeting
from register.groups.views.common import group_for, head

MOST_HELD = 20


@require_safe
def meetings(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/meetings/`: to come, and held."""
    group, at = group_for(request, code), now()
    context = head(request, group, "group_meetings") | {
        "to_come": list(meetings_to_come(group, at=at)),
        "held": list(meetings_held(group, at=at)[:MOST_HELD]),
    }
    return render(request, "groups/meetings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_new(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/meetings/new/`: the secretary arranges one."""
    group = group_for(request, code, Permission.MANAGE_GROUP)
    form = MeetingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = arrange_meeting(by=request.user, group=group, **form.for_service())
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"Arranged for {localtime(meeting.starts_at):%-d %B %Y, %H:%M}.")
            return redirect("group_meetings", code=group.code)
    return render(request, "groups/meeting_new.html", head(request, group, "group_meetings") | {"form": form})
