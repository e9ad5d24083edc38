"""When a group meets: arranging it, moving it, calling it off."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_safe

from register.accounts.models import WorkingGroup
from register.accounts.roles import Permission
from register.core.clock import now
from register.core.errors import EditConflictError
from register.groups.forms.meetings import MeetingForm
from register.groups.models import Meeting
from register.groups.reading import meetings_held, meetings_to_come
from register.groups.services import arrange_meeting, cancel_meeting, change_meeting
from register.groups.views.common import group_for, head
from register.initiatives.conflicts import conflict_page
from register.initiatives.forms.progress import RemoveForm

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
            meeting = arrange_meeting(by=request.user, group=group, at=now(), **form.for_service())
        except ValidationError as error:
            form.refuse(error)
        else:
            when = f"{localtime(meeting.starts_at):%-d %B %Y, %H:%M}"
            messages.success(request, f"Arranged for {when}. {_heard_of(meeting)}")
            return redirect("group_meeting", code=group.code, pk=meeting.pk)
    context = head(request, group, "group_meetings") | {"form": form}
    return render(request, "groups/meeting_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/meetings/<id>/edit/`: the secretary moves one that nobody started, or changes its note."""
    group = group_for(request, code, Permission.MANAGE_GROUP)
    meeting = _not_begun(request, group, pk)
    form = MeetingForm(
        request.POST if request.method == "POST" else None, initial=MeetingForm.initial_of(meeting)
    )
    if form.is_bound and form.is_valid() and "find" not in request.POST:
        try:
            change_meeting(
                by=request.user,
                meeting=meeting,
                version=form.cleaned_data["version"],
                at=now(),
                **form.for_service(),
            )
        except EditConflictError as conflict:
            return conflict_page(
                request,
                form=form,
                theirs=MeetingForm.initial_of(conflict.current),
                version=conflict.current.version,
                back_url=reverse("group_meetings", args=[group.code]),
                back_label=group.name,
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, "The meeting is saved.")
            return redirect("group_meetings", code=group.code)
    context = head(request, group, "group_meetings") | {"form": form, "meeting": meeting}
    return render(request, "groups/meeting_edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_cancel(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/meetings/<id>/cancel/`: GET asks, POST calls it off."""
    group = group_for(request, code, Permission.MANAGE_GROUP)
    meeting = _not_begun(request, group, pk)
    form = RemoveForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            told = cancel_meeting(by=request.user, meeting=meeting, version=None, at=now(), reason=reason)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            when = f"{localtime(meeting.starts_at):%-d %B %Y, %H:%M}"
            messages.success(request, f"The meeting of {when} is cancelled. {_told(told)}")
            return redirect("group_meetings", code=group.code)
    is_to_come = meeting.starts_at > now()
    context = head(request, group, "group_meetings")
    context |= {"form": form, "meeting": meeting, "is_to_come": is_to_come}
    return render(request, "groups/meeting_cancel.html", context, status=422 if form.errors else 200)


def _heard_of(meeting: Meeting) -> str:
    """How members learn of it, which a secretary wants to know who has just arranged it."""
    if meeting.starts_at <= now():
        return ""
    return "Members see it on their pages and in the group’s next digest; nobody gets an email of its own."


def _told(members: int) -> str:
    if not members:
        return "Nobody is told by email."
    return f"An email tells {members:,} member{'' if members == 1 else 's'}."


def _not_begun(request: HttpRequest, group: WorkingGroup, pk: int) -> Meeting:
    """One of the group's meetings that nobody started and where nothing was decided.

    Who was typing when that came is told so, and loses nothing.
    """
    found = Meeting.objects.filter(group=group).select_related("group")
    if request.method != "POST":
        found = found.filter(began_at=None, decisions=None)
    return get_object_or_404(found, pk=pk)
