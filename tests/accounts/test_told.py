"""Whoever's account it is hears of it by email; the ledger hears of it by id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from register.accounts.models import User
from register.accounts.services import change_person, erase_person
from register.core.clock import now
from register.core.tracking import origin
from register.history.models import Change
from tests.accounts.support import PASSWORD, sign_in, with_password
from tests.accounts.test_second_factor import code_of, with_app
from tests.support.mail import Sink, deliver, mail_server

pytestmark = pytest.mark.django_db

NEW = "gravel teapot seventy"


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with mail_server(settings) as made:
        yield made


@pytest.fixture
def user() -> User:
    return with_password("reader", name="Kim Novak")


def subjects(sink: Sink, user: User) -> list[str]:
    deliver()
    return [str(message["Subject"]) for message in sink.to(user)]


def notes() -> list[tuple[str, int | None, Any]]:
    rows = Change.ledger.filter(operation="N").order_by("id")
    return [(row.table_name, row.actor_id, row.object_id) for row in rows]


def test_a_new_device_is_told_once(sink: Sink, user: User, client: Client) -> None:
    sign_in(client, user)
    assert subjects(sink, user) == [], "the first sign-in of all is no news"
    client.post("/account/logout/")
    sign_in(client, user)
    assert subjects(sink, user) == [], "nor is a browser that was used before"
    elsewhere = Client()
    sign_in(elsewhere, user)
    assert subjects(sink, user) == ["You signed in from a new device"]
    text = sink.to(user)[0].get_content()
    assert text.splitlines()[:3] == ["OFFICIAL", "Register of blue light collaboration", ""]
    assert all(len(line) <= 72 for line in text.splitlines() if "http" not in line)
    assert "http://localhost:8000/account/password/reset/" in text
    elsewhere.post("/account/logout/")
    sign_in(elsewhere, user)
    assert len(subjects(sink, user)) == 1


def test_a_device_is_known_for_who_used_it_and_says_nothing_of_them(
    sink: Sink, user: User, client: Client
) -> None:
    other = with_password("reader")
    for somebody in (user, other):
        sign_in(Client(), somebody)
    sign_in(client, user)
    cookie = client.cookies["device"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert str(user.pk) not in cookie.value.split(".")
    assert str(user.public_id) not in cookie.value
    client.post("/account/logout/")
    sign_in(client, other)
    assert subjects(sink, other) == ["You signed in from a new device"]
    forged = Client()
    forged.cookies["device"] = f"{user.public_id}.{user.pk}.é"
    sign_in(forged, user)
    assert len(subjects(sink, user)) == 2


def test_a_changed_password_is_told(sink: Sink, user: User, client: Client) -> None:
    sign_in(client, user)
    other = Client()
    other.force_login(user)
    answer = client.post(
        "/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    )
    assert answer.status_code == 302
    assert subjects(sink, user) == ["Your password was changed"]
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302, "sessions elsewhere end"


def test_a_password_set_by_the_link_is_told_and_the_link_works_once(
    sink: Sink, user: User, client: Client
) -> None:
    client.post("/account/password/reset/", {"email": user.email})
    deliver()
    [message] = sink.to(user)
    link = next(word for word in message.get_content().split() if "/key/" in word)
    link = link.removeprefix("http://testserver")
    page = client.get(link, follow=True)
    assert "The same password again" in page.content.decode()
    address = page.redirect_chain[-1][0]
    weak = client.post(address, {"password1": "password1", "password2": "password1"})
    assert "many people use" in weak.content.decode()
    done = client.post(address, {"password1": NEW, "password2": NEW}, follow=True)
    assert "Your password is set" in done.content.decode()
    assert subjects(sink, user)[-1] == "Your password was changed"
    used = Client().get(link, follow=True).content.decode()
    assert "does not work any more" in used
    assert sign_in(Client(), user, NEW).status_code == 302


def test_factors_added_and_removed_are_told(
    sink: Sink, user: User, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    sign_in(client, user)
    client.get("/account/2fa/totp/activate/")
    code = code_of(client.session["mfa.totp.secret"])
    with origin("web"), django_capture_on_commit_callbacks(execute=True):
        client.post("/account/2fa/totp/activate/", {"code": code})
    with origin("web"), django_capture_on_commit_callbacks(execute=True):
        client.post("/account/2fa/recovery-codes/generate/")
    client.post("/account/2fa/totp/deactivate/")
    assert subjects(sink, user) == [
        "An authenticator app was set up",
        "You have new recovery codes",
        "The authenticator app was removed",
    ]
    # The app and its recovery codes; new codes; codes without an app go with it.
    kinds = Counter(kind for kind, _, _ in notes())
    assert (kinds["factor_added"], kinds["factor_removed"]) == (3, 2)


def test_a_changed_address_is_told_at_both(sink: Sink, user: User) -> None:
    old = user.email
    with origin("test"):
        change_person(by=None, user=user, email="new@example.org", name="Kim Novak-Lee")
    deliver()
    assert {str(message["To"]) for message in sink.received} == {old, "new@example.org"}
    with origin("test"):
        change_person(by=None, user=user, email="new@example.org", name="Kim Novak")
    deliver()
    assert len(sink.received) == 2, "a changed name is not"


def test_the_ledger_knows_who_came_and_went(user: User, client: Client) -> None:
    sign_in(client, user, "wrong")
    sign_in(client, user)
    client.post("/account/logout/")
    assert notes() == [
        ("sign_in_failed", None, user.pk),
        ("signed_in", user.pk, user.pk),
        ("signed_out", user.pk, user.pk),
    ]


def test_the_ledger_knows_of_factors_and_passwords(user: User, client: Client) -> None:
    secret = with_app(user)
    sign_in(client, user)
    client.post("/account/2fa/authenticate/", {"code": "000000"})
    client.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    client.post("/account/2fa/totp/deactivate/")
    assert [kind for kind, _, _ in notes()] == [
        "sign_in_failed",
        "signed_in",
        "password_changed",
        "factor_removed",
    ]


def test_the_ledger_holds_no_address(user: User, client: Client) -> None:
    sign_in(client, user, "wrong")
    client.post("/account/login/", {"login": "nobody@example.org", "password": "x"})
    sign_in(client, user)
    told = str(list(Change.ledger.filter(operation="N").values()))
    assert "@" not in told
    assert user.name not in told


def test_signing_in_changes_the_sessions_key(user: User, client: Client) -> None:
    """So that a session that somebody else fixed in the browser before is not the one that is signed in."""
    client.get("/account/login/")
    planted = client.session
    planted["planted"] = True
    planted.save()
    before = planted.session_key
    client.cookies["session"] = str(before)
    sign_in(client, user)
    assert client.session.session_key != before


def test_erasing_a_person_forgets_their_work_account(user: User) -> None:
    user.socialaccount_set.create(provider="kent", uid="kim", extra_data={"email": user.email})
    with origin("test"):
        erase_person(by=None, user=user, at=now())
    assert not user.socialaccount_set.exists()


def test_who_has_a_work_account_only_is_sent_there_and_gets_no_password(sink: Sink, client: Client) -> None:
    user = with_password()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    user.socialaccount_set.create(provider="kent", uid="kim")
    client.post("/account/password/reset/", {"email": user.email})
    assert subjects(sink, user) == ["You sign in with your work account"]
