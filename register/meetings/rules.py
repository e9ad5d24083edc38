"""When a meeting may be started, which was the one before it, and how long it is taken to last."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.timezone import localdate, localtime

from register.groups.models import Meeting

# People sit down early; whoever starts sooner would freeze a paper that others are still working on.
EARLIEST = timedelta(hours=1)


def opens_at(meeting: Meeting) -> datetime:
    """From when it may be started: an hour before its time."""
    return meeting.starts_at - EARLIEST


def why_not_yet(meeting: Meeting, at: datetime) -> str:
    """Why it can't be started at a moment; "" when it can: from an hour before its time to the end of that day."""
    if meeting.began_at is not None:
        return "It has begun already."
    if at < opens_at(meeting):
        return f"It can be started from {localtime(opens_at(meeting)):%H:%M on %-d %B %Y}, an hour before its time."
    if localdate(at) > localdate(meeting.starts_at):
        return (
            "Its day is over, so it can’t be started any more: the pack would be of another day. Decisions made at it"
            " can still be recorded."
        )
    return ""


def met_before(meeting: Meeting) -> datetime | None:
    """When the group met before this meeting; None if it never did."""
    earlier = Meeting.objects.filter(group=meeting.group_id, starts_at__lt=meeting.starts_at)
    return earlier.order_by("-starts_at").values_list("starts_at", flat=True).first()
