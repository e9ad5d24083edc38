"""What comes of it when nobody answers: the lead is told, every list says so, and an answer ends it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from register.accounts.models import RoleGrant, User
from register.accounts.services import grant_role, revoke_role
from register.digests.chasing.models import ChaseItem
from register.digests.posting.claiming import State
from register.initiatives.models import Initiative
from register.initiatives.services import (
    add_update,
    confirm_still_current,
    edit_initiative,
)
from tests.digests.chase_support import (
    DERBYSHIRE,
    TUESDAY,
    WEEK,
    ask,
    late,
    open_at,
    send_at,
    text_of,
)
from tests.digests.support import Sink
from tests.factories import organisation, person


def opened(user: User, address: str) -> str:
    """A page as this person sees it, signed in a moment ago."""
    client = Client()
    client.force_login(user)
    return client.get(address).content.decode()


def told(sink: Sink, user: User) -> list[Any]:
    """The emails that tell a lead."""
    return [message for message in sink.to(user) if "nobody answers" in message["Subject"]]


@pytest.fixture
def lead(recorded_clock: Any) -> User:
    return person("organisation_lead", at=DERBYSHIRE, name="Lee Lead")


def weeks(recorded_clock: Any, count: int, *, first: int = 0) -> None:
    for week in range(first, first + count):
        recorded_clock.set(TUESDAY + week * WEEK)
        ask(recorded_clock.now)


def test_two_unanswered_and_the_lead_is_told_once(
    owner: User, lead: User, sink: Sink, recorded_clock: Any
) -> None:
    record = late()
    late("Joined control room")
    weeks(recorded_clock, 2)
    assert told(sink, lead) == []
    weeks(recorded_clock, 1, first=2)
    [message] = told(sink, lead)
    said = text_of(message)
    assert message["Subject"] == "Blue light register: nobody answers for two records"
    assert "Shared workshop" in said
    assert "Joined control room" in said
    assert "Asked two times, last on 1 December 2026: Olu Owner." in said
    assert f"/initiatives/{record.reference}/" in said
    assert "We asked twice before: the organisation lead of Derbyshire" in text_of(sink.to(owner)[2])
    weeks(recorded_clock, 3, first=3)
    assert len(told(sink, lead)) == 1
    assert len(sink.to(owner)) == 6


def test_what_is_confirmed_before_it_is_sent_the_lead_is_not_told(
    owner: User, lead: User, sink: Sink, recorded_clock: Any
) -> None:
    record = late()
    weeks(recorded_clock, 2)
    recorded_clock.set(TUESDAY + 2 * WEEK)
    open_at(recorded_clock.now)
    confirm_still_current(by=owner, initiative=record, on=recorded_clock.now.date())
    assert send_at(recorded_clock.now) == {owner.pk: State.SKIPPED, lead.pk: State.SKIPPED}


def test_of_a_sensitive_record_the_lead_is_told_the_reference(
    owner: User, lead: User, sink: Sink, recorded_clock: Any
) -> None:
    record = late("Informants’ flat", audience="partners", marking="official_sensitive")
    weeks(recorded_clock, 3)
    [message] = told(sink, lead)
    assert "Informants" not in str(message)
    assert message["Subject"] == f"Blue light register: nobody answers for {record.reference}"
    assert record.reference in text_of(message)


def test_a_lead_who_is_none_any_more_is_not_told(
    owner: User, lead: User, sink: Sink, recorded_clock: Any
) -> None:
    late()
    weeks(recorded_clock, 2)
    open_at(TUESDAY + 2 * WEEK)
    revoke_role(by=None, grant=RoleGrant.objects.get(user=lead))
    grant_role(by=None, user=lead, role="contributor", organisation=organisation(DERBYSHIRE))
    send_at(TUESDAY + 2 * WEEK)
    assert told(sink, lead) == []


def test_a_lead_is_not_told_of_what_they_are_asked_about(lead: User, sink: Sink, recorded_clock: Any) -> None:
    late()
    weeks(recorded_clock, 4)
    assert (len(sink.to(lead)), told(sink, lead)) == (4, [])
    assert "We asked twice before: nobody answered. Without" in text_of(sink.to(lead)[2])


def test_what_could_not_be_sent_is_not_unanswered(
    owner: User, lead: User, sink: Sink, recorded_clock: Any
) -> None:
    late()
    sink.answers = ["550 no"] * 3
    weeks(recorded_clock, 4)
    assert (len(sink.to(owner)), told(sink, lead)) == (1, [])


def test_an_edit_or_an_update_is_an_answer(owner: User, lead: User, sink: Sink, recorded_clock: Any) -> None:
    edited, updated = late("Edited"), late("Updated")
    weeks(recorded_clock, 2)
    recorded_clock.advance(days=1)
    on = recorded_clock.now.date()
    edit_initiative(by=owner, initiative=edited, version=None, on=on, depth="co_location")
    add_update(by=owner, initiative=updated, text="On course.", confidence="green", noted_on=on, on=on)
    weeks(recorded_clock, 2, first=2)
    assert told(sink, lead) == []
    assert "Updated" not in text_of(sink.to(owner)[2])
    assert "Edited" in text_of(sink.to(owner)[2])


def test_three_unanswered_and_every_list_says_so_until_it_is_confirmed(
    owner: User, sink: Sink, recorded_clock: Any
) -> None:
    record = late()
    mark, reader = "Not confirmed since 1 April 2026", person("reader")
    lists = [
        "/initiatives/",
        "/initiatives/?q=workshop",
        "/initiatives/?as=table",
        f"/initiatives/{record.reference}/",
        f"/organisations/{DERBYSHIRE}/",
        "/places/derbyshire/",
    ]

    def marked() -> list[str]:
        return [address for address in lists if mark in opened(reader, address)]

    weeks(recorded_clock, 3)
    assert marked() == []
    version = Initiative.objects.get().version
    weeks(recorded_clock, 1, first=3)
    assert marked() == lists
    assert mark in opened(owner, "/")
    assert Initiative.objects.get().version == version
    recorded_clock.advance(days=1)
    confirm_still_current(by=owner, initiative=record, on=recorded_clock.now.date())
    assert marked() == []


def test_the_mark_does_not_come_back_when_it_is_late_again(
    owner: User, sink: Sink, recorded_clock: Any
) -> None:
    record = late()
    weeks(recorded_clock, 4)
    confirm_still_current(by=owner, initiative=record, on=recorded_clock.now.date())
    record.refresh_from_db()
    next_year = recorded_clock.now.date() + timedelta(weeks=30)
    assert record.days_late(next_year)
    assert not record.is_unanswered(next_year)
    weeks(recorded_clock, 1, first=34)
    assert ChaseItem.objects.latest("pk").asked_before == 0
