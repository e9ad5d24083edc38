"""When a digest is due: the right local hour all year, working days, windows that tile."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.digests.slots import (
    Timing,
    due_window,
    is_working_day,
    last_slot,
    moment,
    next_slot,
    next_slots,
    slot_before,
    turn_of,
    working_day_from,
)

LONDON = "Europe/London"
MONDAY_7 = (0, 7, LONDON)

weekdays = st.integers(0, 4)
hours = st.integers(0, 23)
zones = st.sampled_from(
    [LONDON, "UTC", "America/New_York", "Asia/Amman", "Australia/Lord_Howe", "Pacific/Auckland"]
)
rhythms = st.sampled_from(["week", "fortnight", "month"])
timings = st.builds(Timing, weekdays, hours, zones, rhythms, st.integers(0, 1))
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


@given(timings, moments)
def test_a_slot_is_on_a_working_day_and_now_lies_between_two(timing, now):
    last, following = last_slot(*timing, now=now), next_slot(*timing, after=now)
    assert last <= now < following
    assert is_working_day(last.astimezone(ZoneInfo(timing.zone)).date())
    assert slot_before(*timing, slot=following) == last
    assert next_slot(*timing, after=last) == following


# Of each rhythm: how many days apart two slots may be, and how many slots there are in how many weeks.
APART = {"week": (1, 14), "fortnight": (8, 21), "month": (22, 41)}
IN_A_YEAR = {"week": 52, "fortnight": 26, "month": 12}


@given(timings, moments)
def test_every_week_fortnight_or_month_has_one_slot(timing, now):
    least, most = APART[timing.rhythm]
    slots = next_slots(*timing, after=now, count=IN_A_YEAR[timing.rhythm] + 1)
    gaps = [later - earlier for earlier, later in pairwise(slots)]
    assert timedelta(days=least) < min(gaps)
    assert max(gaps) < timedelta(days=most)
    assert timedelta(weeks=51) < slots[-1] - slots[0] < timedelta(weeks=54)


@given(timings, moments)
def test_a_fortnights_slots_are_in_its_weeks_and_a_months_on_its_first_such_day(timing, now):
    """But for bank holidays, which move a slot to the right."""
    for slot in next_slots(*timing, after=now, count=6):
        day = slot.astimezone(ZoneInfo(timing.zone)).date()
        planned = [
            day - timedelta(days=back)
            for back in range(7)
            if (day - timedelta(days=back)).weekday() == timing.weekday
        ]
        [nominal] = planned
        assert working_day_from(nominal) == day
        if timing.rhythm == "fortnight":
            assert turn_of(nominal) == timing.turn
        if timing.rhythm == "month":
            assert nominal.day <= 7


@given(timings, moments, st.lists(st.integers(1, 3000), min_size=1, max_size=40))
def test_windows_tile_however_irregularly_the_beat_beats(timing, now, waits):
    start, windows = now, []
    for hours_later in waits:
        now += timedelta(hours=hours_later)
        window = due_window(*timing, start=start, now=now)
        if window:
            windows.append(window)
            start = window[1]
    assert_tiled(windows)
    assert next_slot(*timing, after=start) > now or not windows


@given(moments, st.lists(st.tuples(timings, st.integers(1, 1500)), min_size=1, max_size=30))
def test_windows_tile_whatever_of_the_schedule_is_changed(now, changes):
    """Weekday, hour, zone, rhythm and weeks, all at once and at any time."""
    start, windows = now, []
    for timing, hours_later in changes:
        now += timedelta(hours=hours_later)
        window = due_window(*timing, start=start, now=now)
        if window:
            windows.append(window)
            start = window[1]
    assert_tiled(windows)


def assert_tiled(windows):
    assert all(earlier[1] == later[0] for earlier, later in pairwise(windows))
    assert all(begin < end for begin, end in windows)


def test_a_fortnight_is_every_second_week_whatever_the_year():
    slots = next_slots(
        0, 7, LONDON, "fortnight", turn_of(date(2026, 11, 23)), after=at("2026-11-20T07:00"), count=5
    )
    assert [slot.date().isoformat() for slot in slots] == [
        "2026-11-23",
        "2026-12-07",
        "2026-12-21",
        "2027-01-04",
        "2027-01-18",
    ]
    others = next_slots(
        0, 7, LONDON, "fortnight", turn_of(date(2026, 11, 30)), after=at("2026-11-20T07:00"), count=2
    )
    assert [slot.date().isoformat() for slot in others] == ["2026-11-30", "2026-12-14"]


def test_a_fortnight_keeps_its_weeks_when_its_weekday_changes():
    """The week of 23 November has its turn on whichever day: the Thursday of that week, not of the next."""
    turn = turn_of(date(2026, 11, 23))
    after = at("2026-11-23T12:00")
    assert next_slot(3, 7, LONDON, "fortnight", turn, after=after) == at("2026-11-26T07:00")
    assert next_slot(0, 7, LONDON, "fortnight", turn, after=after) == at("2026-12-07T07:00")


@pytest.mark.parametrize(
    ("weekday", "days"),
    [
        (0, ["2026-12-07", "2027-01-04", "2027-02-01", "2027-03-01", "2027-04-05"]),
        # The first Friday of January is New Year's Day, of the next working one the Monday after.
        (4, ["2026-12-04", "2027-01-04", "2027-02-05", "2027-03-05", "2027-04-02"]),
    ],
)
def test_a_month_is_its_first_such_weekday_or_the_next_working_day(weekday, days):
    slots = next_slots(weekday, 7, LONDON, "month", after=at("2026-11-25T07:00"), count=5)
    assert [slot.astimezone(ZoneInfo(LONDON)).date().isoformat() for slot in slots] == days
    assert {slot.astimezone(ZoneInfo(LONDON)).hour for slot in slots} == {7}


def test_a_monthly_digest_that_was_down_for_a_quarter_catches_up_with_one_window():
    start = at("2026-08-03T07:00")
    now = at("2026-11-25T15:00")
    assert due_window(0, 7, LONDON, "month", start=start, now=now) == (start, at("2026-11-02T07:00"))
