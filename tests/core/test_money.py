"""Money: amounts are read as people write them, and written so that nobody misreads them."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from register.core.forms import MoneyField
from register.core.money import MOST_PENCE, MoneyError, exact, in_words, read_pounds, short

SHAPE = "Write an amount in pounds, like £1.2m, £950,000 or 2500."


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("0", 0),
        ("2500", 2_500_00),
        ("1,200", 1_200_00),
        ("£ 1,234,567.89", 1_234_567_89),
        ("£12.50", 12_50),
        ("12.5", 12_50),
        (".5", 50),
        ("£0.01", 1),
        ("£1.2m", 1_200_000_00),
        ("1.2M", 1_200_000_00),
        ("£1.234567m", 1_234_567_00),
        ("2.5 million", 2_500_000_00),
        ("250k", 250_000_00),
        ("3 thousand", 3_000_00),
        ("1bn", 10**9 * 100),
        ("1.5 Billion", 1_500_000_000_00),
        ("  £1.2m  ", 1_200_000_00),
        ("£1.2\u00a0million", 1_200_000_00),
    ],
)
def test_an_amount_is_read_the_way_people_write_it(typed: str, pence: int) -> None:
    assert read_pounds(typed) == pence


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "£",
        "m",
        "lots",
        "1.2.3",
        "1,20",
        "1,2000",
        "12 34",
        "£1.2m a year",
        "1e6",
        "NaN",
        "$5",
        "5 £",
        "1.2mm",
    ],
)
def test_what_is_no_amount_is_refused_with_examples_of_one(typed: str) -> None:
    with pytest.raises(MoneyError, match=SHAPE):
        read_pounds(typed)


@pytest.mark.parametrize(
    "typed", ["£12.345", "0.001", "£1.2345678901m", "0.00000000000000000000000000000000001"]
)
def test_a_fraction_of_a_penny_is_refused_not_rounded(typed: str) -> None:
    with pytest.raises(MoneyError, match=r"^Write no fractions of a penny\.$"):
        read_pounds(typed)


@pytest.mark.parametrize("typed", ["-5", "-£1.2m", "- 1,200"])
def test_less_than_nothing_is_refused(typed: str) -> None:
    with pytest.raises(MoneyError, match=r"^Write an amount of nought or more\.$"):
        read_pounds(typed)


def test_a_hundred_billion_is_the_most_and_a_penny_over_it_is_a_slip_of_the_finger() -> None:
    assert read_pounds("£100bn") == MOST_PENCE
    for typed in ("£100,000,000,000.01", "101 billion", "9" * 60):
        with pytest.raises(MoneyError, match="more than £100 billion"):
            read_pounds(typed)


@pytest.mark.parametrize("pence", [0, 1, 10, 99, 100, 1_234_56, 999_999_99, 1_200_000_00, MOST_PENCE])
def test_what_a_form_shows_of_an_amount_reads_back_as_the_same_amount(pence: int) -> None:
    field = MoneyField()
    assert field.clean(field.prepare_value(pence)) == pence


@pytest.mark.parametrize(
    ("pence", "exactly", "told", "narrow"),
    [
        (0, "£0", "£0", "£0"),
        (5, "£0.05", "£0.05", "£0.05"),
        (999_99, "£999.99", "£999.99", "£999.99"),
        (1_234_50, "£1,234.50", "£1,235", "£1,235"),
        (950_000_00, "£950,000", "£950,000", "£950,000"),
        (999_999_49, "£999,999.49", "£999,999", "£999,999"),
        (999_999_50, "£999,999.50", "£1.0 million", "£1.0m"),
        (1_200_000_00, "£1,200,000", "£1.2 million", "£1.2m"),
        (1_250_000_00, "£1,250,000", "£1.3 million", "£1.3m"),
        (29_000_000_00, "£29,000,000", "£29.0 million", "£29.0m"),
        (999_949_999_99, "£999,949,999.99", "£999.9 million", "£999.9m"),
        (999_950_000_00, "£999,950,000", "£1.0 billion", "£1.0bn"),
        (1_340_000_000_00, "£1,340,000,000", "£1.3 billion", "£1.3bn"),
        (-5, "-£0.05", "-£0.05", "-£0.05"),
        (-1_234_50, "-£1,234.50", "-£1,235", "-£1,235"),
        (-1_200_000_00, "-£1,200,000", "-£1.2 million", "-£1.2m"),
    ],
)
def test_an_amount_is_told_exactly_in_words_and_for_narrow_columns(
    pence: int, exactly: str, told: str, narrow: str
) -> None:
    assert (exact(pence), in_words(pence), short(pence)) == (exactly, told, narrow)


def test_unknown_is_not_nought() -> None:
    field = MoneyField(required=False)
    assert field.clean("") is None
    assert field.clean("  ") is None
    assert field.clean("0") == 0


def test_an_amount_that_is_needed_is_asked_for() -> None:
    with pytest.raises(ValidationError):
        MoneyField().clean(" ")


@pytest.mark.parametrize("typed", ["1" + " " * 80 + "million", "2500" + " " * 80 + "and more"])
def test_no_amount_is_read_out_of_the_beginning_of_something_longer(typed: str) -> None:
    with pytest.raises(ValidationError, match=SHAPE):
        MoneyField().clean(typed)
