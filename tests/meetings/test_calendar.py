"""A meeting in a calendar: the file is what RFC 5545 says, read here by a reader of its own."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from register.accounts.models import WorkingGroup
from register.groups.calendar import event
from register.groups.models import Meeting
from tests.factories import person
from tests.meetings.support import TEN, address, ended, group_that_meets, meeting_of, started

NAME = re.compile(r"[A-Z-]+\Z")
ONCE = {
    "UID",
    "DTSTAMP",
    "DTSTART",
    "DTEND",
    "SEQUENCE",
    "SUMMARY",
    "LOCATION",
    "DESCRIPTION",
    "URL",
    "STATUS",
}


def read(text: str) -> dict[str, str]:
    """The properties of the one event in a file; AssertionError for what the standard does not allow."""
    assert text.endswith("\r\n")
    raw = text[:-2].split("\r\n")
    for line in raw:
        assert len(line.encode()) <= 75, line
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line), line
    lines: list[str] = []
    for line in raw:
        if line[0] == " ":
            lines[-1] += line[1:]
        else:
            lines.append(line)
    pairs = [(name, value) for name, _, value in (line.partition(":") for line in lines)]
    assert all(NAME.match(name) for name, _ in pairs)
    assert pairs[0] == ("BEGIN", "VCALENDAR")
    assert pairs[-1] == ("END", "VCALENDAR")
    start, end = pairs.index(("BEGIN", "VEVENT")), pairs.index(("END", "VEVENT"))
    calendar = dict(pairs[1:start])
    assert calendar["VERSION"] == "2.0"
    assert calendar["PRODID"]
    inside = pairs[start + 1 : end]
    names = [name for name, _ in inside]
    assert len(names) == len(set(names))
    assert set(names) <= ONCE
    assert {"UID", "DTSTAMP", "DTSTART"} <= set(names)
    found = dict(inside) | {name: value for name, value in calendar.items() if name == "METHOD"}
    for name in ("SUMMARY", "LOCATION", "DESCRIPTION"):
        if name in found:
            found[name] = unescaped(found[name])
    return found


def unescaped(value: str) -> str:
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value), value
    assert not re.search(r"(?<!\\)(?:\\\\)*\\[^\\;,nN]", value), value
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value)


def moment(value: str) -> datetime:
    return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def of(*, called_off: bool = False, **fields: Any) -> dict[str, str]:
    group = WorkingGroup(code="midlands", name=fields.pop("name", "East Midlands group"))
    meeting = Meeting(**{"pk": 7, "group": group, "starts_at": TEN} | fields)
    url = "https://register.example.org/groups/midlands/meetings/7/"
    at = TEN - timedelta(days=9)
    return read(event(meeting, url=url, host="register.example.org", at=at, called_off=called_off))


text = st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Zl", "Zp"], include_characters="\n"))


@given(text, text, text)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_comes_out_of_a_calendar_as_it_was(name: str, where: str, note: str) -> None:
    found = of(name=name, where=where, note=note)
    assert found["SUMMARY"] == name
    assert found.get("LOCATION", "") == where
    assert found["DESCRIPTION"].startswith(note)
    assert found["DESCRIPTION"].endswith("Agenda, pack and minutes: " + found["URL"])


def test_a_calendar_shows_the_moment_in_winter_and_in_summer_time() -> None:
    assert moment(of()["DTSTART"]) == datetime(2026, 11, 23, 10, tzinfo=UTC)
    summer = of(starts_at=TEN.replace(month=7))
    assert moment(summer["DTSTART"]) == datetime(2026, 7, 23, 9, tzinfo=UTC)
    assert moment(summer["DTEND"]) - moment(summer["DTSTART"]) == timedelta(hours=2)


def test_a_meeting_that_is_called_off_goes_from_the_calendar_it_was_put_in() -> None:
    first, last = of(version=3), of(version=3, called_off=True)
    assert last["UID"] == first["UID"]
    assert int(last["SEQUENCE"]) > int(first["SEQUENCE"])
    assert (last["METHOD"], last["STATUS"]) == ("CANCEL", "CANCELLED")
    assert not first.keys() & {"METHOD", "STATUS"}, "a file that is opened asks for nothing"


@pytest.mark.django_db
def test_the_same_meeting_keeps_its_identifier_and_counts_its_changes(client: Client, clock: Any) -> None:
    clock.set("2026-11-23 09:30")
    group = group_that_meets()
    meeting = meeting_of(group, where="County Hall, room 2; by video", note="Bring the pack.\nLunch after.")
    client.force_login(person("group_member", group=group))
    answer = client.get(address(meeting, "meeting.ics"))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="midlands-2026-11-23.ics"'
    first = read(answer.content.decode())
    assert first["SEQUENCE"] == "0"
    assert first["LOCATION"] == "County Hall, room 2; by video"
    assert first["URL"] == f"http://localhost:8000{address(meeting)}"
    assert moment(first["DTSTAMP"]) == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    started(meeting)
    ended(meeting)
    again = read(client.get(address(meeting, "meeting.ics")).content.decode())
    assert again["UID"] == first["UID"]
    assert int(again["SEQUENCE"]) > int(first["SEQUENCE"])
