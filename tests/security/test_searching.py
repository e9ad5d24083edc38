"""Whatever is typed into a box of search, or put in a query, is searched for: never run, and never a fault of ours."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.security.forms import forms_of
from tests.security.planted import Planted
from tests.security.planting import ledger
from tests.security.world import World, body
from tests.support.hostile import Attack

pytestmark = pytest.mark.usefixtures("planted")

SEARCHED = [
    "' OR 1=1 --",
    "'; DROP TABLE register_initiative; --",
    '" OR ""="',
    "1) OR (1=1",
    "' UNION SELECT password FROM register_user --",
    "%' AND pg_sleep(5) --",
    "'||pg_sleep(5)||'",
    "\\' OR 1=1 --",
    "$$; SELECT 1; $$",
    "%s %(a)s %%",
    "{0} {a.__class__} ${7*7} #{7*7}",
    "& | ! <-> :* ( )",
    "((((((((((",
    "a & !b | (c <-> d:*)",
    "':* & '",
    "<->",
    "fleet:*ABCD",
    ".* (.+)+ [ ( { * + ?",
    "(?i)(a+)+$",
    "\\",
    "\\x00",
    "%_%_%_%",
    "_" * 200,
    "%" * 200,
    "a" * 10_000,
    "a " * 5_000,
    "é" * 3_000,
    "\u202e\u200b\ufeff",
    "𝕏" * 500,
    "\ud7ff\ue000",
    "0x27 CHAR(39)",
    "9" * 400,
    "-1",
    "1e309",
    "NaN",
    "../../etc/passwd",
    "\t\n\r ",
    "null None undefined true",
    "BL-00000 BL-99999999999999999999",
    "\x00",
    "a\x00b",
]


BOXES = (
    "/organisations/search/",
    "/digests/",
    "/initiatives/facets/",
    "/initiatives/new/similar/",
    "/admin/register/organisation/",
    "/organisations/",
)


@pytest.mark.parametrize("text", SEARCHED, ids=lambda text: repr(text)[:40])
def test_every_box_of_search_takes_it_as_text(world: World, attack: Attack, text: str) -> None:
    """The list of initiatives each, the other boxes by turns; what is most awkward each."""
    client, before = world.client("opener"), ledger()
    place = SEARCHED.index(text)
    others = BOXES if "\0" in text else (BOXES[place % len(BOXES)], BOXES[(place + 1) % len(BOXES)])
    for address in ("/initiatives/", *others):
        attack("injection into searches", f"{address} {text[:60]!r}")
        answer = client.get(address, {"q": text, "title": text, "for": text})
        assert answer.status_code in (200, 302, 400), (address, answer.status_code)
    assert ledger() == before


def test_every_field_of_every_box_takes_it_as_text(world: World, planted: Planted, attack: Attack) -> None:
    """One request for each form that is sent by GET, another text in each of its fields."""
    client, seen, number = world.client("opener"), set(), 0
    for address, html in planted.pages.items():
        for form in forms_of(html):
            names = tuple(sorted(form.names))
            if form.method != "get" or not names or names in seen:
                continue
            seen.add(names)
            target = (form.action or address).split("?")[0]
            told = {name: SEARCHED[(number + place) % len(SEARCHED)] for place, name in enumerate(names)}
            number += len(names)
            asked = f"{target}?{urlencode(told)}"
            attack("injection into searches", f"{target} {names}")
            assert client.get(asked).status_code < 500, asked
    assert len(seen) >= 3


@pytest.mark.parametrize(
    "name", ["page", "after", "before", "sort", "as", "cols", "year", "counts", "month", "at"]
)
def test_every_word_of_a_querys_grammar_takes_it_as_text(world: World, attack: Attack, name: str) -> None:
    client = world.client("opener")
    for place, text in enumerate([*SEARCHED[::6], "\0"]):
        address = ("/initiatives/", "/history/", "/digests/", "/everything/figures/")[place % 4]
        attack("injection into searches", f"{address} {name}={text[:60]!r}")
        assert client.get(address, {name: text}).status_code < 500, (address, text)


def test_a_search_that_runs_its_words_is_found_out(world: World) -> None:
    """What the tests above look for: a query put together from text breaks on it."""
    from django.db import DatabaseError, connection, transaction

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM register_initiative WHERE title = '{SEARCHED[1][:4]}'")
    assert "Millbrook" in body(world.client("opener").get("/initiatives/?q=fleet&example=only"))
