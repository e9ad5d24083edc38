"""Typing a few letters finds the organisation that was meant."""

from datetime import date

import pytest

from register.reference.models import Organisation

pytestmark = pytest.mark.django_db


def found(text: str, **options: object) -> list[str]:
    return [organisation.code for organisation in Organisation.objects.search(text, **options)]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("derbyshire p", "derbyshire-police"),
        ("Derbyshire Police", "derbyshire-police"),
        ("Derbyshire PCC", "derbyshire-policing-body"),
        ("Derbyshire Fire & Rescue Authority", "derbyshire-fire"),
        ("EMAS", "emas-ambulance"),
        ("kings lynn", "kings-lynn-and-west-norfolk-council"),
        ("St. Helens", "st-helens-council"),
        ("ynys mon", "isle-of-anglesey-council"),
        ("Hampshire Constabulary", "hampshire-police"),
        ("DCLG", "ministry-of-housing-communities-and-local-government"),
        ("devon & cornwall", "devon-and-cornwall-police"),
        ("Rescue Kent", "kent-fire"),
        ("Wycombe District Council", "wycombe-council"),
    ],
)
def test_a_name_an_abbreviation_a_former_name_or_words_in_any_order_find_it_first(
    typed: str, code: str
) -> None:
    assert found(typed)[0] == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Derbishire", "derbyshire-police"),
        ("mersyside fire", "merseyside-fire"),
        ("Glostershire", "gloucestershire-police"),
    ],
)
def test_a_misspelt_name_finds_it_all_the_same(typed: str, code: str) -> None:
    assert code in found(typed)


def test_current_ones_come_before_those_that_have_ended() -> None:
    codes = found("Buckinghamshire")
    assert codes.index("buckinghamshire-council") < codes.index("buckinghamshire-county-council")


def test_on_a_day_those_that_existed_then_come_first() -> None:
    codes = found("Buckinghamshire council", on=date(2015, 1, 1))
    assert codes.index("buckinghamshire-county-council") < codes.index("buckinghamshire-council")


@pytest.mark.parametrize("typed", ["", "   ", "%", "\\", "🚒", "xqzw vbnk"])
def test_nothing_is_found_for_nothing(typed: str) -> None:
    assert found(typed) == []


def test_odd_text_is_only_text() -> None:
    assert found("kent (fire) [rescue]*")[0] == "kent-fire"
    assert len(found("a" * 5000)) <= 12


def test_no_more_are_found_than_asked_for(django_assert_max_num_queries: object) -> None:
    assert len(found("council", limit=5)) == 5
    with django_assert_max_num_queries(1):  # type: ignore[operator]
        found("kent")
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        found("Derbishire")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("herts cons", "hertfordshire-police"),
        ("herts police", "hertfordshire-police"),
        ("herts fire", "hertfordshire-fire"),
        ("notts police", "nottinghamshire-police"),
        ("lincs fire", "lincolnshire-fire"),
    ],
)
def test_what_staff_write_for_a_county_finds_its_services(typed: str, meant: str) -> None:
    assert found(typed)[0] == meant


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("HFRS", {"hertfordshire-fire", "humberside-fire"}),
        ("hiwfrs", {"hampshire-and-isle-of-wight-fire"}),
        ("KFRS", {"kent-fire"}),
    ],
)
def test_initials_that_nobody_wrote_down_find_it_first(typed: str, first: set[str]) -> None:
    found = [one.code for one in Organisation.objects.search(typed)]
    assert set(found[: len(first)]) == first
