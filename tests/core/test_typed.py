"""What people type: amounts, dates and texts are read, or refused with what to do instead."""

import pytest
from django.core.exceptions import ValidationError

from register.core import money
from register.core.dates import DateError, read_date
from register.core.forms import TextField


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("£1.2m", 120_000_000),
        ("1.2 million", 120_000_000),
        ("£250k", 25_000_000),
        ("950,000", 95_000_000),
        (" 2500 ", 250_000),
        ("£12.50", 1_250),
        ("0", 0),
        ("£1\u00a0000", None),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed: str, pence: int | None) -> None:
    if pence is None:
        with pytest.raises(money.MoneyError):
            money.read_pounds(typed)
    else:
        assert money.read_pounds(typed) == pence


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("£12.345", "fractions of a penny"),
        ("-5", "nought or more"),
        ("£200 billion", "more than £100 billion"),
        ("lots", "like £1.2m"),
        ("1.2.3", "like £1.2m"),
        ("£", "like £1.2m"),
    ],
)
def test_what_is_no_amount_is_refused_with_what_to_write(typed: str, said: str) -> None:
    with pytest.raises(money.MoneyError, match=said):
        money.read_pounds(typed)


@pytest.mark.parametrize("pence", [0, 1, 99, 100, 123_456, 120_000_000, 999_999_999_999])
def test_an_exact_amount_is_read_back_as_itself(pence: int) -> None:
    assert money.read_pounds(money.exact(pence)) == pence


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("2014", "2014"),
        ("June 2014", "June 2014"),
        ("1 June 2014", "1 June 2014"),
        ("01/06/2014", "1 June 2014"),
        ("2014-06-01", "1 June 2014"),
    ],
)
def test_a_date_is_kept_as_exactly_as_it_is_known(typed: str, words: str) -> None:
    assert str(read_date(typed)) == words


@pytest.mark.parametrize("typed", ["31 June 2014", "soon", "13/13/2014", "99999", "0000-00-00"])
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(DateError):
        read_date(typed)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("x" * 201, "200"),
        ("SECRET\nthe plan", "SECRET"),
        ("fine\nTOP SECRET: more", "SECRET"),
        ("bell\x07", "can't be shown"),
        ("null\x00", "can't be shown"),
    ],
)
def test_a_text_too_long_marked_too_high_or_unreadable_is_refused(typed: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TextField(max_length=200).clean(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  one\r\ntwo  ", "one\ntwo"),
        ("A secret garden, top secret or not", "A secret garden, top secret or not"),
        ("OFFICIAL-SENSITIVE: plans", "OFFICIAL-SENSITIVE: plans"),
    ],
)
def test_other_texts_are_kept_as_typed(typed: str, kept: str) -> None:
    assert TextField(max_length=200).clean(typed) == kept
