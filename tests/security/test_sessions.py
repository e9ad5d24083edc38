"""A session is one's own: it is new after signing in, dead after signing out, and nobody can choose it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from register.core.tracking import origin, recorded
from tests.security.world import World, body
from tests.support.hostile import Attack
from tests.support.run import BASE

KIND = "session fixation"
WORDS = "a kettle of seven herons"


@pytest.fixture(autouse=True)
def can_sign_in(world: World) -> None:
    for who in ("reader", "member"):
        user = world.user(who)
        user.set_password(WORDS)
        with origin("test"), recorded(by=None):
            user.save()


def sign_in(client: Client, who: str = "reader", **more: Any) -> Any:
    return client.post("/account/login/", {"login": f"{who}@exampleshire.example", "password": WORDS}, **more)


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def planted_in_advance(client: Client) -> str:
    """A session that the register itself made before signing in: a form posted signed out makes one."""
    client.post("/initiatives/new/", {"title": "x"})
    return client.cookies["session"].value if "session" in client.cookies else ""


FIXED = {
    "a key that there never was": "a" * 32,
    "a key of another length": "b" * 400,
    "an empty key": "",
    "a key with a NUL": "c\0d",
    "a key that is a path": "../../sessions/x",
    "a key of quotes": "' OR 1=1 --",
    "a key that is not ASCII": "é" * 32,
    "a key of a line end": "e%0d%0aSet-Cookie: a=b",
}


@pytest.mark.parametrize("what", FIXED)
def test_a_key_that_somebody_else_chose_is_not_taken_over(world: World, attack: Attack, what: str) -> None:
    attack(KIND, what)
    client = Client(raise_request_exception=False)
    client.cookies["session"] = FIXED[what]
    assert sign_in(client).status_code == 302
    assert client.cookies["session"].value not in (FIXED[what], "")
    assert not Session.objects.filter(session_key=FIXED[what].replace("\0", "")).exists()
    assert is_in(client)


def test_a_session_from_before_signing_in_gets_another_key(world: World, attack: Attack) -> None:
    attack(KIND, "a session of ours from before")
    victim, attacker = Client(), Client()
    before = planted_in_advance(victim) or "d" * 32
    attacker.cookies["session"] = before
    sign_in(victim)
    assert victim.cookies["session"].value != before
    assert is_in(victim)
    assert not is_in(attacker)


def test_signing_in_again_as_somebody_else_leaves_nothing_of_the_first(world: World, attack: Attack) -> None:
    attack(KIND, "a session of somebody else")
    client, kept = Client(), Client()
    sign_in(client)
    client.session["secret"] = "of the first"
    first = client.cookies["session"].value
    kept.cookies["session"] = first
    client.post("/account/logout/")
    sign_in(client, "member")
    assert client.cookies["session"].value != first
    assert not is_in(kept)


def test_after_signing_out_the_key_opens_nothing(world: World, attack: Attack) -> None:
    attack(KIND, "the key of a session that ended")
    client, kept = Client(), Client()
    sign_in(client)
    kept.cookies["session"] = client.cookies["session"].value
    assert is_in(kept)
    client.post("/account/logout/")
    assert not is_in(kept)
    assert not is_in(client)


def test_a_link_does_not_sign_anybody_out(world: World, attack: Attack) -> None:
    attack(KIND, "signing out by GET")
    client = Client()
    sign_in(client)
    client.get("/account/logout/")
    assert is_in(client)


def test_who_is_switched_off_or_has_another_password_is_out(world: World, attack: Attack) -> None:
    for number, what in enumerate(("switched off", "another password")):
        attack(KIND, f"a session of somebody {what}")
        client = Client()
        sign_in(client, ("reader", "member")[number])
        user = world.user(("reader", "member")[number])
        if number:
            user.set_password("nine quiet lanterns")
        else:
            user.is_active = False
        with origin("test"), recorded(by=None):
            user.save()
        assert not is_in(client)


@pytest.mark.parametrize("place", ["query", "post", "header", "path"])
def test_a_key_is_taken_from_the_cookie_alone(world: World, attack: Attack, place: str) -> None:
    attack(KIND, f"a key in the {place}")
    other, client = Client(), Client()
    sign_in(other)
    key = other.cookies["session"].value
    answers = {
        "query": lambda: client.get("/account/", {"session": key, "sessionid": key}),
        "post": lambda: client.post("/initiatives/new/", {"session": key, "sessionid": key}),
        "header": lambda: client.get(
            "/account/", headers={"X-Session": key, "Authorization": f"Session {key}"}
        ),
        "path": lambda: client.get(f"/account/;session={key}"),
    }
    answer = answers[place]()
    assert answer.status_code in (302, 404)
    assert not is_in(client)


def test_the_cookies_are_out_of_reach(world: World, attack: Attack) -> None:
    attack(KIND, "a script that reads the cookie")
    client = Client()
    client.get("/account/login/")
    sign_in(client)
    session = client.cookies["session"]
    assert session["httponly"]
    assert session["samesite"] in ("Lax", "Strict")
    assert session["path"] == "/"
    assert not session["domain"]
    assert client.cookies["csrf"]["samesite"] in ("Lax", "Strict")


def test_where_the_site_is_https_the_cookies_are_bound_to_it(attack: Attack) -> None:
    """The settings of a real installation, read in a process of their own."""
    attack(KIND, "a cookie set by a neighbouring host")
    real = {
        "DEMO": "0", "SITE_URL": "https://register.example.org", "ALLOWED_HOSTS": "register.example.org",
        "EMAIL_URL": "smtp+tls://user:secret@127.0.0.1:1", "SECRET_KEY": "k" * 60,
    }  # fmt: skip
    said = "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME,"
    said += " s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS >= 31536000)"
    done = subprocess.run(
        [sys.executable, "-c", said],
        cwd=BASE,
        env=os.environ | real,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["__Host-session", "__Host-csrf", "True", "True", "True", "True"]


def test_a_page_tells_no_key(world: World) -> None:
    client = Client()
    sign_in(client)
    for address in ("/", "/account/"):
        assert client.cookies["session"].value not in body(client.get(address))
