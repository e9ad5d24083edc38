"""Step-up wherever who may do what changes, or a person is erased; and what waits for it is done as it was sent."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from django.contrib.sessions.models import Session
from django.test import Client

from register.accounts.joining.asking import ask_for_access, confirm_request
from register.accounts.joining.domains import add_email_domain
from register.accounts.joining.models import AccessRequest, EmailDomain, Invitation
from register.accounts.joining.services import invite
from register.accounts.models import RoleGrant, User
from register.accounts.people.services import pause_account
from register.core.clock import now
from register.core.noted import Noted
from register.core.secrecy import cipher
from register.core.tracking import origin
from register.history.models import Change
from tests.accounts.support import PASSWORD, sign_in, with_password
from tests.accounts.test_again import a_while_later
from tests.factories import organisation, person, working_group

pytestmark = pytest.mark.django_db

WHERE = "/organisations/kent-police"


@pytest.fixture
def user() -> User:
    return with_password("administrator")


@pytest.fixture
def sam() -> User:
    """Somebody of Kent Police whose account is paused."""
    sam = person("contributor", at="kent-police", name="Sam Okafor", email="sam@kent.police.uk")
    with origin("test"):
        pause_account(by=None, user=sam, now=now())
    return sam


def ask(client: Client, address: str, told: dict[str, Any]) -> str:
    """Sent an hour after signing in: where one proves who one is."""
    a_while_later(client)
    answer = client.post(address, told)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert answer["Location"].startswith("/account/reauthenticate/?next=")
    return str(answer["Location"])


def prove(client: Client, asked: str) -> Any:
    """With the password, by the form of the page that asks."""
    page = client.get(asked)
    return client.post(asked, {"password": PASSWORD, "next": page.context["redirect_field_value"]})


def powers() -> list[Any]:
    """Who may do what, and who is on the way to it."""
    return [
        list(User.objects.order_by("pk").values_list("pk", "is_active", "erased_at", "email")),
        list(RoleGrant.objects.order_by("pk").values_list("user_id", "role")),
        list(Invitation.objects.order_by("pk").values_list("email", "role", "expires_at")),
        list(EmailDomain.objects.order_by("pk").values_list("domain", flat=True)),
        list(AccessRequest.objects.order_by("pk").values_list("pk", "decided_at")),
        Change.ledger.filter(table_name=Noted.EXPORTED_PERSON).count(),
    ]


def invited() -> Invitation:
    with origin("test"):
        return invite(
            by=None,
            email="rosa@kent.police.uk",
            role="reader",
            now=now(),
            organisation=organisation("kent-police"),
        )


def asked_for() -> AccessRequest:
    with origin("test"):
        add_email_domain(by=None, organisation=organisation("kent-police"), domain="kent.police.uk")
        asked = ask_for_access(by=None, email="rosa@kent.police.uk")
        told = {"name": "Rosa Quinn", "post": "Estates", "why": "Sites."}
        return confirm_request(
            by=None, asked=asked, organisation=organisation("kent-police"), now=now(), **told
        )


ROSA = {"email": "rosa@kent.police.uk", "role": "reader"}
ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "inviting to an organisation": (f"{WHERE}/people/invite/", ROSA),
    "inviting to the register": ("/people/invite/", ROSA | {"role": "administrator"}),
    "inviting to a group": ("/groups/{group}/members/invite/", ROSA | {"role": "secretary"}),
    "an invitation once more": ("/invitations/{invitation}/again/", {}),
    "letting in who asked": ("/requests/{request}/", {"role": "contributor"}),
    "adding a domain": (f"{WHERE}/domains/", {"domain": "kent.example"}),
    "removing a domain": (f"{WHERE}/domains/{{domain}}/remove/", {}),
    "waking": (f"{WHERE}/people/{{sam}}/wake/", {}),
    "switching on": ("/people/{sam}/switch-on/", {}),
    "switching off": ("/people/{ann}/switch-off/", {"reason": "Lost their laptop"}),
    "ending roles": (f"{WHERE}/people/{{sam}}/end/", {}),
    "erasing": ("/people/{sam}/erase/", {"reason": "They asked", "seen_to": "on"}),
    "another's personal data": ("/people/{sam}/data/export/", {}),
}


@pytest.mark.parametrize("act", ACTS)
def test_it_asks_who_it_is_and_then_is_done(client: Client, user: User, sam: User, act: str) -> None:
    made: dict[str, Any] = {"sam": sam.public_id, "ann": person("reader").public_id}
    if "request" in ACTS[act][0] or "domain}" in ACTS[act][0]:
        made["request"], made["domain"] = asked_for().pk, EmailDomain.objects.get().pk
    if "{invitation}" in ACTS[act][0]:
        made["invitation"] = invited().pk
    if "{group}" in ACTS[act][0]:
        made["group"] = working_group().code
    address, told = ACTS[act]
    sign_in(client, user)
    before = powers()
    asked = ask(client, address.format(**made), told)
    assert powers() == before
    answer = prove(client, asked)
    assert answer.status_code in (200, 302), answer.content.decode()[-3000:]
    assert powers() != before


def test_refusing_a_request_and_withdrawing_an_invitation_do_not_ask(client: Client, user: User) -> None:
    asked = asked_for()
    sign_in(client, user)
    a_while_later(client)
    assert client.get(f"/requests/{asked.pk}/").status_code == 200
    client.post(f"/requests/{asked.pk}/", {"role": "refuse", "why_not": "Unknown to us."})
    asked.refresh_from_db()
    assert asked.decided_at
    invitation = invited()
    client.post(f"/invitations/{invitation.pk}/withdraw/")
    invitation.refresh_from_db()
    assert invitation.withdrawn_at


# -- What waits -----------------------------------------------------------------------------------------------------


def add_to_group(client: Client, user: User) -> tuple[str, User, str]:
    """A secretary adds somebody to a group on a page with a query, an hour after signing in."""
    group = working_group()
    who = person("reader", name="Zainab Yusuf")
    sign_in(client, user)
    address = f"/groups/{group.code}/members/add/?q=Zainab+Yusuf"
    told = {"q": "Zainab Yusuf", "person": who.public_id, "roles": ["group_member"]}
    return ask(client, address, told), who, address


def is_in_group(who: User) -> bool:
    return who.roles.filter(role="group_member").exists()


def test_what_was_posted_to_an_address_with_a_query_is_done(client: Client, user: User) -> None:
    asked, who, _ = add_to_group(client, user)
    assert prove(client, asked).status_code == 302
    assert is_in_group(who)


def test_it_is_done_once(client: Client, user: User) -> None:
    asked, who, address = add_to_group(client, user)
    prove(client, asked)
    who.roles.filter(role="group_member").delete()
    assert prove(client, asked)["Location"] == address
    assert not is_in_group(who)


def test_what_was_given_up_is_not_done_when_its_page_is_opened_anew(client: Client, user: User) -> None:
    _, who, address = add_to_group(client, user)
    asked = client.get(address)["Location"]
    assert prove(client, asked)["Location"] == address
    assert not is_in_group(who)


def test_it_is_not_done_when_one_proves_who_one_is_for_something_else(client: Client, user: User) -> None:
    _, who, _ = add_to_group(client, user)
    answer = client.post("/account/reauthenticate/", {"password": PASSWORD, "next": "/people/"})
    assert answer["Location"] == "/people/"
    assert not is_in_group(who)


def test_it_does_not_wait_for_ever(client: Client, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, who, _ = add_to_group(client, user)
    monkeypatch.setattr("register.accounts.adapters.again.KEPT_SECONDS", -1)
    answer = prove(client, asked)
    assert b"What you sent is not done" in client.get(answer["Location"]).content
    assert not is_in_group(who)


def test_nobody_reads_it_where_it_waits_and_nobody_else_can(client: Client, user: User) -> None:
    _, who, _ = add_to_group(client, user)
    kept = Session.objects.get(pk=client.session.session_key).get_decoded()["account_reauthentication_state"]
    assert "Zainab" not in str(kept)
    assert str(who.public_id) not in str(kept)
    whose = cipher("register.accounts.again", user.pk).decrypt(kept["state"].encode())
    assert b"Zainab" in whose
    with pytest.raises(InvalidToken):
        cipher("register.accounts.again", who.pk).decrypt(kept["state"].encode())


def test_mistakes_in_it_are_shown_on_a_form_that_goes_where_the_page_is(client: Client, user: User) -> None:
    person("reader", at="kent-police", email="rosa@kent.police.uk")
    sign_in(client, user)
    answer = prove(client, ask(client, f"{WHERE}/people/invite/", ROSA))
    assert answer.status_code == 422
    assert f'action="{WHERE}/people/invite/"' in answer.content.decode()
    assert "They are here already" in answer.content.decode()
