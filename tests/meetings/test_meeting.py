"""A meeting's page: who may be there, its agenda, starting and ending it, and watching it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from register.core.clock import now
from register.core.tracking import origin
from register.groups.models import Meeting
from register.meetings.models import AgendaItem, Pack
from register.meetings.services import end_meeting, set_agenda, start_meeting
from tests.factories import initiative, person, working_group
from tests.meetings.support import (
    TEN,
    address,
    decided,
    ended,
    group_that_meets,
    meeting_of,
    put_before,
    started,
)

pytestmark = pytest.mark.django_db

READING = ("", "decided/", "pack/", "minutes/", "meeting.ics")
How = AgendaItem.How


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 09:30")


@pytest.fixture
def group() -> Any:
    return group_that_meets()


@pytest.fixture
def meeting(group: Any) -> Meeting:
    return meeting_of(group)


def page(client: Client, meeting: Meeting, part: str = "") -> str:
    answer = client.get(address(meeting, part))
    assert answer.status_code in (200, 286)
    return answer.content.decode()


def titles(html: str) -> list[str]:
    return re.findall(r'bl-h3">\d+\. <a class="bl-link" href="[^"]*">([^<]*)', html)


# Who may


@pytest.mark.parametrize("part", READING)
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("group_member", 200),
        ("chair", 200),
        ("administrator", 200),
        ("auditor", 200),
        ("reader", 403),
        ("other", 403),
        (None, 403),
    ],
)
def test_a_meeting_is_for_the_people_of_its_group_and_those_who_answer_for_the_register(
    client: Client, group: Any, meeting: Meeting, part: str, role: str | None, status: int
) -> None:
    started(meeting)
    in_group = role in ("group_member", "chair")
    mine = working_group() if role == "other" else group if in_group else None
    client.force_login(person("group_member" if role == "other" else role, group=mine))
    assert client.get(address(meeting, part)).status_code == status


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("secretary", True),
        ("administrator", True),
        ("chair", False),
        ("group_member", False),
        ("auditor", False),
    ],
)
def test_the_secretary_starts_and_ends_a_meeting_and_orders_its_agenda(
    client: Client, group: Any, meeting: Meeting, role: str, may: bool
) -> None:
    in_group = role in ("secretary", "chair", "group_member")
    client.force_login(person(role, group=group if in_group else None))
    assert client.get(address(meeting, "agenda/")).status_code == (200 if may else 403)
    assert client.post(address(meeting, "agenda/"), {}).status_code == (302 if may else 403)
    assert client.post(address(meeting, "start/")).status_code == (302 if may else 403)
    assert Pack.objects.exists() == may
    if not may:
        started(meeting)
    assert client.get(address(meeting, "end/")).status_code == (200 if may else 403)
    assert client.post(address(meeting, "end/"), {"present": "All"}).status_code == (302 if may else 403)
    assert Meeting.objects.get().is_on != may


def test_a_meeting_is_found_under_its_own_group_only(client: Client, meeting: Meeting) -> None:
    other = working_group("western")
    client.force_login(person("group_member", group=other))
    for part in READING:
        assert client.get(f"/groups/western/meetings/{meeting.pk}/{part}").status_code == 404


def test_opening_a_page_starts_nothing(client: Client, group: Any, meeting: Meeting) -> None:
    client.force_login(person("secretary", group=group))
    assert client.get(address(meeting, "start/")).status_code == 405
    for part in (*READING, "agenda/", "end/"):
        client.get(address(meeting, part))
    assert not Pack.objects.exists()
    assert Meeting.objects.get().began_at is None


# When


@pytest.mark.parametrize(
    ("at", "may"),
    [
        ("2026-11-22 10:00", False),
        ("2026-11-23 08:59", False),
        ("2026-11-23 09:00", True),
        ("2026-11-23 23:59", True),
        ("2026-11-24 00:00", False),
    ],
)
def test_a_meeting_starts_from_an_hour_before_its_time_to_the_end_of_its_day(
    client: Client, group: Any, meeting: Meeting, clock: Any, at: str, may: bool
) -> None:
    clock.set(at)
    client.force_login(person("secretary", group=group))
    assert ("Start the meeting" in page(client, meeting)) == may
    answer = client.post(address(meeting, "start/"), follow=True).content.decode()
    assert Pack.objects.exists() == may
    assert ("The meeting has begun." in answer) == may


def test_a_meeting_begins_once_and_ends_once(meeting: Meeting) -> None:
    started(meeting)
    with origin("test"), pytest.raises(ValidationError, match="begun already"):
        start_meeting(by=None, meeting=meeting, at=now())
    ended(meeting)
    with origin("test"), pytest.raises(ValidationError, match="not on"):
        end_meeting(by=None, meeting=meeting, at=now(), present="Again")


def test_who_was_present_is_kept_and_can_be_put_right(client: Client, group: Any, meeting: Meeting) -> None:
    started(meeting)
    client.force_login(person("secretary", group=group))
    refused = client.post(address(meeting, "end/"), {"present": " "}).content.decode()
    assert "Write down who was present" in refused
    assert Meeting.objects.get().is_on
    client.post(address(meeting, "end/"), {"present": "Ada, Bob"})
    client.post(address(meeting, "end/"), {"present": "Ada, Bob and Cy"})
    assert Meeting.objects.get().present == "Ada, Bob and Cy"
    assert "Ada, Bob and Cy" in page(client, meeting, "minutes/")


def test_a_meeting_started_early_is_held_and_can_be_decided_at(
    client: Client, group: Any, meeting: Meeting
) -> None:
    started(meeting)
    client.force_login(person("chair", group=group))
    record = initiative()
    told = {"initiative": record.reference, "outcome": "support", "reasons": "Yes.", "meeting": meeting.pk}
    form = client.get(f"/groups/midlands/decisions/new/?initiative={record.reference}&meeting={meeting.pk}")
    assert f'<option value="{meeting.pk}" selected>' in form.content.decode()
    answer = client.post("/groups/midlands/decisions/new/", told | {"decided_on": "23 November 2026"})
    assert answer.status_code == 302
    assert meeting.decisions.count() == 1


# The agenda


def test_the_agenda_is_what_the_queue_holds_for_everybody_at_the_table(
    client: Client, group: Any, meeting: Meeting
) -> None:
    put_before(group, initiative("Shown"), "Is it worth it?")
    put_before(group, initiative("Secret", audience="partners"), "Secret reasons.")
    # Who may see it elsewhere is shown no more here than the others at the table.
    partner = person("contributor", at="derbyshire-police")
    from register.accounts.services import grant_role

    with origin("test"):
        grant_role(by=None, user=partner, role="group_member", group=group)
    client.force_login(partner)
    for part in ("", "pack/"):
        html = page(client, meeting, part)
        assert "Is it worth it?" in html
        assert "Secret" not in html


def test_the_secretary_trims_and_orders_the_agenda(client: Client, group: Any, meeting: Meeting) -> None:
    first, second, third = (put_before(group, initiative(name)) for name in ("One", "Two", "Three"))
    extra = initiative("Extra")
    client.force_login(person("secretary", group=group))
    assert titles(page(client, meeting)) == ["One", "Two", "Three"]
    told = {f"place_{first.pk}": "3", f"place_{second.pk}": "2", f"place_{third.pk}": "1"}
    told |= {f"on_{first.pk}": "on", f"on_{third.pk}": "on", "add": extra.reference}
    assert client.post(address(meeting, "agenda/"), told).status_code == 302
    assert titles(page(client, meeting)) == ["Three", "One", "Extra"]
    # What is put before the group afterwards comes last; what leaves the queue goes.
    put_before(group, initiative("Late"))
    decided(meeting, first)
    assert titles(page(client, meeting)) == ["Three", "Extra", "Late"]


def test_what_came_into_the_queue_while_the_form_was_open_is_not_left_off(
    client: Client, group: Any, meeting: Meeting
) -> None:
    first = put_before(group, initiative("One"))
    client.force_login(person("secretary", group=group))
    put_before(group, initiative("Two"))
    client.post(address(meeting, "agenda/"), {f"place_{first.pk}": "1", f"on_{first.pk}": "on"})
    assert titles(page(client, meeting)) == ["One", "Two"]


def test_what_somebody_else_put_on_while_the_form_was_open_is_not_lost(
    client: Client, group: Any, meeting: Meeting
) -> None:
    first, second = (put_before(group, initiative(name)) for name in ("One", "Two"))
    theirs = initiative("Theirs")
    client.force_login(person("secretary", group=group))
    html = client.get(address(meeting, "agenda/")).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', html)[1]
    with origin("test"):
        set_agenda(by=None, meeting=meeting, items=[(theirs, How.PUT_ON)])
    told = {f"place_{first.pk}": "2", f"place_{second.pk}": "1", f"on_{second.pk}": "on", "seen": seen}
    answer = client.post(address(meeting, "agenda/"), told)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody else changed this agenda" in html
    # What was typed is kept, and what they put on is in the form, ticked.
    ticked = set(re.findall(r'name="on_(\d+)"[^>]* checked', html))
    assert ticked == {str(second.pk), str(theirs.pk)}
    assert re.search(rf'name="place_{first.pk}" value="2"', html)
    place = re.search(rf'name="place_{theirs.pk}" value="(\d+)"', html)[1]
    told |= {f"on_{theirs.pk}": "on", f"place_{theirs.pk}": place}
    told["seen"] = re.search(r'name="seen" value="(\w+)"', html)[1]
    assert client.post(address(meeting, "agenda/"), told).status_code == 302
    assert sorted(titles(page(client, meeting))) == ["Theirs", "Two"]


def test_setting_some_lines_leaves_the_others_as_they_were_said(group: Any, meeting: Meeting) -> None:
    mine, theirs = initiative("Mine"), initiative("Theirs")
    with origin("test"):
        set_agenda(by=None, meeting=meeting, items=[(theirs, How.PUT_ON)])
        set_agenda(by=None, meeting=meeting, items=[(mine, How.PUT_ON)])
    items = meeting.agenda_items.order_by("position").values_list("initiative", "how")
    assert list(items) == [(mine.pk, How.PUT_ON), (theirs.pk, How.PUT_ON)]


def test_nothing_is_put_on_that_somebody_at_the_table_may_not_see(
    client: Client, group: Any, meeting: Meeting
) -> None:
    secret = initiative("Secret", audience="partners")
    client.force_login(person("secretary", group=group))
    html = client.post(address(meeting, "agenda/"), {"add": secret.reference}).content.decode()
    nothing = client.post(address(meeting, "agenda/"), {"add": "BL-99999"}).content.decode()
    assert html.replace(secret.reference, "BL-99999").count("BL-99999") == nothing.count("BL-99999")
    assert "Secret" not in html
    with origin("test"), pytest.raises(ValidationError, match="Not everybody"):
        set_agenda(by=None, meeting=meeting, items=[(secret, How.PUT_ON)])
    assert not AgendaItem.objects.exists()


def test_the_agenda_stands_once_the_meeting_has_begun(client: Client, group: Any, meeting: Meeting) -> None:
    record = put_before(group, initiative("One"))
    started(meeting)
    put_before(group, initiative("Two"))
    client.force_login(person("secretary", group=group))
    assert titles(page(client, meeting)) == ["One"]
    decided(meeting, record)
    assert titles(page(client, meeting)) == ["One"]
    with origin("test"), pytest.raises(ValidationError, match="begun"):
        set_agenda(by=None, meeting=meeting, items=[(record, How.LEFT_OFF)])


def test_nobody_else_changes_the_agenda_by_another_door(group: Any, meeting: Meeting) -> None:
    record = put_before(group, initiative("One"))
    with origin("test"), pytest.raises(PermissionDenied):
        set_agenda(by=person("chair", group=group), meeting=meeting, items=[(record, How.LEFT_OFF)])


def test_a_page_with_something_sensitive_on_it_is_marked(
    client: Client, group: Any, meeting: Meeting
) -> None:
    guarded = {"audience": "partners_and_groups", "marking": "official_sensitive", "named_groups": [group]}
    client.force_login(person("group_member", group=group))
    put_before(group, initiative("Plain"))
    assert '<span class="bl-official">OFFICIAL</span>' in page(client, meeting)
    put_before(group, initiative("Guarded", **guarded))
    assert '<span class="bl-official">OFFICIAL-SENSITIVE</span>' in page(client, meeting)


# Watching


def test_a_page_that_watches_is_told_only_what_is_new(client: Client, group: Any, meeting: Meeting) -> None:
    started(meeting)
    client.force_login(person("group_member", group=group))
    asks = re.search(r'hx-get="([^"]*)"', page(client, meeting))[1]
    assert client.get(asks).status_code == 204
    decided(meeting, initiative("Workshop"), reasons="It saves money.")
    answer = client.get(asks)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "It saves money." in html
    assert "1 decision recorded" in html
    assert client.get(re.search(r'hx-get="([^"]*)"', html)[1]).status_code == 204
    ended(meeting)
    last = client.get(re.search(r'hx-get="([^"]*)"', html)[1])
    assert last.status_code == 286
    assert "hx-get" not in last.content.decode()
    assert "hx-get" not in page(client, meeting)


def test_decisions_on_what_a_watcher_may_not_see_change_nothing_for_them(
    client: Client, group: Any, meeting: Meeting
) -> None:
    started(meeting)
    client.force_login(person("group_member", group=group))
    asks = re.search(r'hx-get="([^"]*)"', page(client, meeting))[1]
    decided(meeting, initiative("Secret", audience="partners"))
    assert client.get(asks).status_code == 204
    assert "Secret" not in page(client, meeting)


def test_watching_asks_little_of_the_database(
    client: Client, group: Any, meeting: Meeting, django_assert_max_num_queries: Any
) -> None:
    started(meeting)
    for number in range(4):
        decided(meeting, initiative(f"Number {number}"))
    client.force_login(person("group_member", group=group))
    with django_assert_max_num_queries(6):
        assert client.get(address(meeting, "decided/")).status_code == 200


@pytest.mark.parametrize("has_begun", [False, True])
@pytest.mark.parametrize(("part", "most"), [("", 20), ("pack/", 45), ("minutes/", 12)])
def test_pages_ask_the_same_of_the_database_however_much_is_on_the_agenda(
    client: Client,
    group: Any,
    meeting: Meeting,
    part: str,
    most: int,
    has_begun: bool,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(6):
        put_before(group, initiative(f"Number {number}"))
    if has_begun:
        started(meeting)
    client.force_login(person("secretary", group=group))
    with django_assert_max_num_queries(most):
        assert client.get(address(meeting, part)).status_code == 200


def test_a_meeting_that_nobody_started_says_so(client: Client, group: Any) -> None:
    meeting = meeting_of(group, TEN - timedelta(days=30))
    client.force_login(person("secretary", group=group))
    html = page(client, meeting)
    assert "Nobody started this meeting here" in html
    assert "pack/" not in html
    assert "hx-get" not in html
