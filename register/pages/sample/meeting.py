"""The meeting that Exampleshire's group held in the week of the first digest: pack, two decisions, minutes.

It is told after the whole story and after the remit is set, so that the pack holds what there was on that day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.timezone import localdate

from register.accounts.models import User, WorkingGroup
from register.core.clock import database_clock
from register.core.tracking import origin
from register.groups.models import Meeting
from register.groups.reading import meetings_to_come
from register.groups.services import arrange_meeting, record_decision
from register.initiatives.models import Initiative
from register.meetings.models import AgendaItem, Pack
from register.meetings.services import end_meeting, set_agenda, start_meeting

# The Friday of the week before, after everything that the story tells of it.
BEGAN = timedelta(days=-7 + 4, hours=4)
PRESENT = (
    "Present: Amina Yusuf (chair), Sam Okafor, Priya Nair, Tom Ashby, David Lloyd (secretary)\n"
    "Apologies: Helen Marsh"
)
DECIDED = (
    (
        "Joint control room for Exampleshire",
        "more_information",
        "The business case names no one who pays for the shared incident log.",
        "Assistant chief officer, Exampleshire Police",
        8,
    ),
    (
        "Shared fleet workshop at Millbrook",
        "support",
        "It saves what was forecast, and the ambulance service asks to join.",
        "Head of fleet, Exampleshire Police",
        26,
    ),
)


def hold_meeting(week: datetime, people: dict[str, User], group: WorkingGroup) -> None:
    """Once: nothing if the group has held one with a pack already, or has no remit for it to be of."""
    if Pack.objects.filter(meeting__group=group).exists():
        return
    group = WorkingGroup.objects.select_related("remit__view").get(pk=group.pk)
    began, secretary = week + BEGAN, people["secretary"]
    with origin("sample"), database_clock(began):
        meeting = arrange_meeting(
            by=secretary, group=group, where="County Hall, room 2, and by video", starts_at=began
        )
        start_meeting(by=secretary, meeting=meeting, at=began)
        _decide(secretary, meeting)
        end_meeting(by=secretary, meeting=meeting, at=began + timedelta(minutes=70), present=PRESENT)
        _put_on_the_next(secretary, group, began)


def _put_on_the_next(secretary: User, group: WorkingGroup, at: datetime) -> None:
    """What the group said it would come back to is on the agenda of its next meeting."""
    coming = meetings_to_come(group, at=at).first()
    if coming:
        hub = Initiative.objects.get(title="Community safety hub, Market Street", is_fictional=True)
        set_agenda(by=secretary, meeting=coming, items=[(hub, AgendaItem.How.PUT_ON)])


def _decide(secretary: User, meeting: Meeting) -> None:
    day = localdate(meeting.starts_at)
    for title, outcome, reasons, owner, weeks in DECIDED:
        record_decision(
            by=secretary,
            initiative=Initiative.objects.get(title=title, is_fictional=True),
            group=meeting.group,
            meeting=meeting,
            outcome=outcome,
            reasons=reasons,
            owner=owner,
            decided_on=day,
            on=day,
            next_review_on=day + timedelta(weeks=weeks),
        )
