"""Somebody moves their own account to another address: by its password, and by a link that the new mailbox gets."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client

from register.accounts.address import services
from register.accounts.address.services import address_in, move_to
from register.accounts.joining.domains import add_email_domain
from register.accounts.models import User
from register.core.tracking import origin
from register.history.models import Change
from tests.accounts.support import PASSWORD, sign_in, with_password
from tests.accounts.test_again import a_while_later
from tests.factories import organisation, person
from tests.support.mail import Sink, deliver

pytestmark = pytest.mark.django_db

PAGE = "/account/address/"
NEW = "sam.okafor@kent.police.uk"


@pytest.fixture(autouse=True)
def no_limits_yet(db: None) -> None:
    cache.clear()


@pytest.fixture
def sam(client: Client) -> User:
    sam = with_password("contributor", at="kent-police", name="Sam Okafor", email="sam@kent.police.uk")
    sign_in(client, sam)
    return sam


def ask(client: Client, email: str = NEW) -> Any:
    return client.post(PAGE, {"email": email})


def texts(sink: Sink) -> list[tuple[str, str]]:
    deliver()
    return [(str(message["To"]), message.get_content()) for message in sink.received]


def link(sink: Sink) -> str:
    """The link of the newest email."""
    return re.findall(r"http://localhost:8000(/\S+)", texts(sink)[-1][1])[-1]


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_the_new_mailbox_is_asked_and_then_it_is_done_and_both_hear_of_it(
    client: Client, sam: User, sink: Sink
) -> None:
    assert NEW.encode() in ask(client).content
    assert [to for to, _ in texts(sink)] == [NEW]
    where = link(sink)
    assert b"Sign in as sam.okafor@kent.police.uk?" in client.get(where).content
    assert fresh(sam).email == "sam@kent.police.uk"
    assert client.post(where, follow=True).status_code == 200
    assert fresh(sam).email == NEW
    assert [to for to, _ in texts(sink)[1:]] == ["sam@kent.police.uk", NEW]
    assert EmailAddress.objects.get(user=sam).email == NEW
    [noted] = Change.ledger.filter(table_name="email_changed")
    assert (noted.actor_id, noted.object_id, noted.after) == (sam.pk, sam.pk, {})
    assert Client().post("/account/login/", {"login": NEW, "password": PASSWORD})["Location"] == "/"


def test_until_then_nothing_of_the_new_address_is_kept(client: Client, sam: User, sink: Sink) -> None:
    ask(client)
    assert [one.email for one in EmailAddress.objects.all()] == ["sam@kent.police.uk"]
    Client().post("/account/password/reset/", {"email": NEW})
    assert "No account has it" in texts(sink)[-1][1]


def test_it_asks_who_it_is_after_a_while(client: Client, sam: User, sink: Sink) -> None:
    a_while_later(client)
    for answer in (client.get(PAGE), ask(client)):
        assert answer["Location"].startswith("/account/reauthenticate/")
    assert not texts(sink)


def test_the_link_works_once_and_for_who_asked_only(client: Client, sam: User, sink: Sink) -> None:
    ask(client)
    where = link(sink)
    assert Client().get(where)["Location"].startswith("/account/login/")
    other = Client()
    other.force_login(with_password("administrator"))
    assert other.post(where).status_code == 404
    assert client.post(where).status_code == 302
    assert client.get(where).status_code == client.post(where).status_code == 404
    assert fresh(sam).email == NEW


@pytest.mark.parametrize("change", ["a part lost", "another address", "a day later", "another password"])
def test_a_link_that_is_not_good_any_more_moves_nobody(
    client: Client, sam: User, sink: Sink, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client)
    where = link(sink)
    if change == "a part lost":
        where = f"{where[:-5]}/"
    if change == "another address":
        ask(client, "sam.2@kent.police.uk")
        client.post(link(sink))
    if change == "a day later":
        monkeypatch.setattr(services, "GOOD_FOR", timedelta(seconds=-1))
    if change == "another password":
        sam.set_password("another kettle of herons")
        sam.save()
        client.force_login(sam)
    assert client.post(where).status_code == 404
    assert fresh(sam).email != NEW


def test_whether_somebody_has_an_address_only_its_mailbox_learns(
    client: Client, sam: User, sink: Sink
) -> None:
    person(email="taken@kent.police.uk")
    told = []
    for email in ("taken@kent.police.uk", "TAKEN@kent.police.uk", "nobody@kent.police.uk"):
        answer = ask(client, email)
        told.append(
            re.sub(r'(value=|X-CSRFToken": )"[^"]+"', "", answer.content.decode()).replace(email, "…")
        )
    assert told[0] == told[1] == told[2]
    assert [to for to, _ in texts(sink)] == [
        "taken@kent.police.uk",
        "taken@kent.police.uk",
        "nobody@kent.police.uk",
    ]
    assert "An account has it already" in texts(sink)[0][1]
    assert "http" not in texts(sink)[0][1]
    assert "Sam" not in texts(sink)[0][1]


def test_who_takes_the_address_meanwhile_keeps_it(client: Client, sam: User, sink: Sink) -> None:
    ask(client)
    person(email=NEW)
    assert b"Somebody already signs in" in client.post(link(sink), follow=True).content
    assert fresh(sam).email == "sam@kent.police.uk"


def test_it_ends_the_sessions_elsewhere(client: Client, sam: User, sink: Sink) -> None:
    elsewhere = Client()
    sign_in(elsewhere, sam)
    elsewhere.get("/")
    ask(client)
    client.post(link(sink))
    assert elsewhere.get("/").status_code == 302
    assert client.get("/").status_code == 200


def test_an_address_of_ones_organisation_stays_one(client: Client, sam: User, sink: Sink) -> None:
    with origin("test"):
        for code, domain in (("kent-police", "kent.police.uk"), ("kent-fire", "kent.fire.uk")):
            add_email_domain(by=None, organisation=organisation(code), domain=domain)
    for email in ("sam@gmail.com", "sam@kent.fire.uk", "sam@evil-kent.police.uk"):
        answer = ask(client, email)
        assert answer.status_code == 422
        assert b"Enter an address at kent.police.uk" in answer.content
    assert not texts(sink)
    assert ask(client).status_code == 200


def test_the_same_address_and_what_is_none_are_mistakes(client: Client, sam: User, sink: Sink) -> None:
    for email in ("SAM@kent.police.uk", "sam", "", "sam@kent.police.uk\nBcc: eve@evil.example"):
        assert ask(client, email).status_code == 422
    assert not texts(sink)


def test_the_address_of_a_work_account_is_its_providers(client: Client, sam: User, sink: Sink) -> None:
    ask(client)
    where = link(sink)
    SocialAccount.objects.create(user=sam, provider="kent", uid="sam")
    assert b"your organisation" in client.get(PAGE).content
    ask(client, "sam.3@kent.police.uk")
    assert len(texts(sink)) == 1
    assert client.post(where).status_code == 404
    assert fresh(sam).email == "sam@kent.police.uk"


def test_without_a_password_there_is_nothing_to_prove_it_by(client: Client, sink: Sink) -> None:
    client.force_login(person(email="kim@kent.police.uk"))
    assert b"Set a password first" in client.get(PAGE).content
    ask(client)
    assert not texts(sink)


def test_it_is_limited(client: Client, sam: User, sink: Sink) -> None:
    answers = [ask(client, f"sam{number}@kent.police.uk") for number in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "3600"
    assert b'<a href="/account/">Your account</a></li><li>Your email address</li>' in answers[-1].content
    assert len(texts(sink)) == 5


def test_the_service_asks_the_same(sam: User) -> None:
    person(email="taken@kent.police.uk")
    for email in ("taken@kent.police.uk", "sam@kent.police.uk"):
        with origin("test"), pytest.raises(ValidationError):
            move_to(by=fresh(sam), email=email, session_key=None)
    assert address_in("nothing-of-ours", sam) is None
