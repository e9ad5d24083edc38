"""The pages about privacy, cookies and accessibility say what is so, and mark what only the operator can say."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from register.pages.words import cookies
from tests.factories import initiative, person
from tests.house.addresses import SIGN_IN_PAGES


@pytest.mark.parametrize("name", ["privacy", "accessibility"])
def test_what_the_operator_has_not_said_is_marked_and_what_they_said_is_shown(
    db: None, client: Client, settings: Any, name: str
) -> None:
    assert (
        "[to complete: the organisation that runs this register]"
        in client.get(reverse(name)).content.decode()
    )
    settings.STATEMENTS = dict.fromkeys(settings.STATEMENTS, "Wessex <b>Fire</b>")
    told = client.get(reverse(name)).content.decode()
    assert "to complete" not in told
    assert "Wessex &lt;b&gt;Fire&lt;/b&gt;" in told


def test_the_cookies_that_are_told_are_those_that_are_set(db: None) -> None:
    """Signing in, being told something, a form after the session's end, sign-in's own pages, administration."""
    client, user = Client(), person("administrator")
    user.set_password("a long password for once")
    user.save(update_fields=["password"])
    given: dict[str, set[int | None]] = {}

    def ask(method: Any, *args: Any, **kwargs: Any) -> None:
        for name, cookie in method(*args, **kwargs).cookies.items():
            if cookie.value:
                given.setdefault(name, set()).add(
                    int(cookie["max-age"]) // 3600 if cookie["max-age"] else None
                )

    record = initiative(audience="everyone")
    ask(client.get, "/account/login/")
    ask(client.post, "/account/login/", {"login": user.email, "password": "a long password for once"})
    for address in ("/", "/initiatives/", "/admin/", *(reverse(name) for name in SIGN_IN_PAGES)):
        ask(client.get, address, follow=True)
    ask(client.post, f"{record.get_absolute_url()}confirm/")
    ask(client.post, "/account/logout/")
    ask(client.post, f"{record.get_absolute_url()}confirm/")
    ask(client.get, "/account/password/reset/")
    told = {cookie.name: cookie for cookie in cookies()}
    assert set(given) == set(told)
    # Signed in, a browser forgets it when it is closed; that of a form that waits for sign-in, after its hours.
    hours = settings.SESSION_COOKIE_AGE // 3600
    assert given[settings.SESSION_COOKIE_NAME] == {None, hours}
    assert f"{hours} hours at most" in told.pop(settings.SESSION_COOKIE_NAME).life
    for name, cookie in told.items():
        assert {cookie.life} == {f"{hours // 24} days." for hours in given[name] if hours}, name


def test_a_cookie_more_would_have_to_be_told() -> None:
    """Of what sign-in could set besides: a browser that is trusted without its second factor."""
    from allauth.mfa import app_settings

    assert not app_settings.TRUST_ENABLED


def test_the_page_about_cookies_names_each(db: None, client: Client) -> None:
    told = client.get(reverse("cookies")).content.decode()
    for cookie in cookies():
        assert cookie.name in told
        assert cookie.purpose in told


def test_privacy_says_how_long_things_are_kept_as_it_is_set(client: Client, settings: Any) -> None:
    settings.LEAVER_ASKED_DAYS, settings.LEAVER_PAUSED_DAYS, settings.FORGET_AFTER_DAYS = 61, 17, 203
    html = client.get("/privacy/").content.decode()
    assert "nobody used for 61 days" in html
    assert "switched off 17 days later" in html
    assert "forgotten 203 days after" in html
