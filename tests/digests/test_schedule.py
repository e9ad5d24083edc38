"""When a group's digest goes out: its secretary sees the next three before it is saved."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from register.accounts.models import WorkingGroup
from register.digests.choosing.schedules import set_schedule
from register.digests.models import DigestSchedule
from register.digests.slots import next_slot, next_slots
from register.history.models import Change
from tests.factories import working_group
from tests.groups.support import EVERY_ROLE, MANAGERS, do, somebody

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
PAGE = "/groups/eastern/digest/schedule/"
TOLD = {
    "is_on": "on",
    "rhythm": "week",
    "turn": "0",
    "weekday": "3",
    "hour": "16",
    "zone": "Europe/London",
}


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 09:14")


@pytest.fixture
def group() -> WorkingGroup:
    made = working_group("eastern", name="Eastern group")
    do(set_schedule, group=made, at=AT)
    return made


def look(client: Client, **told: str) -> str:
    answer = client.get(f"{PAGE}?{urlencode(TOLD | told)}")
    assert answer.status_code == 200
    return answer.content.decode()


def when() -> tuple[int, int, str, bool]:
    schedule = DigestSchedule.objects.get()
    return (schedule.weekday, schedule.hour, schedule.zone, schedule.is_on)


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_the_schedule_is_set_by_the_secretary_and_administrators(
    client: Client, group: WorkingGroup, role: str | None
) -> None:
    client.force_login(somebody(role, group))
    may = role in MANAGERS
    assert client.get(PAGE).status_code == (200 if may else 403)
    assert client.post(PAGE, TOLD | {"version": "1"}).status_code == (302 if may else 403)
    assert when() == ((3, 16, "Europe/London", True) if may else (0, 7, "Europe/London", True))


def test_looking_shows_the_next_three_and_saves_nothing(client: Client, group: WorkingGroup) -> None:
    client.force_login(somebody("secretary", group))
    before = Change.objects.count()
    html = look(client)
    assert re.findall(r"<li><p><b>([^<]+)</b>", html) == [
        "Thursday 26 November 2026, 16:00",
        "Thursday 3 December 2026, 16:00",
        "Thursday 10 December 2026, 16:00",
    ]
    assert "Nothing is saved yet" in html
    assert Change.objects.count() == before
    assert when() == (0, 7, "Europe/London", True)


def test_slots_are_told_by_the_clocks_of_their_zone_summer_time_and_holidays_seen_to(
    client: Client, group: WorkingGroup, clock: Any
) -> None:
    clock.set("2027-03-22 12:00")
    client.force_login(somebody("secretary", group))
    html = look(client, weekday="0", hour="7", zone="america/new york")
    # Easter Monday is a bank holiday here; the wall clock says seven before and after the change.
    assert re.findall(r"<li><p><b>([^<]+)</b>", html) == [
        "Tuesday 30 March 2027, 07:00",
        "Monday 5 April 2027, 07:00",
        "Monday 12 April 2027, 07:00",
    ]
    assert "the Monday before is a bank holiday" in html
    assert "America/New_York" in html


def test_what_was_shown_is_what_is_saved_without_a_script(client: Client, group: WorkingGroup) -> None:
    client.force_login(somebody("secretary", group))
    form = look(client).split('<form method="post"')[1].split("</form>")[0]
    told = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    told.pop("csrfmiddlewaretoken", None)
    assert told == TOLD | {"version": "1"}
    assert client.post(PAGE, told).status_code == 302
    assert when() == (3, 16, "Europe/London", True)
    assert "Every Thursday at 16:00" in client.get("/groups/eastern/digest/").content.decode()


def test_a_digest_is_switched_off_and_on(client: Client, group: WorkingGroup) -> None:
    client.force_login(somebody("secretary", group))
    off = {name: value for name, value in TOLD.items() if name != "is_on"}
    html = client.get(f"{PAGE}?{urlencode(off)}").content.decode()
    assert "No digest would go out" in html
    assert 'name="is_on" value="on"' not in html
    assert client.post(PAGE, off | {"version": "1"}).status_code == 302
    assert when()[3] is False
    assert client.post(PAGE, TOLD | {"version": "2"}).status_code == 302
    assert when()[3] is True


def test_a_group_without_a_schedule_is_given_one(client: Client) -> None:
    bare = working_group("eastern")
    client.force_login(somebody("secretary", bare))
    assert "Europe/London" in client.get(PAGE).content.decode()
    assert client.post(PAGE, TOLD).status_code == 302
    assert when() == (3, 16, "Europe/London", True)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"weekday": "6"}, "weekday"),
        ({"rhythm": "year"}, "rhythm"),
        ({"turn": "2"}, "turn"),
        ({"hour": "24"}, "hour"),
        ({"hour": ""}, "hour"),
        ({"zone": "Europe"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"zone": ""}, "zone"),
    ],
)
def test_a_time_that_is_none_is_refused_and_what_was_typed_is_kept(
    client: Client, group: WorkingGroup, wrong: dict[str, str], field: str
) -> None:
    client.force_login(somebody("secretary", group))
    told = TOLD | {"zone": "Europe/Paris"} | wrong
    for answer in (client.get(f"{PAGE}?{urlencode(told)}"), client.post(PAGE, told | {"version": "1"})):
        html = answer.content.decode()
        assert answer.status_code == 422
        assert f'href="#id_{field}"' in html
        assert f'value="{told["zone"]}"' in html or not told["zone"]
        assert "Nothing is saved yet" not in html
    assert when() == (0, 7, "Europe/London", True)


def test_two_who_set_it_are_told_of_each_other(client: Client, group: WorkingGroup) -> None:
    client.force_login(somebody("secretary", group))
    do(set_schedule, group=group, at=AT, weekday=1, hour=9, version=1)
    answer = client.post(PAGE, TOLD | {"version": "1"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Tuesday" in html
    assert "Thursday" in html
    assert when()[0] == 1
    again = client.post(PAGE, TOLD | {"version": "2", "find": ""}).content.decode()
    assert "Thursday 26 November 2026, 16:00" in again
    assert when()[0] == 1
    assert client.post(PAGE, TOLD | {"version": "2", "save": ""}).status_code == 302
    assert when()[0] == 3


def test_the_next_slots_follow_each_other() -> None:
    found = next_slots(0, 7, "Europe/London", after=AT, count=30)
    assert found[0] == next_slot(0, 7, "Europe/London", after=AT)
    assert found == sorted(set(found))
    assert len(found) == 30
    pairs = pairwise(found)
    assert all(later == next_slot(0, 7, "Europe/London", after=slot) for slot, later in pairs)


def test_a_fortnight_is_of_the_weeks_that_are_chosen(client: Client, group: WorkingGroup) -> None:
    client.force_login(somebody("secretary", group))
    html = look(client)
    weeks = dict(re.findall(r'<option value="(\d)"[^>]*>(Those of [^<]+)<', html))
    assert sorted(weeks.values()) == [
        "Those of 23 November, 7 December, 21 December and so on",
        "Those of 30 November, 14 December, 28 December and so on",
    ]
    slots = {
        turn: re.findall(r"<li><p><b>([^<]+)</b>", look(client, rhythm="fortnight", turn=turn))
        for turn in weeks
    }
    for turn, said in weeks.items():
        first = "26 November" if "23 November" in said else "3 December"
        assert slots[turn][0] == f"Thursday {first} 2026, 16:00"
    assert client.post(PAGE, TOLD | {"rhythm": "fortnight", "turn": "1", "version": "1"}).status_code == 302
    schedule = DigestSchedule.objects.get()
    assert (schedule.rhythm, schedule.turn) == ("fortnight", 1)
    assert "Every second Thursday at 16:00" in client.get("/groups/eastern/digest/").content.decode()


def test_a_month_is_shown_and_saved(client: Client, group: WorkingGroup) -> None:
    client.force_login(somebody("secretary", group))
    html = look(client, rhythm="month")
    assert re.findall(r"<li><p><b>([^<]+)</b>", html) == [
        "Thursday 3 December 2026, 16:00",
        "Thursday 7 January 2027, 16:00",
        "Thursday 4 February 2027, 16:00",
    ]
    form = html.split('<form method="post"')[1].split("</form>")[0]
    assert '<input type="hidden" name="rhythm" value="month">' in form
    client.post(PAGE, TOLD | {"rhythm": "month", "version": "1"})
    for page in ("/groups/eastern/digest/", "/groups/eastern/"):
        shown = client.get(page).content.decode()
        assert "The first Thursday of each month at 16:00" in shown
        assert "Next on 3 December 2026, 16:00" in shown
