"""A meeting's page, its agenda, its pack, its minutes and its place in a calendar."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from register.accounts.models import WorkingGroup
from register.accounts.permissions import Table
from register.accounts.roles import Permission
from register.core.clock import now, today
from register.groups.calendar import event
from register.groups.models import Decision, Meeting
from register.groups.remit import offered
from register.groups.views.common import group_for, head
from register.initiatives.marking import page_marking
from register.initiatives.models import Barrier
from register.initiatives.views.common import note_sensitive, note_sensitive_keys
from register.meetings.agenda import agenda_of, state_of
from register.meetings.content import agenda_content
from register.meetings.forms import AgendaForm, PresentForm
from register.meetings.reading import agenda_in_pack, decided_at, marking_of, minutes_of, paper_of
from register.meetings.redacting import sensitive_in
from register.meetings.rules import opens_at, why_not_yet
from register.meetings.services import correct_present, end_meeting, set_agenda, start_meeting

STOP_POLLING = 286  # htmx asks no more after this answer
NOTHING_NEW = 204  # htmx leaves the page as it is, so that nothing is read out


def _meeting(
    request: HttpRequest, code: str, pk: int, permission: Permission = Permission.VIEW_GROUP
) -> tuple[WorkingGroup, Meeting]:
    """The group, if the person may be there, and the meeting with that group on it: two queries."""
    group = group_for(request, code, permission)
    meeting = get_object_or_404(Meeting, pk=pk, group=group)
    meeting.group = group
    return group, meeting


@require_safe
def meeting_page(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/meetings/<pk>/`: when and where, what is on the agenda, and what was decided so far."""
    group, meeting = _meeting(request, code, pk)
    at = now()
    decided = _decided(request, group, meeting)
    if meeting.began_at is None:
        agenda = agenda_content(agenda_of(meeting, group, on=localdate(at)))
    else:
        agenda = agenda_in_pack(meeting, request.user)
    outcomes: dict[int, Any] = {}
    for decision in decided["decisions"]:
        outcomes[decision.initiative_id] = decision
    context = head(request, group, "group_meetings") | decided
    context |= {
        "agenda": [(line, outcomes.get(line["initiative"])) for line in agenda["agenda"]],
        "more": agenda["more"],
        "taken_out": agenda.get("taken_out", 0),
        "why_not_yet": why_not_yet(meeting, at),
        "opens_at": opens_at(meeting),
        "is_over": localdate(at) > localdate(meeting.starts_at),
        "page_marking": marking_of(agenda["agenda"], decided["decisions"]).label,
    }
    _note_shown(request, agenda, decided["decisions"])
    return render(request, "meetings/meeting.html", context)


