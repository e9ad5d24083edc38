"""A meeting that is called off is told to who would have come, once, and goes from their calendars."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from register.accounts.models import WorkingGroup
from register.accounts.services import grant_role
from register.groups.models import Meeting
from register.groups.services import arrange_meeting, cancel_meeting
from tests.factories import person, working_group
from tests.groups.support import do, somebody
from tests.support.mail import Sink, deliver

pytestmark = pytest.mark.django_db

THURSDAY = datetime(2027, 1, 14, 10, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 9, 14, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 09:14")


@pytest.fixture
def group() -> WorkingGroup:
    return working_group("eastern", name="Eastern group")


@pytest.fixture
def meeting(group: WorkingGroup) -> Meeting:
    made: Meeting = do(arrange_meeting, group=group, starts_at=THURSDAY, where="County Hall, room 2")
    return made


def test_everybody_in_the_group_but_who_called_it_off_gets_one_email(
    client: Client, group: WorkingGroup, meeting: Meeting, sink: Sink
) -> None:
    do(arrange_meeting, group=group, starts_at=THURSDAY.replace(month=3))
    secretary = somebody("secretary", group)
    member = somebody("group_member", group, email="mo@example.org")
    do(grant_role, user=member, role="chair", group=group)
    somebody("group_member", working_group("western"), email="elsewhere@example.org")
    client.force_login(secretary)
    url = f"/groups/eastern/meetings/{meeting.pk}/cancel/"
    assert "Each of them gets one email" in client.get(url).content.decode()
    answer = client.post(url, {"reason": "The hall is flooded."}, follow=True)
    assert "An email tells 1 member." in answer.content.decode()
    assert (deliver(), deliver()) == (1, 0)
    [message] = sink.received
    assert message["To"] == "mo@example.org"
    assert message["Subject"] == "[OFFICIAL] Cancelled: Eastern group, 14 January 2027"
    text = " ".join(message.get_body(("plain",)).get_content().split())
    for said in (
        "The meeting of the Eastern group on Thursday 14 January 2027, 10:00 (County Hall, room 2) is cancelled.",
        "The hall is flooded.",
        "The next meeting is on Sunday 14 March 2027, 10:00.",
        "http://localhost:8000/groups/eastern/meetings/",
    ):
        assert said in text


def test_the_file_takes_out_of_a_calendar_what_the_meetings_own_file_put_there(
    client: Client, group: WorkingGroup, meeting: Meeting, sink: Sink
) -> None:
    member = somebody("group_member", group)
    client.force_login(member)
    put = client.get(f"/groups/eastern/meetings/{meeting.pk}/meeting.ics").content.decode()
    do(cancel_meeting, meeting=meeting, version=None, at=NOW)
    deliver()
    [file] = list(sink.received[0].iter_attachments())
    assert (file.get_content_type(), file.get_param("method")) == ("text/calendar", "CANCEL")
    [uid] = [line for line in put.splitlines() if line.startswith("UID:")]
    lines = file.get_content().splitlines()
    assert {uid, "METHOD:CANCEL", "STATUS:CANCELLED"} <= set(lines)


def test_one_whose_time_has_passed_is_told_to_nobody(client: Client, group: WorkingGroup, sink: Sink) -> None:
    somebody("group_member", group)
    past = do(arrange_meeting, group=group, starts_at=datetime(2026, 11, 2, 10, tzinfo=UTC))
    client.force_login(somebody("secretary", group))
    url = f"/groups/eastern/meetings/{past.pk}/cancel/"
    assert "nobody is told by email" in client.get(url).content.decode()
    assert "Nobody is told by email." in client.post(url, {}, follow=True).content.decode()
    assert deliver() == 0
    assert not sink.received


def test_who_was_switched_off_or_never_belonged_gets_none(
    group: WorkingGroup, meeting: Meeting, sink: Sink
) -> None:
    gone = somebody("group_member", group)
    gone.is_active = False
    do(lambda *, by: gone.save())
    person("administrator")
    assert do(cancel_meeting, meeting=meeting, version=None, at=NOW) == 0
    assert deliver() == 0
