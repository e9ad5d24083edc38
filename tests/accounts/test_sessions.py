"""A sign-in ends by itself, is seen by its owner, and ended by them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from register.accounts.models import User
from register.accounts.sessions import in_words
from register.history.models import Change
from tests.factories import person

pytestmark = pytest.mark.django_db

PASSWORD = "a kettle of seven herons"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"


@pytest.fixture
def user(clock: Any) -> User:
    clock.set("2026-11-23 08:00")
    user = person("contributor", at="kent-police")
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def signed_in(user: User, browser: str = FIREFOX) -> Client:
    client = Client(headers={"user-agent": browser})
    assert client.post("/account/login/", {"login": user.email, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_a_session_that_nobody_used_for_two_hours_is_over(user: User, clock: Any) -> None:
    client = signed_in(user)
    clock.advance(hours=1, minutes=59)
    assert is_in(client)
    clock.advance(hours=2)
    assert not is_in(client)


def test_a_session_is_over_after_twelve_hours_however_much_it_was_used(user: User, clock: Any) -> None:
    client = signed_in(user)
    for _ in range(11):
        clock.advance(hours=1)
        assert is_in(client)
    clock.advance(hours=1)
    assert not is_in(client)


def test_reading_pages_writes_nothing_but_once_in_a_while(
    user: User, clock: Any, django_assert_num_queries: Any
) -> None:
    client = signed_in(user)
    is_in(client)
    with django_assert_num_queries(3) as asked:  # the session, the person, their roles
        client.get("/accessibility/")
    assert not re.search("UPDATE|INSERT", str(asked.captured_queries))
    clock.advance(minutes=6)
    client.get("/accessibility/")
    with django_assert_num_queries(3):
        client.get("/accessibility/")


def test_when_somebody_was_seen_is_kept_to_the_hour_and_is_nobodys_history(user: User, clock: Any) -> None:
    came = clock.now
    client = signed_in(user)
    written = Change.objects.count()
    clock.advance(minutes=50)
    is_in(client)
    assert User.objects.get(pk=user.pk).last_seen_at == came
    clock.advance(minutes=20)
    is_in(client)
    assert User.objects.get(pk=user.pk).last_seen_at == clock.now
    assert Change.objects.count() == written


def test_a_person_sees_where_they_are_signed_in_and_ends_it_there(user: User, clock: Any) -> None:
    here = signed_in(user)
    clock.advance(minutes=10)
    there = signed_in(user, IPHONE)
    html = here.get("/account/signed-in/").content.decode()
    assert "Firefox on Windows" in html
    assert "Safari on an iPhone" in html
    [pk] = re.findall(r"/account/signed-in/(\d+)/end/", html)  # this one is ended by signing out
    assert here.get(f"/account/signed-in/{pk}/end/").status_code == 405
    assert is_in(there)
    here.post(f"/account/signed-in/{pk}/end/")
    assert not is_in(there)
    assert is_in(here)
    assert "iPhone" not in here.get("/account/signed-in/").content.decode()


def test_nobody_ends_the_session_of_another(user: User) -> None:
    mine, other = signed_in(user), person()
    html = mine.get("/account/signed-in/").content.decode()
    assert "You are signed in here only" in html

    pk = UserSession.objects.get(user=user).pk
    stranger = Client()
    stranger.force_login(other)
    assert stranger.post(f"/account/signed-in/{pk}/end/").status_code == 404
    assert is_in(mine)


def test_all_others_are_ended_at_once(user: User) -> None:
    here, others = signed_in(user), [signed_in(user, browser) for browser in (EDGE, IPHONE)]
    assert here.post("/account/signed-in/end-others/").status_code == 302
    assert is_in(here)
    assert not any(is_in(other) for other in others)
    [kept] = Change.ledger.filter(table_name="session_ended")
    assert (kept.actor_id, kept.after) == (user.pk, {"sessions": 2})


def test_a_new_password_ends_the_sessions_elsewhere(user: User) -> None:
    here, there = signed_in(user), signed_in(user, EDGE)
    told = {"oldpassword": PASSWORD, "password1": "nine lamps in a barn", "password2": "nine lamps in a barn"}
    assert here.post("/account/password/change/", told).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert "Edge" not in here.get("/account/signed-in/").content.decode()


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        (FIREFOX, "Firefox on Windows"),
        (EDGE, "Edge on Windows"),
        (IPHONE, "Safari on an iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("curl/8.0", "A program that does not say what it is"),
        ("", "A program that does not say what it is"),
        ("<script>alert(1)</script>", "A program that does not say what it is"),
    ],
)
def test_a_browser_is_told_in_plain_words(user_agent: str, said: str) -> None:
    assert in_words(user_agent) == said
