"""Who gets another way in proves who they are first; who comes with a work account gets none behind its back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.test import Client, RequestFactory

from register.accounts.adapters import AccountAdapter
from register.accounts.adapters.forms import AddPasskeyForm
from register.accounts.models import User
from register.history.models import Change
from tests.accounts.support import PASSWORD, come_back, leads_to, leave, providers, sign_in, with_password
from tests.accounts.test_again import a_while_later
from tests.factories import person
from tests.support.mail import Sink, deliver
from tests.support.providers import Crooked, crooked_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings: Any) -> Any:
    with crooked_provider() as made:
        row = {"issuer": made.issuer, "email_domains": ["kent.police.uk"]}
        settings.SIGN_IN_PROVIDERS = providers(row)
        yield made


@pytest.fixture
def kim(client: Client, provider: Crooked) -> User:
    """An administrator who has just come with their work account, and has no other way in."""
    kim = person("administrator", email="kim@kent.police.uk")
    come_back(client, provider.page(leave(client)))
    return kim


WAYS = [
    ("get", "/account/2fa/totp/activate/"),
    ("post", "/account/2fa/totp/activate/"),
    ("get", "/account/2fa/totp/deactivate/"),
    ("get", "/account/2fa/webauthn/add/"),
    ("post", "/account/2fa/webauthn/add/"),
    ("post", "/account/2fa/webauthn/keys/{key}/remove/"),
    ("post", "/account/2fa/webauthn/keys/{key}/edit/"),
    ("get", "/account/2fa/recovery-codes/"),
    ("post", "/account/2fa/recovery-codes/generate/"),
    ("get", "/account/2fa/recovery-codes/download/"),
    ("post", "/account/password/set/"),
    ("post", "/account/work/"),
    ("post", "/account/work/kent/?process=connect"),
]


@pytest.mark.parametrize(("method", "address"), WAYS)
def test_another_way_in_asks_who_has_a_work_account_only(
    client: Client, kim: User, method: str, address: str
) -> None:
    key = Authenticator.objects.create(user=kim, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone"})
    a_while_later(client)
    asked = getattr(client, method)(address.format(key=key.pk))["Location"]
    assert asked.startswith("/account/work/again/?next="), asked


@pytest.mark.parametrize(("method", "address"), [way for way in WAYS if "{key}" not in way[1]])
def test_and_who_has_a_password_only(client: Client, provider: Crooked, method: str, address: str) -> None:
    sign_in(client, with_password("administrator"))
    a_while_later(client)
    asked = getattr(client, method)(address)["Location"]
    assert asked.startswith("/account/reauthenticate/?next="), asked


def test_connecting_goes_on_after_the_password(client: Client, provider: Crooked) -> None:
    user = with_password("reader", email="someone@kent.police.uk")
    sign_in(client, user)
    a_while_later(client)
    address = "/account/work/kent/?process=connect"
    asked = client.post(address)["Location"]
    page = client.get(asked)
    answer = client.post(asked, {"password": PASSWORD, "next": page.context["redirect_field_value"]})
    come_back(client, provider.page(leads_to(answer)))
    assert user.socialaccount_set.get().provider == "kent"


@pytest.mark.parametrize("came", ["by password", "by work account"])
def test_who_comes_back_too_late_is_told_and_nothing_is_connected(
    client: Client, provider: Crooked, settings: Any, came: str
) -> None:
    if came == "by password":
        user = with_password("reader", email="someone@kent.police.uk")
        sign_in(client, user)
    else:
        user = person("administrator", email="kim@kent.police.uk")
        come_back(client, provider.page(leave(client)))
        told = {"issuer": provider.issuer, "email_domains": ["kent.police.uk"]}
        settings.SIGN_IN_PROVIDERS = providers(told, told | {"code": "devon", "name": "Devon"})
    before = user.socialaccount_set.count()
    code = "kent" if came == "by password" else "devon"
    page = provider.page(leave(client, code, query="?process=connect"))
    a_while_later(client)
    answer = come_back(client, page)
    assert answer.status_code == 403
    assert b"It took too long" in answer.content
    assert user.socialaccount_set.count() == before


def test_a_work_account_gets_no_password_beside_it(client: Client, kim: User) -> None:
    told = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/account/password/set/", told)["Location"] == "/account/"
    assert not User.objects.get(pk=kim.pk).has_usable_password()
    page = client.get("/account/").content.decode()
    assert "/account/password/set/" not in page
    assert "need no password" in page


def test_nor_a_passkey_that_signs_in_alone(client: Client, kim: User) -> None:
    assert b'name="passwordless"' not in client.get("/account/2fa/webauthn/add/").content
    assert "passwordless" in AddPasskeyForm(user=with_password("reader")).fields
    for user, is_let_in in ((kim, False), (with_password("reader"), True)):
        request = RequestFactory().get("/")
        request.session, request.user = client.session, user
        request._messages = SimpleNamespace(add=lambda *args: None)
        request.session["account_authentication_methods"] = []
        record_authentication(request, user, "mfa", type="webauthn", passwordless=True)
        answer = AccountAdapter().pre_login(
            request,
            user,
            email_verification="none",
            signal_kwargs={},
            email=None,
            signup=False,
            redirect_url=None,
        )
        assert (answer is None) is is_let_in


def test_the_password_from_before_opens_nothing_any_more_and_its_owner_is_told(
    client: Client, provider: Crooked, sink: Sink
) -> None:
    sam = with_password("contributor", at="kent-police", email="kim@kent.police.uk")
    elsewhere = Client()
    sign_in(elsewhere, sam)
    come_back(client, provider.page(leave(client)))
    assert int(client.session["_auth_user_id"]) == sam.pk
    assert sign_in(Client(), sam).status_code == 200
    assert elsewhere.get("/").status_code == 302
    deliver()
    assert "You sign in with your work account from now on" in [m["Subject"] for m in sink.to(sam)]
    assert Change.ledger.filter(table_name="password_changed", object_id=sam.pk).count() == 1


def test_who_connects_it_themselves_keeps_their_password(client: Client, provider: Crooked) -> None:
    user = with_password("reader", email="someone@kent.police.uk")
    sign_in(client, user)
    come_back(client, provider.page(leave(client, query="?process=connect")))
    assert User.objects.get(pk=user.pk).has_usable_password()


def test_without_any_way_to_prove_it_one_signs_out_and_in_again(client: Client) -> None:
    client.force_login(person("administrator"))
    a_while_later(client)
    assert client.get("/account/2fa/totp/activate/")["Location"] == "/account/logout/"
