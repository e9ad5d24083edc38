"""Guessing: a few tries, then a wait that is told; nothing says who has an account."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.core.cache import cache
from django.test import Client

from register.accounts.models import User
from register.history.models import Change
from tests.accounts.support import PASSWORD, sign_in, with_password
from tests.factories import person
from tests.support.mail import deliver, mail_server

pytestmark = pytest.mark.django_db

WAIT = "Too many attempts. Try again in 5 minutes."


def guess(user: User, times: int, **more: Any) -> str:
    answer: Any = None
    for _ in range(times):
        answer = Client().post("/account/login/", {"login": user.email, "password": "wrong"}, **more)
    return answer.content.decode()


def test_after_five_wrong_passwords_an_account_waits_five_minutes(client: Client, clock: Any) -> None:
    clock.set("2026-11-23 09:00")
    user = with_password()
    assert WAIT not in guess(user, 5)
    assert WAIT in guess(user, 1, REMOTE_ADDR="192.0.2.1"), "wherever they come from"
    assert sign_in(client, user).status_code == 200
    assert sign_in(client, with_password()).status_code == 302, "and nobody else does"
    clock.advance(minutes=5, seconds=1)
    assert sign_in(Client(), user).status_code == 302


def test_one_address_that_tries_many_accounts_waits(settings: Any, clock: Any) -> None:
    clock.set("2026-11-23 09:00")
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": "3/300s/ip,5/300s/key"}
    for number in range(3):
        Client().post("/account/login/", {"login": f"a{number}@example.org", "password": "x"})
    answer = Client().post("/account/login/", {"login": "b@example.org", "password": "x"})
    assert WAIT in answer.content.decode()
    elsewhere = Client().post(
        "/account/login/", {"login": "b@example.org", "password": "x"}, REMOTE_ADDR="192.0.2.1"
    )
    assert WAIT not in elsewhere.content.decode()


def test_asking_for_links_again_and_again_waits(settings: Any) -> None:
    user = with_password()
    with mail_server(settings) as sink:
        for _ in range(4):
            answer = Client().post("/account/password/reset/", {"email": user.email})
        deliver()
        assert len(sink.to(user)) == 3
    assert answer.status_code == 429
    assert "Try again in 5 minutes" in answer.content.decode()
    assert answer["Retry-After"] == "300"


def test_who_says_they_come_from_elsewhere_is_not_believed() -> None:
    """Without a proxy of ours in front, X-Forwarded-For is anybody's word."""
    user = with_password()
    guess(user, 1, HTTP_X_FORWARDED_FOR="198.51.100.7")
    keys = [key for key in _cached() if ":ip:" in key]
    assert keys
    assert not [key for key in keys if "198.51.100.7" in key]


def _cached() -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM register_cache")
        return [key for (key,) in cursor.fetchall()]


def test_the_limits_do_not_make_room_for_others() -> None:
    assert cache._max_entries >= 100_000


def answer_to(client: Client, email: str, password: str = "wrong") -> str:
    html = client.post("/account/login/", {"login": email, "password": password}).content.decode()
    return html.replace(email, "")


def test_the_sign_in_page_does_not_tell_who_has_an_account() -> None:
    known, never_set = with_password(), person()
    answers = {answer_to(Client(), email) for email in ("nobody@example.org", known.email, never_set.email)}
    assert len({_without_token(html) for html in answers}) == 1


def _without_token(html: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html)


def hashes_made(monkeypatch: pytest.MonkeyPatch, email: str) -> Counter[str]:
    made: Counter[str] = Counter()
    hasher: Any = hashers.get_hasher("default")
    encode = type(hasher).encode

    def counting(self: Any, *args: Any, **kwargs: Any) -> str:
        made[self.algorithm] += 1
        return encode(self, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(type(hasher), "encode", counting)
        Client().post("/account/login/", {"login": email, "password": "wrong"})
    return made


def test_nor_does_the_time_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hasher runs as often for an address that nobody has."""
    known = hashes_made(monkeypatch, with_password().email)
    assert known == hashes_made(monkeypatch, "nobody@example.org") == hashes_made(monkeypatch, person().email)
    assert sum(known.values()) == 1


def test_asking_for_a_new_password_tells_nothing_and_sends_one_message_either_way(settings: Any) -> None:
    user = with_password()
    with mail_server(settings) as sink:
        pages = set()
        for email in (user.email, "nobody@example.org"):
            answer = Client().post("/account/password/reset/", {"email": email})
            assert answer["Location"] == "/account/password/reset/done/"
            pages.add(_without_token(Client().get(answer["Location"]).content.decode()))
        assert len(pages) == 1
        deliver()
        assert sorted(str(message["Subject"]) for message in sink.received) == [
            "Set a new password",
            "You have no account with this address",
        ]


def test_waiting_is_in_the_ledger_once_a_wait() -> None:
    guess(with_password(), 9)
    assert Change.ledger.filter(table_name="held_off").count() == 1


def test_changing_a_password_waits_like_signing_in_and_is_in_the_ledger(client: Client) -> None:
    user = with_password()
    client.force_login(user)
    told = {
        "oldpassword": "wrong",
        "password1": "gravel teapot seventy",
        "password2": "gravel teapot seventy",
    }
    answers = [client.post("/account/password/change/", told).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    failed = Change.ledger.filter(table_name="sign_in_failed", object_id=user.pk)
    assert [(row.actor_id, row.after) for row in failed] == [(user.pk, {"method": "password"})] * 5


@pytest.mark.parametrize("what", ["access", "address"])
def test_asking_by_email_again_and_again_says_when_to_come_back(client: Client, what: str) -> None:
    if what == "access":
        address, most = "/ask-for-access/", 3
    else:
        address, most = "/account/address/", 5
        client.force_login(with_password())
    answers = [client.post(address, {"email": "rosa@kent.police.uk"}) for _ in range(most + 1)]
    assert [answer.status_code for answer in answers] == [200] * most + [429]
    assert answers[-1]["Retry-After"] == "3600"
    assert Change.ledger.filter(table_name="held_off").count() == 1


def test_a_mail_server_that_is_away_fails_no_page(settings: Any, client: Client) -> None:
    user = with_password()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert client.post("/account/password/reset/", {"email": user.email}).status_code == 302
    assert client.post("/account/login/", {"login": user.email, "password": PASSWORD}).status_code == 302
