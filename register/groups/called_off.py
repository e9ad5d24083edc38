"""Telling the people of a working group that a meeting is called off: one email each, by the worker that sends letters.

They learnt of the meeting from their pages and digests, or put it into their calendars: each gets the file that takes
it out again.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localtime

from register.accounts.joining.letters import owe_notice, wrapped
from register.accounts.models import User
from register.groups.calendar import event
from register.groups.models import Meeting
from register.history.sayings.common import the

if TYPE_CHECKING:
    from register.accounts.models import WorkingGroup


def tell_that_it_is_off(meeting: Meeting, *, by: User | None, at: datetime, reason: str) -> int:
    """Owe everybody in the group an email, but for who called it off; how many. The meeting is still there."""
    group = meeting.group
    people = User.objects.in_group(group).order_by("pk")
    if by is not None:
        people = people.exclude(pk=by.pk)
    url = settings.SITE_URL + reverse("group_meetings", args=[group.code])
    host = urlsplit(settings.SITE_URL).hostname or "register"
    file = event(meeting, url=url, host=host, at=at, called_off=True)
    context = {
        "group": the(str(group)),
        "when": _in_words(meeting.starts_at),
        "where": meeting.where,
        "reason": reason,
        "next": _next(group, meeting, at),
        "url": url,
    }
    text = wrapped(render_to_string("groups/called_off_email.txt", context))
    subject = f"[OFFICIAL] Cancelled: {group}, {localtime(meeting.starts_at):%-d %B %Y}"
    for person in people:
        owe_notice(to=person.email, subject=subject, text=text, person=person, called_off=file)
    return len(people)


def _next(group: WorkingGroup, meeting: Meeting, at: datetime) -> str:
    others = Meeting.objects.filter(group=group, starts_at__gt=at).exclude(pk=meeting.pk)
    coming = others.order_by("starts_at").values_list("starts_at", flat=True).first()
    return _in_words(coming) if coming else ""


def _in_words(moment: datetime) -> str:
    return f"{localtime(moment):%A %-d %B %Y, %H:%M}"
