"""A form that is open when the session ends is kept for the same person, shown, and sent only by them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from register.accounts.kept_form import whose_cookie
from register.accounts.models import User
from register.initiatives.models import Initiative
from tests.factories import person

pytestmark = pytest.mark.django_db

FIELDS = {"title": "Typed for an hour", "purpose": "Not to be lost.", "partners-0-organisation": "Kent"}
PASSWORD = "a kettle of seven herons"


@pytest.fixture
def user() -> User:
    return person("contributor", at="kent-police")


@pytest.fixture
def browser(client: Client, user: User) -> Client:
    """Where the user was signed in last."""
    client.cookies[settings.WHOSE_COOKIE_NAME] = whose_cookie(user)
    return client


def test_what_was_typed_waits_and_nothing_is_saved_until_its_writer_sends_it(
    browser: Client, user: User
) -> None:
    answer = browser.post("/initiatives/new/", FIELDS)
    assert answer.status_code == 302
    assert answer["Location"] == "/account/login/?next=%2Fkept-form%2F"
    assert "What you typed is kept" in browser.get(answer["Location"]).content.decode()
    browser.force_login(user)
    html = browser.get("/kept-form/").content.decode()
    assert "Typed for an hour" in html
    assert 'action="/initiatives/new/"' in html
    assert not Initiative.objects.exists()


def test_a_session_that_was_idle_a_password_and_the_form_is_back(
    client: Client, user: User, clock: Any
) -> None:
    clock.set("2026-11-23 09:00")
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    told = {"login": user.email, "password": PASSWORD}
    client.post("/account/login/", told)
    assert client.get("/initiatives/new/").status_code == 200
    clock.advance(hours=3)
    answer = client.post("/initiatives/new/", FIELDS)
    answer = client.post(answer["Location"], told | {"next": "/kept-form/"})
    assert answer["Location"] == "/kept-form/"
    assert b"Typed for an hour" in client.get("/kept-form/").content


def test_what_a_form_holds_by_itself_is_not_shown_as_typed(browser: Client, user: User) -> None:
    rows = {"partners-0-role": "lead", "partners-1-organisation": "", "partners-1-role": "observer"}
    browser.post("/initiatives/new/", FIELDS | rows | {"different": "yes"})
    browser.force_login(user)
    html = browser.get("/kept-form/").content.decode()
    assert "<dd>lead</dd>" in html
    assert "<dd>observer</dd>" not in html
    assert "<dt>Different</dt>" not in html
    assert 'name="different" value="yes"' in html, "and it is sent on"


# -- Signed in again in another tab meanwhile -----------------------------------------------------------------------


@pytest.fixture
def tab(user: User) -> Client:
    """A browser with a form open whose session ended. The same person signs in again in another tab."""
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    tab = Client(enforce_csrf_checks=True)
    sign_in(tab, user)
    tab.old_token = token_on(tab.get("/initiatives/new/"))
    tab.cookies.pop(settings.SESSION_COOKIE_NAME)
    return tab


def token_on(page: Any) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def sign_in(tab: Client, user: User) -> None:
    told = {"login": user.email, "password": PASSWORD}
    token = token_on(tab.get("/account/login/"))
    assert tab.post("/account/login/", told | {"csrfmiddlewaretoken": token}).status_code == 302


def send(tab: Client, address: str = "/initiatives/new/?group=eastern", **headers: str) -> Any:
    fields = FIELDS | {"csrfmiddlewaretoken": tab.old_token}
    return tab.post(address, fields, headers={"Origin": "http://testserver"} | headers)


def test_who_signs_in_again_in_another_tab_first_loses_nothing(tab: Client, user: User) -> None:
    sign_in(tab, user)
    assert send(tab)["Location"] == "/kept-form/"
    page = tab.get("/kept-form/")
    assert b"Typed for an hour" in page.content
    assert b'action="/initiatives/new/?group=eastern"' in page.content
    assert not Initiative.objects.exists()
    sent = FIELDS | {"csrfmiddlewaretoken": token_on(page)}
    assert tab.post("/initiatives/new/", sent).status_code == 422  # taken, and its mistakes told


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://testserver.evil.example"])
def test_but_a_page_of_somebody_elses_puts_nothing_there(tab: Client, user: User, origin: str) -> None:
    sign_in(tab, user)
    assert send(tab, Origin=origin).status_code == 403
    assert tab.get("/kept-form/").status_code == 302


def test_nor_does_what_another_person_typed_wait_for_who_comes_after(tab: Client) -> None:
    other = person("contributor", at="kent-police")
    other.set_password(PASSWORD)
    other.save(update_fields=["password"])
    sign_in(tab, other)
    assert send(tab).status_code == 403
    assert tab.get("/kept-form/").status_code == 302


def test_nor_a_form_of_signing_in_or_of_administration(tab: Client, user: User) -> None:
    sign_in(tab, user)
    for address in ("/account/details/", "/admin/login/"):
        assert send(tab, address).status_code == 403
    assert tab.get("/kept-form/").status_code == 302


def test_another_person_who_signs_in_there_never_sees_it(browser: Client, user: User) -> None:
    browser.post("/initiatives/new/", FIELDS)
    browser.force_login(person("administrator"))
    assert browser.get("/kept-form/").status_code == 302
    browser.force_login(user)
    assert browser.get("/kept-form/").status_code == 302


def test_it_is_not_readable_where_it_waits(browser: Client) -> None:
    browser.post("/initiatives/new/", FIELDS)
    [session] = Session.objects.all()
    assert list(session.get_decoded()) == ["kept_form"]
    assert "Typed" not in str(session.get_decoded())


def test_in_a_browser_that_is_nobodys_nothing_is_kept(client: Client) -> None:
    client.cookies[settings.WHOSE_COOKIE_NAME] = "1:forged"
    assert client.post("/initiatives/new/", FIELDS).status_code == 302
    assert not Session.objects.exists()


def test_a_page_that_is_loaded_twice_loses_nothing(browser: Client, user: User) -> None:
    browser.post("/initiatives/new/", FIELDS)
    browser.force_login(user)
    for _ in range(2):
        assert b"Typed for an hour" in browser.get("/kept-form/").content


def test_it_is_gone_after_some_hours(browser: Client, user: User, clock: Any) -> None:
    clock.set("2026-11-23 09:00")
    browser.cookies[settings.WHOSE_COOKIE_NAME] = whose_cookie(user)
    browser.post("/initiatives/new/", FIELDS)
    clock.advance(hours=8, minutes=1)
    browser.force_login(user)
    assert browser.get("/kept-form/").status_code == 302


def test_it_is_in_nobody_elses_browser(browser: Client, user: User) -> None:
    browser.post("/initiatives/new/", FIELDS)
    other = Client()
    other.force_login(user)
    assert b"Typed for an hour" not in other.get("/kept-form/", follow=True).content


def test_secrets_and_floods_are_not_kept(browser: Client) -> None:
    browser.post("/account/login/", {"login": "a@example.org", "password": "x"})
    browser.post("/initiatives/new/", {"title": "x" * 300_000})
    assert "kept_form" not in browser.session
