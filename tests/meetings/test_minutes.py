"""The minutes: who was there, what was decided and asked, as each reader may see it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from register.core.tracking import origin
from register.groups.models import Meeting
from register.groups.services import draw_up_ask, mark_as_asked
from register.initiatives.services import raise_barrier
from tests.factories import TODAY, initiative, organisation, person
from tests.meetings.support import (
    address,
    decided,
    ended,
    group_that_meets,
    main_of,
    meeting_of,
    put_before,
    started,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 10:00")


@pytest.fixture
def group() -> Any:
    return group_that_meets()


@pytest.fixture
def meeting(group: Any) -> Meeting:
    return meeting_of(group, where="County Hall")


def minutes(client: Client, meeting: Meeting) -> str:
    answer = client.get(address(meeting, "minutes/"))
    assert answer.status_code == 200
    return main_of(answer)


def test_decisions_of_the_meeting_are_its_minutes_in_the_order_of_the_agenda(
    client: Client, group: Any, meeting: Meeting
) -> None:
    one, two, three = (put_before(group, initiative(name)) for name in ("One", "Two", "Three"))
    started(meeting)
    extra = decided(meeting, initiative("Not on the agenda"))
    decided(meeting, two, outcome="stop", reasons="It costs too much.", owner="Head of estates")
    decided(
        meeting,
        one,
        outcome="support_with_conditions",
        conditions="Share the cost.",
        next_review_on=TODAY.replace(year=2027),
    )
    ended(meeting, "Present: Ada and Bob\nApologies: Cy")
    client.force_login(person("group_member", group=group))
    html = minutes(client, meeting)
    places = [
        html.index(words) for words in ("1. <a", ">One<", "2. <a", ">Two<", "3. <a", ">Not on the agenda<")
    ]
    assert places == sorted(places)
    assert html.index("On the agenda, and not decided") < html.index(f">{three.title}<")
    for words in (
        "Present: Ada and Bob<br>Apologies: Cy",
        "Support with conditions",
        "Share the cost.",
        "It costs too much.",
        "Head of estates",
        "23 November 2027",
        "County Hall",
        extra.initiative.reference,
    ):
        assert words in html


def test_a_decision_that_was_corrected_shows_the_correction(
    client: Client, group: Any, meeting: Meeting, clock: Any
) -> None:
    started(meeting)
    record = initiative("Workshop")
    first = decided(meeting, record, reasons="It works.")
    ended(meeting)
    clock.set("2026-12-01 10:00")
    with origin("test"):
        from register.groups.services import record_decision

        record_decision(
            by=None,
            initiative=record,
            group=group,
            outcome="pause",
            reasons="The figures were wrong.",
            decided_on=TODAY.replace(month=12, day=1),
            on=TODAY.replace(month=12, day=1),
            corrects=first,
        )
    client.force_login(person("group_member", group=group))
    html = minutes(client, meeting)
    assert "It works." in html
    assert "(corrected since)" in html
    assert "on 1 December 2026: pause." in html
    assert "The figures were wrong." in html


def test_a_correction_made_at_the_meeting_says_what_it_corrects(
    client: Client, group: Any, meeting: Meeting
) -> None:
    started(meeting)
    record = initiative("Workshop")
    first = decided(meeting, record, reasons="It works.")
    decided(meeting, record, outcome="stop", reasons="It does not.", corrects=first)
    client.force_login(person("group_member", group=group))
    html = minutes(client, meeting)
    assert "what was decided on 23 November 2026: support." in html
    assert html.index("It works.") < html.index("It does not.")


def test_minutes_tell_nothing_of_what_a_reader_may_not_see(
    client: Client, group: Any, meeting: Meeting
) -> None:
    started(meeting)
    secret = initiative("Secret", audience="partners", marking="official_sensitive")
    decided(meeting, initiative("Open"))
    client.force_login(person("group_member", group=group))
    before = minutes(client, meeting)
    decided(meeting, secret, reasons="Secret reasons.")
    assert minutes(client, meeting) == before
    client.force_login(person("auditor"))
    html = minutes(client, meeting)
    assert "Secret reasons." in html
    assert "bl-pack--official_sensitive" in html


def test_asks_made_that_day_are_in_the_minutes_with_the_barriers_one_may_see(
    client: Client, group: Any, meeting: Meeting
) -> None:
    started(meeting)
    walls = []
    for title, fields in (("Open wall", {}), ("Secret wall", {"audience": "partners"})):
        with origin("test"):
            walls.append(
                raise_barrier(
                    by=None,
                    initiative=initiative(title, **fields),
                    raised_on=TODAY,
                    on=TODAY,
                    title=title,
                    category="legislation",
                    severity="high",
                    remover="government",
                )
            )
    for title, day in (("Change the law", TODAY), ("Asked before", TODAY.replace(day=1))):
        with origin("test"):
            ask = draw_up_ask(
                by=None,
                group=group,
                title=title,
                addressee=organisation("home-office"),
                what="One line in one act.",
                barriers=walls,
            )
            mark_as_asked(by=None, ask=ask, version=None, asked_on=day, on=TODAY)
    client.force_login(person("group_member", group=group))
    html = minutes(client, meeting)
    assert "Change the law" in html
    assert "Asked before" not in html
    assert "Open wall" in html
    assert "Secret" not in html


def test_minutes_of_a_meeting_that_is_on_say_so(client: Client, group: Any, meeting: Meeting) -> None:
    client.force_login(person("group_member", group=group))
    started(meeting)
    assert "still on" in minutes(client, meeting)
    ended(meeting)
    assert "still on" not in minutes(client, meeting)
