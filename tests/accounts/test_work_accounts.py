"""Signing in with a work account: an honest provider's people come in, and nobody that a crooked one makes up does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from register.accounts.models import RoleGrant, User
from register.accounts.services import grant_role
from register.core.tracking import origin
from tests.accounts.support import come_back, leads_to, leave, providers, sign_in, with_password
from tests.factories import organisation, person
from tests.support.providers import OTHER_KEY, TENANT, Crooked, agree, crooked_provider, honest_provider

pytestmark = pytest.mark.django_db

KIM = {"sub": "kim", "name": "Kim Novak", "email": "kim@kent.police.uk", "email_verified": True}
KENT = {"organisation": "kent-police", "email_domains": ["kent.police.uk"]}


@pytest.fixture(scope="module")
def honest() -> Iterator[str]:
    with honest_provider(
        KIM, {"sub": "stranger", "name": "A Stranger", "email": "s@elsewhere.org"}
    ) as issuer:
        yield issuer


@pytest.fixture
def crooked(settings: Any) -> Iterator[Crooked]:
    with crooked_provider() as made:
        settings.SIGN_IN_PROVIDERS = providers({"issuer": made.issuer} | KENT)
        yield made


def through(client: Client, provider: Crooked) -> Any:
    return come_back(client, provider.page(leave(client)))


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# An honest provider, in a process of its own.


def test_a_work_account_brings_its_owner_in_as_a_reader_of_their_organisation(
    honest: str, settings: Any, client: Client
) -> None:
    settings.SIGN_IN_PROVIDERS = providers({"issuer": honest} | KENT)
    assert b"Sign in with Kent Police" in client.get("/account/login/").content
    answer = come_back(client, agree(leave(client), "kim"))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    user = User.objects.get(email="kim@kent.police.uk")
    assert (user.name, [grant.role for grant in user.roles.all()]) == ("Kim Novak", ["reader"])
    assert user.roles.get().organisation == organisation("kent-police")
    assert not user.has_usable_password()
    assert client.get("/").status_code == 200


def test_signing_out_goes_by_way_of_the_provider(honest: str, settings: Any, client: Client) -> None:
    settings.SIGN_IN_PROVIDERS = providers({"issuer": honest} | KENT)
    come_back(client, agree(leave(client), "kim"))
    address = urlsplit(leads_to(client.post("/account/logout/")))
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{honest}/oauth2/end_session"
    asked = parse_qs(address.query)
    assert asked["post_logout_redirect_uri"] == [f"{settings.SITE_URL}/account/login/"]
    assert len(asked["id_token_hint"][0].split(".")) == 3
    assert not is_in(client)


def test_who_turns_back_at_the_provider_is_told_so(honest: str, settings: Any, client: Client) -> None:
    settings.SIGN_IN_PROVIDERS = providers({"issuer": honest} | KENT)
    state = parse_qs(urlsplit(leave(client)).query)["state"][0]
    answer = client.get(f"/account/work/kent/callback/?error=access_denied&state={state}", follow=True)
    assert b"You have not signed in" in answer.content


def test_someone_unknown_is_refused_and_told_what_to_do(honest: str, settings: Any, client: Client) -> None:
    settings.SIGN_IN_PROVIDERS = providers({"issuer": honest} | KENT)
    answer = come_back(client, agree(leave(client), "stranger"))
    assert answer.status_code == 403
    assert b"lead to add you" in answer.content
    assert not is_in(client)
    assert not User.objects.filter(email="s@elsewhere.org").exists()


def test_several_providers_at_once_each_have_a_button(honest: str, settings: Any, client: Client) -> None:
    settings.SIGN_IN_PROVIDERS = providers(
        {"issuer": honest}, {"issuer": honest, "code": "devon", "name": "Devon and Cornwall Police"}
    )
    html = client.get("/account/login/").content.decode()
    assert 'action="/account/work/kent/' in html
    assert 'action="/account/work/devon/' in html
    come_back(client, agree(leave(client), "kim"))
    # The same person's name at another provider is another person.
    assert come_back(client, agree(leave(client, "devon"), "kim")).status_code == 403


def test_without_a_provider_there_is_email_and_password_only(client: Client) -> None:
    html = client.get("/account/login/").content.decode()
    assert "work account" not in html
    assert client.post("/account/work/kent/").status_code == 404


def test_leaving_for_a_provider_needs_a_press_of_the_button(
    honest: str, settings: Any, client: Client
) -> None:
    settings.SIGN_IN_PROVIDERS = providers({"issuer": honest})
    answer = client.get("/account/work/kent/")
    assert b"Continue" in answer.content
    assert b"http-equiv" not in answer.content


# A crooked one.


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("another issuer's token", {"claims": {"iss": "https://elsewhere.example"}}),
        ("one for somebody else", {"claims": {"aud": "another-register"}}),
        ("one for several, and not us", {"claims": {"aud": ["register", "another"], "azp": "another"}}),
        ("one from before", {"claims": {"exp": 1_700_000_000}}),
        ("one without an end", {"claims": {"exp": None}}),
        ("an answer to another question", {"claims": {"nonce": "of-another-time"}}),
        ("an answer to no question", {"claims": {"nonce": None}}),
        ("one that nobody signed", {"algorithm": "none"}),
        ("one that another key signed", {"key": OTHER_KEY}),
        ("one signed with what both sides know", {"algorithm": "HS256", "key": "s3cret" * 8}),
        ("one without a name", {"claims": {"sub": None}}),
        ("somebody else's details", {"userinfo": {"sub": "sam", "email": "kim@kent.police.uk"}}),
        ("a provider that calls itself another", {"metadata": {"issuer": "https://elsewhere.example"}}),
    ],
)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_what_was_not_signed_for_us_just_now_is_refused(
    crooked: Crooked, client: Client, what: str, change: dict[str, Any]
) -> None:
    for name, value in change.items():
        setattr(crooked, name, value)
    answer = through(client, crooked)
    assert answer.status_code == 401, what
    assert b"Your work account did not get you in" in answer.content
    assert not is_in(client)


def test_an_answer_that_nobody_here_asked_for_is_refused(crooked: Crooked, client: Client) -> None:
    back = crooked.page(leave(client))
    victim = Client()
    assert come_back(victim, back).status_code == 401
    assert come_back(client, back.replace("state=", "state=x")).status_code == 401
    assert come_back(client, back).status_code == 302
    client.post("/account/logout/", {"next": "/account/login/"})
    assert come_back(client, back).status_code == 401, "once only"


def test_a_code_is_good_only_with_the_secret_that_began_it(crooked: Crooked, client: Client) -> None:
    """PKCE: whoever catches the code on its way can do nothing with it."""
    address = leave(client)
    assert "code_challenge_method=S256" in address
    crooked.page(address)
    other = Client()
    begun_elsewhere = crooked.page(leave(other))
    crooked.page(address)
    assert come_back(other, begun_elsewhere).status_code == 401


def test_nothing_in_an_address_adds_to_what_is_asked(crooked: Crooked, client: Client) -> None:
    address = leave(client, query="?scope=admin&auth_params=prompt%3Dnone&process=redirect")
    assert "admin" not in address
    assert "prompt" not in address


def test_a_provider_that_is_away_is_told_in_words(settings: Any, client: Client) -> None:
    settings.SIGN_IN_PROVIDERS = providers({"issuer": "http://127.0.0.1:9"})
    answer = client.post("/account/work/kent/")
    assert answer.status_code == 401
    assert b"tell your organisation" in answer.content


# Who it is here.


def test_a_person_stays_the_same_when_their_address_changes(crooked: Crooked, client: Client) -> None:
    through(client, crooked)
    crooked.claims = {"email": "kim.married@kent.police.uk"}
    other = Client()
    assert through(other, crooked).status_code == 302
    assert other.session["_auth_user_id"] == client.session["_auth_user_id"]


def test_whoever_gets_an_address_after_someone_gets_no_account_of_theirs(
    crooked: Crooked, client: Client
) -> None:
    """The provider gives kim@ to another person: another `sub`."""
    through(client, crooked)
    user = User.objects.get(email="kim@kent.police.uk")
    crooked.claims = {"sub": "another-kim"}
    newcomer = Client()
    answer = through(newcomer, crooked)
    assert answer.status_code == 403
    assert b"belongs to another work account" in answer.content
    assert user.socialaccount_set.count() == 1


@pytest.mark.parametrize(
    ("claims", "domains"),
    [
        ({"email_verified": False}, ["kent.police.uk"]),
        ({"email_verified": None}, ["kent.police.uk"]),
        ({"email": "kim@kent.police.uk.evil.example"}, ["kent.police.uk"]),
        ({"email": "kim@essex.police.uk"}, ["kent.police.uk"]),
        ({"email": None}, ["kent.police.uk"]),
        ({"email": ["kim@kent.police.uk"]}, ["kent.police.uk"]),
        ({"email": "kim@kent.police.uk"}, []),
    ],
)
def test_an_account_is_joined_only_by_an_address_that_the_provider_vouches_for(
    crooked: Crooked, settings: Any, client: Client, claims: dict[str, Any], domains: list[str]
) -> None:
    for email in ("kim@kent.police.uk", "kim@essex.police.uk"):
        person("administrator", email=email)
    settings.SIGN_IN_PROVIDERS = providers({"issuer": crooked.issuer, "email_domains": domains})
    crooked.claims = claims
    assert through(client, crooked).status_code == 403
    assert not is_in(client)


def test_an_account_that_the_organisation_added_is_joined_once(crooked: Crooked, client: Client) -> None:
    user = person("contributor", at="kent-police", email="kim@kent.police.uk")
    assert through(client, crooked).status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.socialaccount_set.get().uid == "kim"


def test_an_account_with_a_second_factor_of_its_own_is_connected_by_its_owner_only(
    crooked: Crooked, client: Client
) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    user = with_password("administrator", email="kim@kent.police.uk")
    TOTP.activate(user, generate_totp_secret())
    answer = through(client, crooked)
    assert answer.status_code == 403
    assert b"second factor of its own" in answer.content
    assert not user.socialaccount_set.exists()


def test_a_closed_account_stays_closed(crooked: Crooked, client: Client) -> None:
    user = person("reader", email="kim@kent.police.uk")
    user.is_active = False
    with origin("test"):
        from register.accounts.services import change_person

        change_person(by=None, user=user, email=user.email, is_active=False)
    assert through(client, crooked).status_code == 403
    assert not is_in(client)


def test_someone_invited_is_in_with_their_work_account_at_once(
    crooked: Crooked, settings: Any, client: Client
) -> None:
    from django.utils.timezone import now

    from register.accounts.joining.services import invite

    settings.SIGN_IN_PROVIDERS = providers({"issuer": crooked.issuer, "email_domains": ["kent.police.uk"]})
    with origin("test"):
        invite(
            by=None,
            email="kim@kent.police.uk",
            role="contributor",
            now=now(),
            organisation=organisation("kent-police"),
        )
    assert through(client, crooked).status_code == 302
    user = User.objects.get(email="kim@kent.police.uk")
    assert [grant.role for grant in user.roles.all()] == ["contributor"]
    assert not user.has_usable_password()


def invited_again() -> None:
    from django.utils.timezone import now

    from register.accounts.joining.services import invite

    with origin("test"):
        invite(
            by=None,
            email="kim@kent.police.uk",
            role="reader",
            now=now(),
            organisation=organisation("kent-fire"),
        )


def left(user: User, at: str) -> None:
    from register.accounts.people.services import end_roles_at

    with origin("test"):
        end_roles_at(by=None, user=user, organisation=organisation(at), to=None)


@pytest.mark.parametrize("had_come_before", [True, False])
def test_who_had_left_and_is_invited_again_is_in_with_their_work_account(
    crooked: Crooked, client: Client, had_come_before: bool
) -> None:
    kim = with_password("reader", at="kent-police", email="kim@kent.police.uk")
    if had_come_before:
        assert through(Client(), crooked).status_code == 302
    left(kim, "kent-police")
    crooked.claims = {"groups": ["g1"]}
    assert through(client, crooked).status_code == 403, "not before they are"
    assert not is_in(client)
    assert not kim.roles.exists()
    invited_again()
    assert through(client, crooked).status_code == 302
    assert is_in(client)
    kim.refresh_from_db()
    assert [str(grant) for grant in kim.roles.all()] == ["Reader, Kent Fire and Rescue Service"]
    assert not kim.has_usable_password()


@pytest.mark.parametrize("had_come_before", [True, False])
def test_but_nobody_whom_an_administrator_put_out(
    crooked: Crooked, client: Client, had_come_before: bool
) -> None:
    from register.accounts.people.services import switch_off

    kim = with_password("reader", at="kent-police", email="kim@kent.police.uk")
    if had_come_before:
        through(Client(), crooked)
    invited_again()
    with origin("test"):
        switch_off(by=None, user=kim, reason="Misconduct")
    left(User.objects.get(pk=kim.pk), "kent-police")
    assert through(client, crooked).status_code == 403
    assert not is_in(client)


def test_one_can_connect_a_work_account_to_ones_own(crooked: Crooked, client: Client) -> None:
    user = with_password("reader", email="somebody@else.example")
    sign_in(client, user)
    assert b"Connect Kent Police" in client.get("/account/work/").content
    back = crooked.page(leave(client, query="?process=connect"))
    assert come_back(client, back)["Location"] == "/account/work/"
    assert b"kim@kent.police.uk" in client.get("/account/work/").content
    other = Client()
    through(other, crooked)
    assert other.session["_auth_user_id"] == str(user.pk)


# Entra.


def entra(crooked: Crooked, **more: Any) -> Any:
    crooked.metadata = {"issuer": f"{crooked.issuer}/{{tenantid}}/v2.0"}
    crooked.claims = {
        "iss": f"{crooked.issuer}/{TENANT}/v2.0",
        "tid": TENANT,
        "oid": "AAAA-1",
        "email_verified": None,
    }
    return providers({"issuer": crooked.issuer, "tenants": [TENANT]} | KENT | more)


def test_entras_people_are_known_by_tenant_and_oid(crooked: Crooked, settings: Any, client: Client) -> None:
    settings.SIGN_IN_PROVIDERS = entra(crooked)
    assert through(client, crooked).status_code == 302
    user = User.objects.get(email="kim@kent.police.uk")
    assert user.socialaccount_set.get().uid == f"{TENANT}:aaaa-1"
    # Another application's `sub` for the same person changes nothing.
    crooked.claims |= {"sub": "another-pairwise-sub"}
    other = Client()
    assert through(other, crooked).status_code == 302
    assert other.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(
    "claims",
    [
        {"tid": "99999999-2222-3333-4444-555555555555"},
        {"tid": None},
        {"oid": None},
        {"iss": "http://127.0.0.1:1/other/v2.0"},
    ],
)
def test_another_tenant_does_not_get_in(
    crooked: Crooked, settings: Any, client: Client, claims: dict[str, Any]
) -> None:
    settings.SIGN_IN_PROVIDERS = entra(crooked)
    crooked.claims |= claims
    if claims.get("tid"):
        crooked.claims["iss"] = f"{crooked.issuer}/{claims['tid']}/v2.0"
    assert through(client, crooked).status_code == 401
    assert not is_in(client)


# Groups.

ROLES = {"roles": {"g-write": "contributor", "g-lead": "organisation_lead"}}


def roles_at(user: User, code: str) -> set[str]:
    return set(RoleGrant.objects.filter(user=user, organisation__code=code).values_list("role", flat=True))


def test_groups_give_roles_and_take_them_away_at_each_sign_in(
    crooked: Crooked, settings: Any, client: Client
) -> None:
    settings.SIGN_IN_PROVIDERS = entra(crooked, **ROLES)
    crooked.claims |= {"groups": ["g-write", "g-nothing-of-ours"]}
    through(client, crooked)
    user = User.objects.get(email="kim@kent.police.uk")
    assert roles_at(user, "kent-police") == {"reader", "contributor"}
    with origin("test"):
        grant_role(by=None, user=user, role="contributor", organisation=organisation("essex-police"))
    crooked.claims |= {"groups": ["g-lead"]}
    through(Client(), crooked)
    assert roles_at(user, "kent-police") == {"reader", "organisation_lead"}
    assert roles_at(user, "essex-police") == {"contributor"}, "another organisation's is nothing of theirs"
    crooked.claims |= {"groups": None}
    through(Client(), crooked)
    assert roles_at(user, "kent-police") == {"reader"}


def test_more_groups_than_a_token_holds_change_nothing(
    crooked: Crooked, settings: Any, client: Client
) -> None:
    settings.SIGN_IN_PROVIDERS = entra(crooked, **ROLES)
    crooked.claims |= {"groups": ["g-write"]}
    through(client, crooked)
    crooked.claims |= {"groups": None, "_claim_names": {"groups": "src1"}}
    through(Client(), crooked)
    user = User.objects.get(email="kim@kent.police.uk")
    assert roles_at(user, "kent-police") == {"reader", "contributor"}
