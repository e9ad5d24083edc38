"""Each change of the ledger is told in exactly one edition of a group."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction

from register.core.tracking import origin
from register.digests.choosing.schedules import set_schedule
from register.digests.making.anchoring import anchor_digest
from register.digests.making.building import changes_of
from register.digests.making.editions import build_open_editions, due_schedules, open_due_editions
from register.digests.making.lives import Lives
from register.digests.models import Delivery, Edition
from register.initiatives.models import Initiative
from register.initiatives.services import edit_initiative
from tests.digests.support import LAST_MONDAY, MONDAY, NEXT_MONDAY, Team, london, new_team
from tests.factories import TODAY, initiative


def retitle(record: Initiative, title: str) -> None:
    with origin("test"):
        edit_initiative(by=None, initiative=record, version=None, on=TODAY, title=title)


def titles(edition: Edition) -> list[str]:
    """The new titles that an edition tells of."""
    changes = changes_of(edition, Edition.objects.before(edition).first(), Lives.read()).filter(
        table_name="register_initiative", operation="U"
    )
    return [change.after["title"] for change in changes.order_by("at") if "title" in change.after]


def open_one(now: Any) -> Edition:
    [edition] = open_due_editions(now=now)
    return edition


def in_another_session(work: Any) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_the_first_window_starts_at_the_anchor_and_ends_at_the_slot(team: Team) -> None:
    edition = open_one(london("2026-11-23T07:03"))
    assert (edition.starts_at, edition.ends_at) == (LAST_MONDAY, MONDAY)


def test_the_next_window_starts_where_the_last_ended_however_long_nobody_looked(
    team: Team, committed: Any
) -> None:
    open_one(MONDAY)
    edition = open_one(london("2026-12-16T12:00"))
    assert (edition.starts_at, edition.ends_at) == (MONDAY, london("2026-12-14T07:00"))


def test_nothing_is_due_twice_nor_before_its_slot(team: Team) -> None:
    assert open_due_editions(now=london("2026-11-23T06:59")) == []
    assert len(open_due_editions(now=MONDAY)) == 1
    assert open_due_editions(now=london("2026-11-29T23:00")) == []


def test_many_beats_at_once_open_one_edition_and_one_of_them_builds_it(team: Team) -> None:
    initiative()
    start = threading.Barrier(6)
    opened: list[Edition] = []
    built: list[Edition] = []

    def beat() -> None:
        start.wait()
        opened.extend(open_due_editions(now=MONDAY))
        built.extend(build_open_editions(now=MONDAY))

    for thread in [in_another_session(beat) for _ in range(6)]:
        thread.join()
    assert len(opened) == len(built) == Edition.objects.count() == 1
    assert Delivery.objects.count() == 1


def test_a_change_before_the_anchor_is_not_told(team: Team, committed: Any) -> None:
    committed.set("2026-11-16 06:59")
    record = initiative()
    retitle(record, "Too early")
    committed.set("2026-11-16 07:00")
    retitle(record, "In time")
    committed.set("2026-11-23 07:00")
    assert titles(open_one(MONDAY)) == ["In time"]


def test_a_change_between_the_slot_and_the_building_is_told_next_time_only(
    team: Team, committed: Any
) -> None:
    record = initiative()
    retitle(record, "In the window")
    committed.set("2026-11-23 07:01")
    retitle(record, "After the slot")
    first = open_one(london("2026-11-23T07:05"))
    committed.set("2026-11-25 12:00")
    retitle(record, "Midweek")
    second = open_one(NEXT_MONDAY)
    assert titles(first) == ["In the window"]
    assert titles(second) == ["After the slot", "Midweek"]


def test_a_change_that_commits_after_the_edition_was_built_is_told_next_time(
    team: Team, committed: Any
) -> None:
    committed.set("2026-11-10 10:00")
    record, other = initiative(), initiative("Another workshop")
    committed.set("2026-11-18 10:00")
    wrote, may_commit = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            retitle(record, "Written in time, committed late")
            wrote.set()
            assert may_commit.wait(20)

    writer = in_another_session(slow_writer)
    assert wrote.wait(20)
    retitle(other, "Committed in time")
    committed.set("2026-11-23 07:00")
    first = open_one(MONDAY)
    build_open_editions(now=MONDAY)
    may_commit.set()
    writer.join()
    assert titles(first) == ["Committed in time"]
    committed.set("2026-11-30 07:00")
    second = open_one(NEXT_MONDAY)
    assert titles(second) == ["Written in time, committed late"]
    assert titles(open_one(london("2026-12-07T07:00"))) == []


def test_what_an_edition_says_stays_the_same_when_it_is_built_late(team: Team, committed: Any) -> None:
    record = initiative()
    retitle(record, "Before")
    edition = open_one(MONDAY)
    retitle(record, "Between opening and building")
    assert titles(edition) == ["Before"]


def test_an_edition_made_ahead_of_its_slot_by_hand_loses_nothing(team: Team, committed: Any) -> None:
    record = initiative()
    retitle(record, "Before the command")
    first = open_one(NEXT_MONDAY)
    retitle(record, "After the command, before the slot")
    second = open_one(london("2026-12-07T07:00"))
    assert titles(first) == ["Before the command"]
    assert titles(second) == ["After the command, before the slot"]


def test_a_digest_that_is_switched_off_tells_what_happened_until_then_and_no_more(
    team: Team, committed: Any
) -> None:
    record = initiative()
    open_one(MONDAY)
    committed.set("2026-11-25 12:00")
    retitle(record, "Before it was off")
    at = committed.set("2026-11-26 12:00")
    with origin("test"):
        set_schedule(by=None, group=team.group, at=at, is_on=False)
        set_schedule(by=None, group=team.group, at=at, is_on=False)
    [last] = [edition for edition in build_open_editions(now=at) if edition.ends_at == at]
    assert last.starts_at == MONDAY
    assert titles(last) == ["Before it was off"]
    committed.set("2026-12-01 12:00")
    retitle(record, "While it was off")
    assert open_due_editions(now=london("2026-12-07T07:00")) == []
    with origin("test"):
        set_schedule(by=None, group=team.group, at=london("2026-12-09T12:00"))
    committed.set("2026-12-10 12:00")
    retitle(record, "On again")
    edition = open_one(london("2026-12-14T07:00"))
    assert edition.starts_at == london("2026-12-09T12:00")
    assert titles(edition) == ["On again"]


@pytest.mark.parametrize(
    ("monday", "slot"), [("2027-03-29", "2027-03-30T07:00"), ("2026-10-26", "2026-10-26T07:00")]
)
def test_over_a_change_of_the_clocks_the_hour_stays_and_windows_meet(
    committed: Any, monday: str, slot: str
) -> None:
    """In 2027 they go forward on Easter Sunday, so the slot waits for the Tuesday besides."""
    team = new_team()
    with origin("test"):
        anchor_digest(by=None, group=team.group, at=london(f"{monday[:8]}15T07:00"))
    committed.set(f"{monday} 06:00")
    before = [(start, end) for _, start, end in due_schedules(now=london(f"{monday}T06:59"))]
    first = open_one(london(f"{monday}T06:59"))
    second = open_one(london(slot))
    assert before == [(first.starts_at, first.ends_at)]
    assert first.ends_at == second.starts_at
    assert second.ends_at == london(slot)


def test_windows_meet_when_the_rhythm_changes(team: Team, committed: Any) -> None:
    """From every week to every fortnight, to every month and back: no change is told twice, none is lost."""
    record = initiative()
    editions, told = [], []
    for rhythm, now in [
        ("week", "2026-11-23T07:00"),
        ("fortnight", "2026-12-11T12:00"),
        ("month", "2027-01-08T12:00"),
        ("week", "2027-01-12T12:00"),
    ]:
        committed.set(london(now) - timedelta(days=6))
        retitle(record, f"By the {now}")
        committed.set(london(now))
        with origin("test"):
            set_schedule(by=None, group=team.group, at=london(now), rhythm=rhythm)
        editions.append(open_one(london(now)))
        told += titles(editions[-1])
    assert all(earlier.ends_at == later.starts_at for earlier, later in pairwise(editions))
    ends = [edition.ends_at for edition in editions]
    assert ends[2:] == [london("2027-01-04T07:00"), london("2027-01-11T07:00")]
    assert told == sorted(told)
    assert len(told) == 4
