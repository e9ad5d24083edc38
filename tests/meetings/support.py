"""A group that meets today at ten, and what its meetings are tried with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from register.accounts.models import WorkingGroup
from register.core.clock import now
from register.core.tracking import origin, recorded
from register.groups.models import Decision, Meeting, ReviewFlag
from register.groups.services import arrange_meeting, record_decision
from register.initiatives.models import Initiative
from register.meetings.models import Pack
from register.meetings.services import end_meeting, start_meeting
from tests.dashboards.support import group_with
from tests.factories import TODAY
from tests.support.clock import LONDON

TEN = datetime(2026, 11, 23, 10, tzinfo=LONDON)


def group_that_meets(**parameters: list[str]) -> WorkingGroup:
    return group_with({"region": ["E12000004"]} | parameters, code="midlands", name="East Midlands group")


def meeting_of(group: WorkingGroup, starts_at: datetime = TEN, **fields: Any) -> Meeting:
    with origin("test"):
        return arrange_meeting(by=None, group=group, starts_at=starts_at, **fields)


def put_before(group: WorkingGroup, record: Initiative, why: str = "Please look at it.") -> Initiative:
    """Straight into the table: the door refuses what not everybody at the table may see, which may be so later."""
    with origin("test"), recorded(by=None):
        ReviewFlag.objects.create(initiative=record, group=group, why=why)
    return record


def started(meeting: Meeting) -> Pack:
    with origin("test"):
        return start_meeting(by=None, meeting=meeting, at=now())


def ended(meeting: Meeting, present: str = "Present: everybody") -> Meeting:
    with origin("test"):
        return end_meeting(by=None, meeting=meeting, at=now(), present=present)


def decided(meeting: Meeting, record: Initiative, **fields: Any) -> Decision:
    told = {"outcome": "support", "reasons": "It works.", "decided_on": TODAY} | fields
    with origin("test"):
        return record_decision(
            by=None, initiative=record, group=meeting.group, meeting=meeting, on=TODAY, **told
        )


def address(meeting: Meeting, part: str = "") -> str:
    return f"/groups/{meeting.group.code}/meetings/{meeting.pk}/{part}"


def main_of(answer: Any) -> str:
    """What a page shows, without its head, which has a new token in it every time, and its marking."""
    html = answer.content.decode()
    return html[html.index("<main") :]
