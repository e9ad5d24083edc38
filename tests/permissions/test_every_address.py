"""Every address × every kind of reader × every kind of object × GET and POST answers what the table says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.template import loader
from django.test import override_settings
from django.urls import reverse
from django.utils.safestring import SafeString

from register.initiatives.sections import SECTIONS
from tests.house.addresses import ours, patterns
from tests.permissions.table import STRANGER, Row, answer, cells, may, rows
from tests.permissions.world import World
from tests.permissions.writing import PAGE, page, unheaded

WHERE = "tests/permissions/expected/addresses.csv"


@pytest.fixture(scope="module")
def world(sample_database: Any, worker_database: Any, django_db_blocker: Any) -> Iterator[World]:
    """The sample and the table's own things, in one transaction for the whole file."""
    with django_db_blocker.unblock():
        sample_database.use()
        try:
            # The walk may take longer than a sign-in is recent.
            with override_settings(SIGN_IN_AGAIN_AFTER=24 * 60 * 60), transaction.atomic():
                yield World()
                transaction.set_rollback(True)
        finally:
            worker_database.use()


@pytest.fixture(scope="module")
def pages_once() -> Iterator[set[Any]]:
    """A template is rendered once for all who may do the same to the same thing; put what that is into the set.

    The walk compares decisions, which are made before: eighteen readers of a page would be a third of its time.
    """
    asked: set[Any] = set()
    rendered: set[Any] = set()
    render = loader.render_to_string

    def render_once(template: Any, *args: Any, **named: Any) -> SafeString:
        key = (str(template), frozenset(asked))
        if asked and key in rendered:
            return SafeString("")
        rendered.add(key)
        return render(template, *args, **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loader, "render_to_string", render_once)
        yield asked


def outcome(world: World, reader: str, method: str, address: str) -> str:
    """What it answers, in the table's words. Whatever it did is undone."""
    client = world.clients[reader]
    try:
        told: Any = client.generic(method, address, content_type="application/x-www-form-urlencoded")
        if told.streaming:
            told.getvalue()
    finally:
        world.undo()
    client.cookies.pop("messages", None)
    if told.status_code == 302 and told.headers["Location"].startswith(("/account/login/", "/admin/login/")):
        return "sign in"
    return str(told.status_code) if told.status_code in (403, 404, 405) or told.status_code >= 500 else "open"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.address)
def test_an_address_answers_each_reader_as_the_table_says(
    world: World, row: Row, pages_once: set[Any]
) -> None:
    wrong = []
    for thing, column in cells(row.of).items():
        for address in world.addresses(row, thing):
            for reader, cell in {STRANGER: "", **column}.items():
                for method in ("GET", "POST"):
                    pages_once.clear()
                    pages_once |= {address, method, thing, frozenset(may(cell)), reader == STRANGER}
                    expected = answer(row, method, reader, cell)
                    found = outcome(world, reader, method, address)
                    if found != expected:
                        wrong.append(f"{method} {address} ({thing}) as {reader}: {found}, not {expected}")
    pages_once.clear()
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_address_has_its_row() -> None:
    """A new address fails here until its row is written, from what people should be able to do."""
    told = {row.name for row in rows()}
    missing = set(ours()) - told
    assert not missing, (
        f"Write a row in {WHERE} for {', '.join(sorted(missing))}: what it is of (a file beside it), and what a GET"
        " and a POST ask; “-” for a method that it does not take. Then `make permissions`."
    )
    assert not told - set(ours()), f"{WHERE} has rows of addresses that are gone: {told - set(ours())}"
    for name in ("section_new", "section_edit", "section_remove"):
        assert {row.slug for row in rows() if row.name == name} == set(SECTIONS)


def test_no_address_is_written_twice() -> None:
    assert [name for name, times in Counter(row.address for row in rows()).items() if times > 1] == []


def test_every_page_of_a_sensitive_record_carries_its_marking_and_how_it_is_handled(world: World) -> None:
    client, seen = world.clients["organisation lead of the lead"], 0
    for row in rows():
        if row.of != "record" or row.get == "-":
            continue
        (address,) = world.addresses(row, "sensitive")
        told = client.get(address)
        if told.streaming:
            told.getvalue()  # a file, read to its end so that it is closed
        elif told.status_code == 200:
            seen += 1
            html = told.content.decode().replace('<span class="bl-official__how">', "")
            assert "OFFICIAL-SENSITIVE: the two services only</span>" in html, address
    assert seen > 10


def test_the_page_says_what_the_table_says() -> None:
    assert not unheaded(), "Give it a heading in tests/permissions/writing.py"
    assert PAGE.read_text(encoding="utf-8") == page(), "Write it anew: make permissions"


ROLES = ("nobody in particular", "reader of the register", "contributor of the lead", "organisation lead of the lead",
         "group member", "chair", "secretary", "auditor")  # fmt: skip


def test_the_administration_opens_to_administrators_alone(world: World) -> None:
    """Every page of it: to all others it is as if they had not signed in."""
    wrong = []
    for _route, entry in patterns():
        if not entry.lookup_str.startswith(("django.contrib.admin.options", "register.reference.admin")):
            continue
        wanted = {"object_id": 1} if "object_id" in entry.pattern.converters else {}
        address = reverse(f"admin:{entry.name}", kwargs=wanted)
        for reader in (STRANGER, *ROLES):
            for method in ("GET", "POST"):
                if outcome(world, reader, method, address) != "sign in":
                    wrong.append(f"{method} {address} as {reader}")
        if not wanted and outcome(world, "administrator", "GET", address) not in ("open", "403"):
            wrong.append(f"GET {address} as administrator")
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_page_of_the_account_answers_with_an_error(world: World) -> None:
    """django-allauth's pages, and ours beside them: each is about who asks, so there is no role to hold."""
    for route, entry in patterns():
        if not entry.lookup_str.startswith(("allauth.", "register.accounts.adapters.")) or "<" in route:
            continue
        for reader in (STRANGER, *ROLES, "administrator"):
            for method in ("GET", "POST"):
                found = outcome(world, reader, method, reverse(entry.name))
                assert found in ("open", "sign in", "404", "405"), (method, entry.name, reader, found)
