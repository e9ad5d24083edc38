"""Somebody asks for access from an address of their organisation's, and its lead answers."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from register.accounts.joining.asking import approve_request, ask_for_access, confirm_request, refuse_request
from register.accounts.joining.domains import add_email_domain
from register.accounts.joining.letters import send_letters
from register.accounts.joining.links import request_url
from register.accounts.joining.models import AccessRequest, EmailDomain, Invitation, Letter
from register.accounts.models import User
from register.core.clock import now
from register.core.tracking import origin
from register.history.models import Change
from tests.factories import organisation, person
from tests.support.at_once import at_once
from tests.support.mail import Sink

ROSA = {
    "name": "Rosa Quinn",
    "post": "Estates lead",
    "why": "To log our joint sites.",
    "organisation": "kent-police",
}


@pytest.fixture(autouse=True)
def no_limits_yet(request: pytest.FixtureRequest) -> None:
    if "lead" in request.fixturenames:
        request.getfixturevalue("db")
        cache.clear()


@pytest.fixture
def lead(db: None) -> User:
    domains("kent-police")
    return person("organisation_lead", at="kent-police", name="Ivy Lead", email="ivy@kent.police.uk")


def domains(*codes: str, domain: str = "kent.police.uk") -> None:
    for code in codes:
        with origin("test"):
            add_email_domain(by=None, organisation=organisation(code), domain=domain)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(email: str = "rosa@kent.police.uk") -> Any:
    return Client().post("/ask-for-access/", {"email": email})


def link_in(message: Any) -> str:
    return re.findall(r"http://localhost:8000(/\S+)", message.get_content())[-1]


def confirmed(**how: Any) -> AccessRequest:
    told = {
        "organisation": organisation("kent-police"),
        "name": "Rosa Quinn",
        "post": "Estates",
        "why": "Sites.",
    }
    with origin("test"):
        asked = ask_for_access(by=None, email="rosa@kent.police.uk")
        return confirm_request(by=None, asked=asked, now=now(), **(told | how))


def test_an_address_a_confirmation_and_the_leads_yes_lead_in(lead: User, sink: Sink) -> None:
    assert b"/ask-for-access/" in Client().get("/account/login/").content
    assert ask().status_code == 200
    send_letters(clock=now)
    link = link_in(sink.received[0])
    assert Client().get(link).status_code == 200
    assert AccessRequest.objects.get().confirmed_at is None
    assert b"is with Kent Police" in Client().post(link, ROSA, follow=True).content
    send_letters(clock=now)
    assert sink.received[1]["To"] == lead.email
    assert "Rosa" not in sink.received[1].get_content()
    page = link_in(sink.received[1])
    html = signed_in(lead).get(page).content.decode()
    assert "Rosa Quinn" in html
    assert "To log our joint sites." in html
    assert page in signed_in(lead).get("/organisations/kent-police/people/").content.decode()
    assert signed_in(lead).post(page, {"role": "contributor"}).status_code == 302
    send_letters(clock=now)
    assert sink.received[2]["To"] == "rosa@kent.police.uk"
    Client().post(link_in(sink.received[2]), {"name": "Rosa Quinn", "password": "a kettle of seven herons"})
    assert [str(grant) for grant in User.objects.get(email="rosa@kent.police.uk").roles.all()] == [
        "Contributor, Kent Police"
    ]


def test_a_refusal_says_why_to_who_asked(lead: User, sink: Sink) -> None:
    asked = confirmed()
    client = signed_in(lead)
    assert client.post(f"/requests/{asked.pk}/", {"role": "refuse"}).status_code == 422
    told = {"role": "refuse", "why_not": "You work for another force."}
    assert client.post(f"/requests/{asked.pk}/", told).status_code == 302
    send_letters(clock=now)
    [refused] = [message for message in sink.received if message["To"] == "rosa@kent.police.uk"]
    assert "You work for another force." in refused.get_content()
    assert not User.objects.filter(email="rosa@kent.police.uk").exists()


def test_whatever_the_address_the_page_says_and_does_the_same(lead: User, sink: Sink) -> None:
    said, queries = set(), set()
    for email in ("rosa@kent.police.uk", "rosa@nobodys.example", lead.email):
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            answer = ask(email)
        queries.add(len(asked))
        assert answer.status_code == 200
        said.add(answer.content.decode().replace(email, "X"))
    assert len(said) == len(queries) == 1
    assert AccessRequest.objects.count() == Letter.objects.count() == 3
    send_letters(clock=now)
    mail = {message["To"]: message.get_content() for message in sink.received}
    assert set(mail) == {"rosa@kent.police.uk", lead.email}
    assert "You have an account already" in mail[lead.email].replace("\r\n", " ")


def test_nobody_asks_too_often_and_one_address_is_not_flooded(lead: User) -> None:
    answers = [ask() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "3600"
    assert b'<a href="/account/login/">Sign in</a></li><li>Ask for access</li>' in answers[-1].content
    assert [ask(f"r{n}@kent.police.uk").status_code for n in range(8)][-2:] == [429, 429]
    assert AccessRequest.objects.count() <= 10


def test_one_may_ask_only_an_organisation_whose_addresses_one_has(lead: User) -> None:
    domains("kent-fire")
    domains("norfolk-police", domain="norfolk.police.uk")
    asked = ask_and_get()
    html = Client().get(path_of(asked)).content.decode()
    assert "Kent Fire" in html
    assert "Norfolk" not in html
    assert Client().post(path_of(asked), ROSA | {"organisation": "norfolk-police"}).status_code == 422
    with origin("test"), pytest.raises(ValidationError):
        confirm_request(
            by=None,
            asked=asked,
            now=now(),
            organisation=organisation("norfolk-police"),
            name="R",
            post="R",
            why="R",
        )


def ask_and_get() -> AccessRequest:
    ask()
    return AccessRequest.objects.get(confirmed_at=None)


def path_of(asked: AccessRequest) -> str:
    return "/" + request_url(asked).split("/", 3)[3]


def test_a_link_confirms_once_and_for_a_week(lead: User, clock: Any) -> None:
    clock.set("2026-11-23 09:00")
    asked = ask_and_get()
    assert Client().post(path_of(asked), ROSA).status_code == 302
    Client().post(path_of(asked), ROSA | {"name": "Somebody Else"})
    assert AccessRequest.objects.get().name == "Rosa Quinn"
    later = ask_and_get()
    clock.advance(days=7)
    assert Client().post(path_of(later), ROSA).status_code == 410
    assert Client().post("/ask-for-access/forged/", ROSA).status_code == 404


def test_asking_twice_at_a_time_is_told(lead: User) -> None:
    confirmed()
    with pytest.raises(ValidationError, match="asked already"):
        confirmed()


@pytest.mark.parametrize(("role", "at"), [("contributor", "kent-police"), ("organisation_lead", "kent-fire")])
def test_nobody_else_sees_or_answers_a_request(lead: User, role: str, at: str) -> None:
    asked = confirmed()
    user = person(role, at=at)
    assert signed_in(user).get(f"/requests/{asked.pk}/").status_code == 404
    assert signed_in(user).post(f"/requests/{asked.pk}/", {"role": "reader"}).status_code == 404
    with origin("test"), pytest.raises(PermissionDenied):
        approve_request(by=user, asked=asked, role="reader", now=now())


def test_administrators_answer_where_there_is_no_lead(db: None, sink: Sink) -> None:
    domains("kent-police")
    administrator = person("administrator")
    asked = confirmed()
    send_letters(clock=now)
    assert administrator.email in {message["To"] for message in sink.received}
    assert f"/requests/{asked.pk}/" in signed_in(administrator).get("/people/").content.decode()
    assert signed_in(administrator).post(f"/requests/{asked.pk}/", {"role": "reader"}).status_code == 302
    assert Invitation.objects.get().email == "rosa@kent.police.uk"


def test_only_administrators_say_which_addresses_are_whose(lead: User) -> None:
    page = "/organisations/kent-police/domains/"
    assert signed_in(lead).get(page).status_code == 403
    assert signed_in(lead).post(page, {"domain": "essex.police.uk"}).status_code == 403
    client = signed_in(person("administrator"))
    for wrong in ("", "kent", "gmail.com", "kent police", "kent.police.uk"):
        assert client.post(page, {"domain": wrong}).status_code == 422, wrong
    assert client.post(page, {"domain": "@KENT.pnn.police.uk"}).status_code == 302
    made = EmailDomain.objects.get(domain="kent.pnn.police.uk")
    assert client.post(f"{page}{made.pk}/remove/").status_code == 302
    assert [str(one) for one in EmailDomain.objects.all()] == ["kent.police.uk"]


def test_an_address_of_a_subdomain_or_of_a_lookalike_is_nobodys(lead: User, sink: Sink) -> None:
    for email in ("a@x.kent.police.uk", "a@kent.police.uk.evil.example", "a@evilkent.police.uk"):
        cache.clear()
        ask(email)
    send_letters(clock=now)
    assert sink.received == []


def test_nothing_of_who_asked_is_in_the_ledger(lead: User) -> None:
    asked = confirmed()
    with origin("test"):
        refuse_request(by=lead, asked=asked, why_not="Rosa works elsewhere.", now=now())
    written = " ".join(str((change.before, change.after)) for change in Change.objects.all())
    assert "rosa" not in written.lower()


def test_of_two_leads_who_answer_at_once_one_is_told(fresh_database: Any) -> None:
    domains("kent-police")
    leads = [person("organisation_lead", at="kent-police") for _ in range(2)]
    asked = confirmed()
    found = at_once(
        [
            partial(approve_request, by=leads[0], asked=asked, role="reader", now=now()),
            partial(refuse_request, by=leads[1], asked=asked, why_not="No.", now=now()),
        ]
    )
    assert sum(isinstance(one, ValidationError) for one in found) == 1
    asked.refresh_from_db()
    assert (asked.outcome == "approved") == Invitation.objects.exists()
