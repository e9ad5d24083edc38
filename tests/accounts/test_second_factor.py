"""The second factor: who must have one is led to one, who has one is asked for it, and a code works once."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client

from register.accounts.models import User
from register.initiatives.models import Initiative
from tests.accounts.support import sign_in, with_password
from tests.factories import person, working_group

pytestmark = pytest.mark.django_db


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def with_app(user: User) -> str:
    """Set up an app; its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def privileged() -> list[User]:
    return [
        person("administrator"),
        person("organisation_lead", at="kent-police"),
        person("secretary", group=working_group()),
    ]


def others() -> list[User]:
    group = working_group()
    return [
        person("reader"),
        person("auditor"),
        person("contributor", at="kent-police"),
        person("group_member", group=group),
        person("chair", group=group),
    ]


def led_to_one(user: User) -> bool:
    client = Client()
    client.force_login(user)
    answer = client.get("/initiatives/")
    return answer.status_code == 302 and answer["Location"] == "/account/second-factor/"


def test_administrators_secretaries_and_leads_are_led_to_one(settings: Any) -> None:
    settings.SECOND_FACTOR = "privileged"
    assert all(map(led_to_one, privileged()))
    assert not any(map(led_to_one, others()))


def test_all_are_where_all_must(settings: Any) -> None:
    settings.SECOND_FACTOR = "all"
    assert all(map(led_to_one, privileged() + others()))


def test_nobody_is_in_the_demo(settings: Any) -> None:
    settings.SECOND_FACTOR = "none"
    assert not any(map(led_to_one, privileged() + others()))


def test_with_one_they_go_on(settings: Any) -> None:
    settings.SECOND_FACTOR = "privileged"
    for user in privileged():
        with_app(user)
        assert not led_to_one(user)


@pytest.mark.parametrize("address", ["/", "/admin/", "/account/", "/kept-form/", "/initiatives/export/"])
def test_without_it_nothing_else_opens(settings: Any, client: Client, address: str) -> None:
    settings.SECOND_FACTOR = "all"
    client.force_login(person("administrator"))
    assert client.get(address)["Location"] == "/account/second-factor/"


@pytest.mark.parametrize(
    "address",
    ["/account/second-factor/", "/account/2fa/totp/activate/", "/account/2fa/webauthn/add/", "/account/2fa/"],
)
def test_the_way_to_one_is_open(settings: Any, client: Client, address: str) -> None:
    settings.SECOND_FACTOR = "all"
    client.force_login(person("administrator"))
    assert client.get(address).status_code == 200


def test_what_was_posted_before_is_kept(settings: Any, client: Client) -> None:
    settings.SECOND_FACTOR = "all"
    user = person("contributor", at="kent-police")
    client.force_login(user)
    client.post("/initiatives/new/", {"title": "Typed before"})
    assert not Initiative.objects.exists()
    assert b"is kept" in client.get("/account/second-factor/").content
    with_app(user)
    assert b"Typed before" in client.get("/kept-form/").content


def test_an_app_is_set_up_with_a_picture_and_a_code(client: Client) -> None:
    user = with_password("reader")
    sign_in(client, user)
    html = client.get("/account/2fa/totp/activate/").content.decode()
    assert 'src="data:image/svg+xml;base64,' in html
    secret = client.session["mfa.totp.secret"]
    wrong = client.post("/account/2fa/totp/activate/", {"code": "000000"})
    assert b"This code is not right" in wrong.content
    done = client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    assert done["Location"] == "/account/2fa/recovery-codes/"
    assert (
        len(RecoveryCodes(Authenticator.objects.get(user=user, type="recovery_codes")).get_unused_codes())
        == 10
    )


def test_a_password_alone_is_not_enough_for_who_has_one(client: Client) -> None:
    user = with_password("reader")
    secret = with_app(user)
    assert sign_in(client, user)["Location"] == "/account/2fa/authenticate/"
    assert client.get("/").status_code == 302
    assert client.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    code = code_of(secret)
    assert client.post("/account/2fa/authenticate/", {"code": code})["Location"] == "/"
    again = Client()
    sign_in(again, user)
    assert again.post("/account/2fa/authenticate/", {"code": code}).status_code == 200, "a code works once"


def test_a_recovery_code_works_once(client: Client) -> None:
    user = with_password("reader")
    with_app(user)
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    for answers in (302, 200):
        other = Client()
        sign_in(other, user)
        assert other.post("/account/2fa/authenticate/", {"code": code}).status_code == answers


def test_codes_are_not_guessed(client: Client) -> None:
    user = with_password("reader")
    secret = with_app(user)
    sign_in(client, user)
    for _ in range(5):
        client.post("/account/2fa/authenticate/", {"code": "000000"})
    answer = client.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert b"Too many attempts. Try again in 5 minutes." in answer.content


def test_the_last_one_stays_with_who_needs_one(settings: Any, client: Client) -> None:
    settings.SECOND_FACTOR = "privileged"
    user = with_password("administrator")
    with_app(user)
    client.force_login(user)
    answer = client.post("/account/2fa/totp/deactivate/")
    assert b"Add another before you remove this one" in answer.content
    assert user.authenticator_set.filter(type="totp").exists()


def test_an_administrator_helps_who_has_lost_theirs(client: Client) -> None:
    user = with_password("reader")
    secret, theirs = with_app(user), Client()
    sign_in(theirs, user)
    theirs.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert theirs.get("/account/").status_code == 200
    client.force_login(person("administrator"))
    client.post(f"/people/{user.public_id}/forget-factors/")
    assert not user.authenticator_set.exists()
    assert theirs.get("/account/").status_code == 302, "who has the telephone may have a session too"


def test_nobody_sees_a_secret_in_administration(client: Client) -> None:
    client.force_login(person("administrator"))
    html = client.get("/admin/").content.decode()
    for theirs in ("mfa/authenticator", "socialaccount", "account/emailaddress"):
        assert theirs not in html


def test_a_work_account_counts_as_both_only_if_the_provider_says_so(settings: Any, client: Client) -> None:
    from tests.accounts.support import come_back, leave, providers
    from tests.support.providers import crooked_provider

    settings.SECOND_FACTOR = "all"
    with crooked_provider() as provider:
        row = {"issuer": provider.issuer, "email_domains": ["kent.police.uk"], "organisation": "kent-police"}
        for amr, more, asked in (
            (["pwd"], {}, True),
            (["pwd", "mfa"], {}, False),
            (None, {}, True),
            ("mfa", {}, True),
            (None, {"asks_second_factor": True}, False),
        ):
            settings.SIGN_IN_PROVIDERS = providers(row | more)
            provider.claims = {"amr": amr}
            other = Client()
            come_back(other, provider.page(leave(other)))
            assert (other.get("/")["Location"] if asked else other.get("/").status_code) == (
                "/account/second-factor/" if asked else 200
            ), (amr, more)
