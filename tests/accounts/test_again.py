"""Step-up: what gives others power asks who it is again, by whichever way they have, and loses nothing they sent."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client

from register.accounts.models import User
from tests.accounts.support import PASSWORD, come_back, leads_to, leave, providers, sign_in, with_password
from tests.accounts.test_second_factor import code_of, with_app
from tests.factories import initiative, person
from tests.support.providers import Crooked, crooked_provider

pytestmark = pytest.mark.django_db

WHERE = "/organisations/kent-police/people"


@pytest.fixture
def colleague() -> User:
    return person("contributor", at="kent-police")


def page_of(colleague: User) -> str:
    return f"{WHERE}/{colleague.public_id}/"


def role_of(colleague: User) -> str:
    return str(colleague.roles.get().role)


@pytest.fixture
def user() -> User:
    return with_password("administrator")


def a_while_later(client: Client) -> None:
    """As if the sign-in had been an hour ago."""
    session = client.session
    session["began"] -= 3600
    for record in session.get("account_authentication_methods", []):
        record["at"] -= 3600
    session.save()


def post_role(client: Client, colleague: User) -> Any:
    return client.post(page_of(colleague), {"role": "reader"})


def test_who_signed_in_just_now_is_not_asked(client: Client, user: User, colleague: User) -> None:
    sign_in(client, user)
    assert client.get(page_of(colleague)).status_code == 200
    assert post_role(client, colleague)["Location"] == f"{WHERE}/"
    assert role_of(colleague) == "reader"


@pytest.mark.parametrize(
    "address",
    [
        f"{WHERE}/{{id}}/",
        "/people/{id}/edit/",
        "/initiatives/export/?format=csv",
        "/initiatives/export/?format=csv&what=everything",
        "/history/ledger/export/?format=csv",
    ],
)
def test_a_role_an_address_and_an_export_of_everything_ask_again_after_a_while(
    client: Client, user: User, colleague: User, address: str
) -> None:
    sign_in(client, user)
    address = address.format(id=colleague.public_id)
    assert client.get(address).status_code == 200
    a_while_later(client)
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/reauthenticate/?next=")
    assert b"Is it still you?" in client.get(answer["Location"]).content


EVERY = "/initiatives/export/?format=csv&what=everything"


def test_a_part_of_the_register_is_exported_without_asking(client: Client, user: User) -> None:
    for areas in (["fleet"], ["estates"], ["ict"]):
        initiative(areas=areas)
    sign_in(client, user)
    a_while_later(client)
    assert client.get(f"{EVERY}&area=fleet").status_code == 200


@pytest.mark.parametrize(
    "filters",
    [
        "standing=active&standing=paused&standing=closed&standing=declined",
        "example=with",
        "area=fleet&area=estates",
        "sort=changed",
    ],
)
def test_a_filter_that_leaves_little_out_is_asked_like_everything(
    client: Client, user: User, filters: str
) -> None:
    for areas in (["fleet"], ["estates"], ["ict"]):
        initiative(areas=areas)
    sign_in(client, user)
    assert client.get(f"{EVERY}&{filters}").status_code == 200
    a_while_later(client)
    assert client.get(f"{EVERY}&{filters}")["Location"].startswith("/account/reauthenticate/?next=")


def test_what_was_posted_is_done_after_the_password(client: Client, user: User, colleague: User) -> None:
    sign_in(client, user)
    a_while_later(client)
    asked = post_role(client, colleague)["Location"]
    assert role_of(colleague) == "contributor"
    page = client.post(asked, {"password": "not it", "next": page_of(colleague)})
    assert b"This is not your password" in page.content
    client.post(asked, {"password": PASSWORD, "next": page_of(colleague)})
    assert role_of(colleague) == "reader"


def test_a_code_of_the_app_does_as_well(client: Client, user: User, colleague: User) -> None:
    secret = with_app(user)
    client.force_login(user)
    a_while_later(client)
    asked = post_role(client, colleague)["Location"]
    assert b"Use your authenticator app" in client.get(asked).content
    code = {"code": code_of(secret), "next": page_of(colleague)}
    client.post("/account/2fa/reauthenticate/", code)
    assert role_of(colleague) == "reader"


@pytest.fixture
def provider(settings: Any) -> Any:
    with crooked_provider() as made:
        row = {"issuer": made.issuer, "email_domains": ["kent.police.uk"]}
        settings.SIGN_IN_PROVIDERS = providers(row)
        yield made


def again(client: Client, provider: Crooked, colleague: User, **claims: Any) -> Any:
    """Post a role an hour after coming with a work account, and sign in with it once more."""
    person("administrator", email="kim@kent.police.uk")
    come_back(client, provider.page(leave(client)))
    a_while_later(client)
    asked = post_role(client, colleague)["Location"]
    assert asked.startswith("/account/work/again/?next=")
    address = leads_to(client.post(asked))
    assert "prompt=login" in address
    assert "max_age=0" in address
    provider.claims = claims
    return come_back(client, provider.page(address))


def test_a_work_account_does_as_well_and_then_what_was_posted_waits_for_a_word(
    client: Client, provider: Crooked, colleague: User
) -> None:
    back = again(client, provider, colleague, auth_time=int(time.time()))["Location"]
    assert b"not done yet" in client.get(back).content
    assert role_of(colleague) == "contributor"
    client.post(back)
    assert role_of(colleague) == "reader"


@pytest.mark.parametrize(
    "claims",
    [{}, {"auth_time": 1_700_000_000}, {"auth_time": "now"}, {"auth_time": int(time.time()), "sub": "sam"}],
    ids=["said nothing", "asked long ago", "said no time", "asked somebody else"],
)
def test_a_provider_that_did_not_ask_again_proves_nothing(
    client: Client, provider: Crooked, colleague: User, claims: dict[str, Any]
) -> None:
    assert again(client, provider, colleague, **claims).status_code == 403
    assert client.get(page_of(colleague)).status_code == 302


def test_the_way_back_leads_nowhere_else(client: Client) -> None:
    client.force_login(person("administrator"))
    assert client.get("/account/work/again/done/?next=https://elsewhere.example/")["Location"] == "/"
