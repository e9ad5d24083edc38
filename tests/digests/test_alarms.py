"""A digest that is an hour late, or an email that does not go out, is seen by somebody who can do something."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from register.catalogue.services import follow_initiative
from register.core.tracking import origin
from register.digests.alarms import alarms
from register.digests.chasing.models import ChaseRound
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery, Edition
from register.digests.sending.delivery import deliver
from tests.digests.chase_support import TUESDAY, WEEK
from tests.digests.support import MONDAY, NEXT_MONDAY, Sink, Team
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


def test_an_asking_that_was_missed_is_told_where_there_were_askings_before(team: Team) -> None:
    asked = TUESDAY - WEEK
    assert alarms(now=TUESDAY - timedelta(days=1, hours=3)) == []
    ChaseRound.objects.create(week=date(2026, 11, 16), opened_at=asked)
    missed = "The owners of records past their update date were to be asked, and have not been."
    assert missed not in alarms(now=TUESDAY + timedelta(minutes=59))
    assert missed in alarms(now=TUESDAY + timedelta(minutes=61))
    ChaseRound.objects.create(week=date(2026, 11, 23), opened_at=TUESDAY + timedelta(hours=2))
    assert missed not in alarms(now=TUESDAY + timedelta(hours=3))


def test_what_was_given_up_is_a_number_for_a_week_and_no_failure_of_health(
    team: Team, committed: Any, client: Client, sink: Sink
) -> None:
    initiative()
    committed.set(MONDAY)
    open_due_editions(now=MONDAY)
    build_open_editions(now=MONDAY)
    sink.answers = ["550 no such person"]
    deliver(Delivery.objects.values_list("pk", flat=True), clock=lambda: MONDAY)
    administrator = person("administrator")
    for at, number in ((MONDAY, 1), (MONDAY + timedelta(days=6), 1), (MONDAY + timedelta(days=8), 0)):
        committed.set(at)
        client.force_login(administrator)
        answer = client.get("/health/").json()
        assert answer["given_up_in_seven_days"] == number
        assert ("1 email was given up" in client.get("/").content.decode()) is bool(number)
        if at < NEXT_MONDAY:
            assert answer["digests"] == "ok"
