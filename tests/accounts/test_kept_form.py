"""A form posted after the sign-in ran out is kept for who signs in again, shown, and sent only by them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from register.accounts.models import User
from register.initiatives.models import Initiative
from tests.factories import person

pytestmark = pytest.mark.django_db

FIELDS = {"title": "Typed for an hour", "purpose": "Not to be lost.", "partners-0-organisation": "Kent"}


@pytest.fixture
def user() -> User:
    return person("contributor", at="kent-police")


def test_what_was_typed_waits_and_nothing_is_saved_until_its_writer_sends_it(
    client: Client, user: User
) -> None:
    answer = client.post("/initiatives/new/", FIELDS)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/?next=")
    client.force_login(user)
    html = client.get("/kept-form/").content.decode()
    assert "Typed for an hour" in html
    assert 'action="/initiatives/new/"' in html
    assert not Initiative.objects.exists()


def test_it_is_shown_once(client: Client, user: User) -> None:
    client.post("/initiatives/new/", FIELDS)
    client.force_login(user)
    client.get("/kept-form/")
    assert client.get("/kept-form/").status_code == 302


def test_it_is_gone_after_an_hour(client: Client, user: User, clock: Any) -> None:
    clock.set("2026-11-23 09:00")
    client.post("/initiatives/new/", FIELDS)
    clock.advance(hours=1, minutes=1)
    client.force_login(user)
    assert client.get("/kept-form/").status_code == 302


def test_it_is_in_nobody_elses_browser(client: Client, user: User) -> None:
    client.post("/initiatives/new/", FIELDS)
    other = Client()
    other.force_login(user)
    assert b"Typed for an hour" not in other.get("/kept-form/", follow=True).content


def test_secrets_and_floods_are_not_kept(client: Client) -> None:
    client.post("/account/login/", {"login": "a@example.org", "password": "x"})
    client.post("/initiatives/new/", {"title": "x" * 300_000})
    assert "kept_form" not in client.session
