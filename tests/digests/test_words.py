"""The opening line and the subject say how much there is, in words, and nothing that is not there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.digests.making.due import AHEAD, SOON, Window
from register.digests.models import DigestSchedule
from register.digests.words import Counts, opening, subject, the, when

counts = st.builds(Counts, *[st.integers(0, 12)] * 7, late=st.just(0), due=st.just(0))


def of(**said: int) -> Counts:
    return Counts(**(dict.fromkeys(Counts.__dataclass_fields__, 0) | said))


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (of(new=1), "One initiative was logged."),
        (
            of(new=1, moved=2, raised=1, removed=1),
            "One initiative was logged, two moved on, one barrier was raised and one removed.",
        ),
        (of(moved=1), "One initiative moved on."),
        (of(removed=2, other=3), "Two barriers were removed and three other initiatives changed."),
        (of(other=1), "One initiative changed."),
        (
            of(moved=1, removed=1, decided=3, money=1),
            "One initiative moved on, one barrier was removed, three decisions were taken and money changed in one"
            " initiative.",
        ),
        (of(decided=1, other=2), "One decision was taken and two other initiatives changed."),
        (of(money=2), "Money changed in two initiatives."),
        (of(other=12), "12 initiatives changed."),
        (of(new=2, due=2, late=1), "Two initiatives were logged. Two things are due, one of them late."),
        (of(due=1), "One thing is due."),
        (of(due=1, late=1), "One thing is due and late."),
        (of(), ""),
    ],
)
def test_the_opening_line_reads_as_a_person_would_say_it(said: Counts, line: str) -> None:
    assert opening(said) == line


def test_the_subject_names_the_group_and_at_most_three_counts() -> None:
    assert subject("Eastern group", of(new=1, moved=2, removed=1)) == (
        "Blue light digest, Eastern group: 1 new, 2 moved on, 1 barrier removed"
    )
    assert subject("Eastern group", of()) == "Blue light digest, Eastern group"
    assert subject("Eastern group", of(decided=1, money=2, other=1)) == (
        "Blue light digest, Eastern group: 1 decision, 3 changed"
    )
    assert (
        subject("Eastern\r\nBcc: x", of(raised=2)) == "Blue light digest, Eastern Bcc: x: 2 barriers raised"
    )


@given(counts)
def test_every_count_but_nought_is_in_the_opening_line_once(said: Counts) -> None:
    line = opening(said)
    told = (said.new, said.moved, said.raised, said.removed, said.decided, said.money, said.other)
    numbers = sum(map(bool, told))
    assert line.count(",") + line.count(" and ") == max(0, numbers - 1)


def test_a_group_is_named_in_a_sentence() -> None:
    assert the("Eastern group") == "the Eastern group"
    assert the("The Board") == "The Board"


@given(st.integers(-400, 400), st.lists(st.integers(1, 30), min_size=1, max_size=30))
def test_a_date_is_news_once_when_it_comes_near_and_once_when_it_is_late(
    offset: int, weeks: list[int]
) -> None:
    """Whatever the lengths of the windows, as long as they tile."""
    since = date(2026, 1, 5)
    day = since + timedelta(days=offset)
    news, reach = [], []
    for days in weeks:
        window = Window(since, since + timedelta(days=days))
        news.append(window.is_news(day))
        reach.append(window.comes_into_reach(day))
        assert window.is_listed(day) or not window.is_news(day)
        since = window.on
    assert sum(news) <= 2
    assert sum(reach) <= 1
    if date(2026, 1, 5) + SOON < day < since:
        assert sum(news) >= 1
    if date(2026, 1, 5) + AHEAD < day <= since + AHEAD:
        assert sum(reach) == 1


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, "on Mondays at 07:00"),
        ({"rhythm": "fortnight", "weekday": 3}, "every second Thursday at 07:00"),
        ({"rhythm": "month", "hour": 16}, "on the first Monday of each month at 16:00"),
        ({"zone": "Europe/Paris"}, "on Mondays at 07:00 (Europe/Paris)"),
    ],
)
def test_when_it_comes_is_said_in_words(told: dict[str, Any], said: str) -> None:
    assert when(DigestSchedule(**told)) == said
