"""When a digest is due: the right local hour all year, working days, windows that tile."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.digests.slots import due_window, is_working_day, last_slot, moment, next_slot, slot_before

LONDON = "Europe/London"
MONDAY_7 = (0, 7, LONDON)

weekdays = st.integers(0, 4)
hours = st.integers(0, 23)
zones = st.sampled_from(
    [LONDON, "UTC", "America/New_York", "Asia/Amman", "Australia/Lord_Howe", "Pacific/Auckland"]
)
moments = st.datetimes(datetime(2013, 1, 1), datetime(2028, 6, 1), timezones=st.just(UTC))


def at(text: str, zone: str = LONDON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_the_latest_slot_is_this_mondays_from_seven_on_and_last_mondays_before():
    assert last_slot(*MONDAY_7, now=at("2026-11-23T07:00")) == at("2026-11-23T07:00")
    assert last_slot(*MONDAY_7, now=at("2026-11-23T06:59")) == at("2026-11-16T07:00")


def test_the_next_slot_is_never_now():
    assert next_slot(*MONDAY_7, after=at("2026-11-23T07:00")) == at("2026-11-30T07:00")
    assert next_slot(*MONDAY_7, after=at("2026-11-23T06:59")) == at("2026-11-23T07:00")


def test_the_local_hour_stays_when_the_clocks_go_forward():
    before, after = (
        last_slot(*MONDAY_7, now=at("2026-03-23T12:00")),
        last_slot(*MONDAY_7, now=at("2026-03-30T12:00")),
    )
    assert (before.hour, after.hour) == (7, 6)  # UTC
    assert after - before == timedelta(hours=167)


def test_the_local_hour_stays_when_the_clocks_go_back():
    before, after = (
        last_slot(*MONDAY_7, now=at("2026-10-19T12:00")),
        last_slot(*MONDAY_7, now=at("2026-10-26T12:00")),
    )
    assert (before.hour, after.hour) == (6, 7)  # UTC
    assert after - before == timedelta(hours=169)


def test_an_hour_that_the_clock_skips_is_the_moment_of_the_jump():
    # Jordan's clocks went from 23:59 on Thursday to 01:00 on Friday 26 March 2021: there was no midnight.
    assert moment(date(2021, 3, 26), 0, "Asia/Amman") == at("2021-03-26T01:00", "Asia/Amman")
    assert moment(date(2026, 3, 29), 1, LONDON) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_of_an_hour_that_comes_twice_the_first_counts():
    # Jordan's clocks went back at 01:00 on Friday 29 October 2021.
    assert moment(date(2021, 10, 29), 0, "Asia/Amman") == datetime(2021, 10, 28, 21, tzinfo=UTC)
    assert moment(date(2026, 10, 25), 1, LONDON) == datetime(2026, 10, 25, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("weekday", "nominal", "moved"),
    [
        (0, "2026-05-04", "2026-05-05"),  # early May: Tuesday
        (4, "2026-04-03", "2026-04-07"),  # Good Friday: the Tuesday after Easter Monday
        (4, "2026-12-25", "2026-12-29"),  # Christmas Day: Boxing Day is kept on Monday 28 December
        (0, "2026-11-30", "2026-11-30"),  # St Andrew's Day: Scotland's, not ours
    ],
)
def test_a_slot_on_a_bank_holiday_moves_to_the_next_working_day(weekday, nominal, moved):
    morning = at(f"{nominal}T00:00")
    assert next_slot(weekday, 7, LONDON, after=morning) == at(f"{moved}T07:00")


def test_on_the_holiday_itself_nothing_is_due_yet():
    start = at("2026-04-27T07:00")
    assert due_window(*MONDAY_7, start=start, now=at("2026-05-04T12:00")) is None
    assert due_window(*MONDAY_7, start=start, now=at("2026-05-05T07:00")) == (start, at("2026-05-05T07:00"))


def test_a_digest_that_was_down_for_weeks_catches_up_with_one_window():
    start = at("2026-10-19T07:00")
    assert due_window(*MONDAY_7, start=start, now=at("2026-11-25T15:00")) == (start, at("2026-11-23T07:00"))


@given(weekdays, hours, zones, moments)
def test_a_slot_is_on_a_working_day_and_now_lies_between_two(weekday, hour, zone, now):
    last, following = last_slot(weekday, hour, zone, now=now), next_slot(weekday, hour, zone, after=now)
    assert last <= now < following
    assert is_working_day(last.astimezone(ZoneInfo(zone)).date())
    assert slot_before(weekday, hour, zone, slot=following) == last
    assert next_slot(weekday, hour, zone, after=last) == following


@given(weekdays, hours, zones, moments)
def test_every_week_has_one_slot(weekday, hour, zone, now):
    slots = [now]
    for _ in range(53):
        slots.append(next_slot(weekday, hour, zone, after=slots[-1]))
    gaps = [later - earlier for earlier, later in pairwise(slots[1:])]
    assert timedelta(days=1) < min(gaps)
    assert max(gaps) < timedelta(days=14)
    assert timedelta(weeks=51) < slots[-1] - slots[1] < timedelta(weeks=53)


@given(weekdays, hours, zones, moments, st.lists(st.integers(1, 3000), min_size=1, max_size=40))
def test_windows_tile_however_irregularly_the_beat_beats(weekday, hour, zone, now, waits):
    start, windows = now, []
    for hours_later in waits:
        now += timedelta(hours=hours_later)
        window = due_window(weekday, hour, zone, start=start, now=now)
        if window:
            windows.append(window)
            start = window[1]
    for earlier, later in pairwise(windows):
        assert earlier[1] == later[0]
    assert all(begin < end for begin, end in windows)
    assert next_slot(weekday, hour, zone, after=start) > now or not windows
