"""Mistakes at signing in: each box is named, the summary comes first, and nothing untrue is said of a password."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.accounts.support import sign_in, with_password

pytestmark = pytest.mark.django_db

TYPED = "Nothing you typed has been lost."


def summary(html: str) -> list[str]:
    """What the error summary says, if it stands before the page's heading."""
    before = html[: html.index("<h1")]
    return re.findall(r'<a href="#id_\w+">([^<]+)</a>', before)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/account/login/", ["Enter your email address", "Enter your password"]),
        ("/account/password/reset/", ["Enter your email address"]),
    ],
)
def test_an_empty_box_at_the_door_says_what_to_enter(client: Client, address: str, told: list[str]) -> None:
    html = client.post(address, {}).content.decode()
    assert summary(html) == told
    assert "<title>Error: " in html


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (
            "/account/password/change/",
            ["Enter the password you have now", "Enter a new password", "Enter the new password again"],
        ),
        ("/account/reauthenticate/", ["Enter your password"]),
    ],
)
def test_so_does_one_behind_it(client: Client, address: str, told: list[str]) -> None:
    sign_in(client, with_password())
    assert summary(client.post(address, {}).content.decode()) == told


def test_a_password_is_never_said_to_be_kept(client: Client) -> None:
    """It is not typed back into the page."""
    assert (
        TYPED
        not in client.post("/account/login/", {"login": "a@example.org", "password": "x"}).content.decode()
    )
    assert TYPED in client.post("/ask-for-access/", {}).content.decode()


def test_a_password_that_many_use_is_answered_with_what_to_do_and_once(client: Client) -> None:
    sign_in(client, with_password())
    told = {"oldpassword": "wrong", "password1": "password1", "password2": "password1"}
    said = summary(client.post("/account/password/change/", told).content.decode())
    assert [line for line in said if "Use three words" in line] == said[-1:]
    assert not [line for line in said if "too common" in line]