@require_safe
def meeting_decided(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/meetings/<pk>/decided/`: what a page that is watching asks for every few seconds."""
    group, meeting = _meeting(request, code, pk)
    context = _decided(request, group, meeting)
    if request.GET.get("seen") == context["state"]:
        return HttpResponse(status=NOTHING_NEW)
    context |= {"group": group, "told": True}
    _note_shown(request, {}, context["decisions"])
    status = 200 if meeting.is_on else STOP_POLLING
    return render(request, "meetings/_decided.html", context, status=status)


def _note_shown(request: HttpRequest, content: Any, hanging: Iterable[Decision | Barrier] = ()) -> None:
    """That the reader was shown what a paper, decisions or barriers say of sensitive records."""
    keys = {row.initiative_id for row in hanging if row.initiative.is_sensitive}
    note_sensitive_keys(request.user, keys | sensitive_in(content))


def _decided(request: HttpRequest, group: WorkingGroup, meeting: Meeting) -> dict[str, Any]:
    decisions = decided_at(meeting, group, request.user)
    last = decisions[-1].pk if decisions else 0
    state = f"{len(decisions)}-{last}-{'on' if meeting.is_on else 'off'}"
    return {"meeting": meeting, "decisions": decisions, "state": state}


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_agenda(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/meetings/<pk>/agenda/`: the secretary trims and orders it before the meeting begins."""
    group, meeting = _meeting(request, code, pk, Permission.MANAGE_GROUP)
    if meeting.began_at is not None:
        messages.warning(request, "The meeting has begun. Its agenda stands as it is in the pack.")
        return _to_meeting(group, meeting)
    state = state_of(meeting)
    agenda = agenda_of(meeting, group, on=today())
    posted = request.POST if request.method == "POST" else None
    table = Table.of(group)
    form = AgendaForm(posted, lines=agenda.lines, table=table, state=state)
    if form.is_valid():
        try:
            set_agenda(by=request.user, meeting=meeting, **form.for_service())
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, "The agenda is saved.")
            return _to_meeting(group, meeting)
    if form.is_bound:
        form.take_up_new_lines()
    context = head(request, group, "group_meetings") | {"meeting": meeting, "form": form, "more": agenda.more}
    context |= {"offered": offered(group, table, today())}
    context["page_marking"] = page_marking(line.initiative for line in form.lines)
    note_sensitive(request.user, (line.initiative for line in form.lines))
    return render(request, "meetings/agenda.html", context, status=422 if form.errors else 200)


@require_POST
def meeting_start(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/meetings/<pk>/start/`: the secretary starts it, and the pack is frozen."""
    group, meeting = _meeting(request, code, pk, Permission.MANAGE_GROUP)
    try:
        start_meeting(by=request.user, meeting=meeting, at=now())
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, "The meeting has begun. Its pack is kept as it is now.")
    return _to_meeting(group, meeting)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_end(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/meetings/<pk>/end/`: who was there; the same page puts that right afterwards."""
    group, meeting = _meeting(request, code, pk, Permission.MANAGE_GROUP)
    if meeting.began_at is None:
        messages.warning(request, "The meeting has not begun, so it can’t be ended.")
        return _to_meeting(group, meeting)
    form = PresentForm(request.POST or None, initial={"present": meeting.present})
    if request.method == "POST" and form.is_valid():
        try:
            if meeting.is_on:
                end_meeting(by=request.user, meeting=meeting, at=now(), **form.for_service())
            else:
                correct_present(by=request.user, meeting=meeting, **form.for_service())
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, "The minutes are written.")
            return redirect("group_meeting_minutes", code=group.code, pk=meeting.pk)
    context = head(request, group, "group_meetings") | {"meeting": meeting, "form": form}
    return render(request, "meetings/end.html", context, status=422 if form.errors else 200)


@require_safe
def meeting_pack(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/meetings/<pk>/pack/`: everything the meeting needs on paper."""
    group, meeting = _meeting(request, code, pk)
    paper = paper_of(meeting, group, request.user, at=now())
    context = head(request, group, "group_meetings") | {
        "meeting": meeting,
        "paper": paper,
        "pack": paper.content,
        "outcomes": Decision.Outcome.labels,
        "page_marking": paper.marking.label,
    }
    _note_shown(request, paper.content)
    return render(request, "meetings/pack.html", context)


@require_safe
def meeting_minutes(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/meetings/<pk>/minutes/`: who was there, what was decided and asked."""
    group, meeting = _meeting(request, code, pk)
    minutes = minutes_of(meeting, group, request.user)
    context = head(request, group, "group_meetings") | {
        "meeting": meeting,
        "minutes": minutes,
        "page_marking": minutes.marking.label,
    }
    barriers = [barrier for _, those in minutes.asks for barrier in those]
    _note_shown(request, list(minutes.undecided), [*minutes.decisions, *barriers])
    return render(request, "meetings/minutes.html", context)


@require_safe
def meeting_calendar(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/meetings/<pk>/meeting.ics`: the meeting for one's own calendar."""
    group, meeting = _meeting(request, code, pk)
    url = settings.SITE_URL + reverse("group_meeting", args=[group.code, meeting.pk])
    text = event(meeting, url=url, host=urlsplit(settings.SITE_URL).hostname or "register", at=now())
    name = f"{group.code}-{localdate(meeting.starts_at):%Y-%m-%d}.ics"
    return HttpResponse(
        text,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _to_meeting(group: WorkingGroup, meeting: Meeting) -> HttpResponse:
    return redirect("group_meeting", code=group.code, pk=meeting.pk)
