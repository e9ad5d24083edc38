"""Dates are kept as exactly as they are known, compared between periods, and said in words."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from register.core.dates import (
    DateError,
    LimitedDate,
    financial_year,
    financial_year_in_words,
    in_words,
    read_date,
)
from register.core.forms import DayField, LimitedDateField

SHAPE = "Write a date like 23 November 2026, November 2026 or 2026."
THE_DAY = LimitedDate(date(2026, 11, 23))
THE_MONTH = LimitedDate(date(2026, 11, 1), "month")
THE_YEAR = LimitedDate(date(2026, 1, 1), "year")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        *[(typed, THE_DAY) for typed in (
            "23 November 2026", "23 Nov 2026", "23 NOVEMBER, 2026", "23rd of November 2026", "23/11/2026",
            "23.11.2026", "23-11-2026", "2026-11-23", "2026/11/23", " 23  november  2026 ",
        )],
        *[(typed, THE_MONTH) for typed in ("November 2026", "nov 2026", "11/2026", "2026-11", "2026 November")],
        ("2026", THE_YEAR),
        ("1st Sept 2015", LimitedDate(date(2015, 9, 1))),
        ("1/6/2014", LimitedDate(date(2014, 6, 1))),
        ("29 February 2024", LimitedDate(date(2024, 2, 29))),
        ("1829", LimitedDate(date(1829, 1, 1), "year")),
        ("31 December 2100", LimitedDate(date(2100, 12, 31))),
    ],
)  # fmt: skip
def test_a_date_is_read_the_british_way_and_no_more_exactly_than_it_was_typed(
    typed: str, read: LimitedDate
) -> None:
    assert read_date(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "", "soon", "23", "99999", "26", "23/11/26", "31 June 2014", "29 February 2025", "13/13/2014", "2014-13",
        "Junember 2014", "0 June 2014", "1 2 3 2014", "last June 2014", "²/²/2014", "1999-2004", "-",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_with_examples_of_one(typed: str) -> None:
    with pytest.raises(DateError, match=SHAPE):
        read_date(typed)


@pytest.mark.parametrize("typed", ["1828", "2101", "1 January 0001", "June 9999"])
def test_a_year_that_can_only_be_a_slip_is_refused(typed: str) -> None:
    with pytest.raises(DateError, match=r"^Write a year between 1829 and 2100\.$"):
        read_date(typed)


@pytest.mark.parametrize(
    ("told", "words"), [(THE_DAY, "23 November 2026"), (THE_MONTH, "November 2026"), (THE_YEAR, "2026")]
)
def test_a_date_is_said_in_words_that_read_back_as_the_same_date(told: LimitedDate, words: str) -> None:
    assert str(told) == in_words(told.first, told.precision) == words
    assert read_date(words) == told


@pytest.mark.parametrize(
    ("told", "last"),
    [
        (THE_DAY, date(2026, 11, 23)),
        (THE_MONTH, date(2026, 11, 30)),
        (THE_YEAR, date(2026, 12, 31)),
        (LimitedDate(date(2024, 2, 1), "month"), date(2024, 2, 29)),
        (LimitedDate(date(2025, 2, 1), "month"), date(2025, 2, 28)),
    ],
)
def test_a_period_knows_its_last_day(told: LimitedDate, last: date) -> None:
    assert told.last == last


def test_order_is_compared_between_periods_never_between_days_nobody_stated() -> None:
    october = LimitedDate(date(2026, 10, 1), "month")
    assert october.is_before(THE_MONTH)
    assert october.is_before(THE_DAY)
    # 2026 may be before or after the 23rd of November: nobody said.
    assert not any(
        a.is_before(b) for a in (THE_DAY, THE_MONTH, THE_YEAR) for b in (THE_DAY, THE_MONTH, THE_YEAR)
    )
    assert not october.is_before(THE_YEAR)
    assert THE_YEAR.is_before(LimitedDate(date(2027, 1, 1)))


@pytest.mark.parametrize(
    ("first", "precision"),
    [
        (date(2026, 11, 23), "month"),
        (date(2026, 11, 1), "year"),
        (date(2026, 1, 2), "year"),
        (date(2026, 1, 1), "era"),
    ],
)
def test_a_period_that_does_not_start_on_its_first_day_is_a_mistake_of_the_programmer(
    first: date, precision: str
) -> None:
    with pytest.raises(ValueError, match=r"unknown precision|starts"):
        LimitedDate(first, precision)


def test_no_date_is_none_whatever_its_precision() -> None:
    assert LimitedDate.of(None, "") is None
    assert LimitedDate.of(date(2026, 11, 23), "day") == THE_DAY


@pytest.mark.parametrize(
    ("on", "first"),
    [
        (date(2026, 3, 31), 2025),
        (date(2026, 4, 1), 2026),
        (date(2026, 12, 31), 2026),
        (date(2027, 1, 1), 2026),
        (date(2024, 2, 29), 2023),
    ],
)
def test_a_financial_year_runs_from_1_april_to_31_march(on: date, first: int) -> None:
    assert financial_year(on) == first


@pytest.mark.parametrize(
    ("first", "words"), [(2025, "2025–26"), (1999, "1999–00"), (2008, "2008–09"), (2099, "2099–00")]
)
def test_a_financial_year_is_said_with_both_its_years(first: int, words: str) -> None:
    assert financial_year_in_words(first) == words


def test_a_box_for_a_day_asks_for_the_day() -> None:
    assert DayField().clean("23/11/2026") == date(2026, 11, 23)
    assert DayField(required=False).clean("") is None
    with pytest.raises(ValidationError, match="Give the day as well, like 23 November 2026"):
        DayField().clean("November 2026")


@pytest.mark.parametrize("told", [THE_DAY, THE_MONTH, THE_YEAR])
def test_what_a_form_shows_of_a_date_reads_back_as_the_same_date(told: LimitedDate) -> None:
    field = LimitedDateField()
    assert field.clean(field.prepare_value(told)) == told
    assert not field.has_changed(told, field.prepare_value(told))


def test_no_date_is_read_out_of_the_beginning_of_something_longer() -> None:
    with pytest.raises(ValidationError, match=SHAPE):
        LimitedDateField().clean("2026" + " " * 80 + "or perhaps 2027")
