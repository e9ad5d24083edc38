"""A digest that is an hour late, or an email that does not go out, is seen by somebody who can do something."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from register.catalogue.services import follow_initiative
from register.core.tracking import origin
from register.digests.alarms import alarms
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery, Edition
from register.digests.sending.delivery import deliver
from tests.digests.support import MONDAY, Sink, Team
from tests.factories import initiative, person

IN_TIME, LATE = MONDAY + timedelta(minutes=59), MONDAY + timedelta(minutes=61)


def test_a_slot_that_passed_an_hour_ago_without_an_edition_is_told(team: Team) -> None:
    initiative()
    assert alarms(now=IN_TIME) == []
    assert alarms(now=LATE) == [
        "The digest of Peak group was due at 07:00 on 23 November 2026 and has not been made."
    ]
    open_due_editions(now=LATE)
    build_open_editions(now=LATE)
    assert not [alarm for alarm in alarms(now=LATE) if "has not been made" in alarm]


def test_what_people_follow_is_told_of_too(team: Team) -> None:
    reader = person("reader")
    with origin("test"):
        follow_initiative(by=reader, initiative=initiative())
    open_due_editions(now=MONDAY, groups=[team.group])
    build_open_editions(now=MONDAY)
    Delivery.objects.all().delete()
    assert alarms(now=IN_TIME) == []
    assert any("what people follow" in alarm for alarm in alarms(now=LATE))
    open_due_editions(now=MONDAY)
    assert not any("what people follow" in alarm for alarm in alarms(now=LATE))


def test_an_edition_that_cannot_be_built_and_email_that_does_not_go_out_are_told(
    team: Team, committed: Any, sink: Sink
) -> None:
    initiative()
    committed.set(MONDAY)
    open_due_editions(now=MONDAY)
    assert alarms(now=LATE) == ["1 edition could not be built; the worker’s log says why."]
    build_open_editions(now=MONDAY)
    [waits] = alarms(now=LATE)
    assert waits.startswith("1 digest made more than an hour ago did not go out yet")
    deliver(Delivery.objects.values_list("pk", flat=True), clock=lambda: MONDAY)
    assert alarms(now=LATE) == []
    assert Edition.objects.count() == 1


@pytest.mark.parametrize(("role", "sees"), [("administrator", True), ("group_member", False)])
def test_administrators_see_it_at_home_and_machines_at_the_health_page(
    team: Team, committed: Any, client: Client, role: str, sees: bool
) -> None:
    committed.set(LATE)
    client.force_login(person(role, group=team.group if role == "group_member" else None))
    assert ("has not been made" in client.get("/").content.decode()) is sees
    answer = client.get("/health/").json()
    assert (answer["status"], answer["digests"]) == ("degraded", "late")
