"""What both forms of a letter say of a record and of a meeting, and the addresses in them."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from register.digests.reading.reading import Item
from register.groups.models import Meeting
from register.initiatives.vocabulary import Marking

INTO_CALENDAR = "Put the meeting into your calendar"


@cache
def address(name: str, *args: object) -> str:
    """Looking one up takes as long as writing a tenth of an email: each is looked up once."""
    return settings.SITE_URL + reverse(name, args=args)


def said_of(item: Item) -> str:
    """What is said after the record's name."""
    if item.is_sensitive:
        return f"({Marking.OFFICIAL_SENSITIVE.label}) {item.sentence}. Sign in to see what."
    return f"{item.sentence}." + (f" Why: {item.reason}" if item.reason else "")


def of_meeting(meeting: Meeting, zone: str) -> tuple[str, str, str]:
    """When, where, and its file for a calendar."""
    at = meeting.starts_at.astimezone(ZoneInfo(zone))
    calendar = reverse("group_meeting_calendar", args=[meeting.group.code, meeting.pk])
    where = f", {meeting.where}" if meeting.where else ""
    return f"{at:%A %-d %B %Y, %H:%M}", where, settings.SITE_URL + calendar
