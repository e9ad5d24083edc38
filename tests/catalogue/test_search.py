"""The search box: words, phrases and exclusions; what was meant; and where it was found."""

from typing import Any

import pytest
from django.test import Client

from register.catalogue.filters import select
from register.core.tracking import origin
from register.initiatives.services import add_update
from tests.factories import TODAY, initiative, person

pytestmark = pytest.mark.django_db


def titles(words: str, user: Any = None) -> set[str]:
    selection = select({"q": [words]}, user=user or person("reader"), on=TODAY)
    assert selection.errors == ()
    return set(selection.initiatives.values_list("title", flat=True))


def page(words: str, **more: str) -> str:
    client = Client()
    client.force_login(person("reader"))
    return client.get("/initiatives/", {"q": words} | more).content.decode()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("workshop", {"Shared workshop", "Workshop for vans"}),
        ("workshops vehicle", {"Shared workshop"}),
        ('"shared workshop"', {"Shared workshop"}),
        ('"workshop shared"', set()),
        ("workshop -vans", {"Shared workshop"}),
        ("derbyshire constabulary", {"Shared workshop"}),
        ("fleet", {"Shared workshop", "Workshop for vans"}),
        ("kent", {"Workshop for vans"}),
        ("radios", {"Workshop for vans"}),
        ("nothing of the kind", set()),
    ],
)
def test_words_are_found_wherever_a_record_says_them(words: str, found: set[str]) -> None:
    initiative("Shared workshop")
    vans = initiative(
        "Workshop for vans", lead="kent-police", parties=[], places=["kent"], purpose="Vans on one ramp."
    )
    with origin("test"):
        add_update(
            by=None,
            initiative=vans,
            text="Two radios were fitted.",
            confidence="green",
            noted_on=TODAY,
            on=TODAY,
        )
    assert titles(words) == found


@pytest.mark.parametrize("typed", ["BL-{:05d}", "bl{}", "BL {}", "bl-{:07d}"])
def test_a_reference_is_found_however_it_is_written(typed: str) -> None:
    record = initiative("Shared workshop")
    initiative("Another")
    assert titles(typed.format(record.number)) == {"Shared workshop"}


@pytest.mark.parametrize(
    "words", ["'", '"', '"unbalanced', "-", "--", "a & | ! <-> :*", "%", "\\", "(((", "the", "🚒"]
)
def test_nothing_that_is_typed_is_an_error(words: str) -> None:
    initiative("Shared workshop")
    assert titles(words) <= {"Shared workshop"}


def test_what_cannot_be_searched_for_is_said() -> None:
    initiative("Shared workshop")
    shown = page("x" * 10_000)
    assert "use 200 characters or fewer" in shown
    assert "Shared workshop" not in shown


def test_a_character_that_no_text_can_hold_finds_nothing_and_is_said() -> None:
    """From a saved view; in an address it is refused before any page."""
    initiative("Shared workshop")
    selection = select({"q": ["a\x00b"]}, user=person("reader"), on=TODAY)
    assert "there is a character in it that can’t be read" in " ".join(selection.errors)
    assert not selection.initiatives.exists()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Derbishire headquaters", "Derbyshire headquarters"),
        ("ambbulance", "ambulance"),
        ("headq", "headquarters"),
    ],
)
def test_a_misspelling_finds_what_was_meant_and_says_so(typed: str, meant: str) -> None:
    initiative("Joint headquarters with an ambulance bay")
    shown = page(typed)
    assert "Nothing holds" in shown
    assert meant.casefold() in shown.casefold()
    assert "BL-" in shown


def test_what_was_meant_tells_nothing_of_a_record_one_may_not_see() -> None:
    initiative("Xylophones for everyone", audience="partners")
    assert "Xylophones" not in page("xylophon")
    assert "Xylophones" not in page("xylofones")


def test_the_words_are_marked_and_what_is_typed_is_never_markup() -> None:
    initiative("Shared <b>workshop</b>", purpose="A workshop & more.")
    shown = page("workshop")
    assert "Shared &lt;b&gt;<mark>workshop</mark>&lt;/b&gt;" in shown
    assert "A <mark>workshop</mark> &amp; more." in shown


def test_a_word_found_elsewhere_in_the_record_shows_the_line_it_stands_in() -> None:
    initiative("Shared workshop", description="Nine bays and one paint booth for both services.")
    assert "<mark>paint</mark> booth" in page("paint")


def test_the_title_counts_for_more_than_the_description() -> None:
    initiative("One of them", description="There is a boathouse.", purpose="Something.")
    initiative("The boathouse", purpose="Something.")
    initiative("Another", description="No boathouse.", purpose="Something.")
    shown = page("boathouse")
    assert shown.index("<mark>boathouse</mark></a>") < shown.index("One of them")
