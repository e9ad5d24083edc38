"""Nothing is changed by a page of somebody else's: neither by a post without our token, nor by a link."""

from __future__ import annotations

import pytest
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.urls import reverse

from register.accounts.models import WorkingGroup
from register.digests.choosing.unsubscribing import token_for
from register.digests.models import DigestWish
from tests.house.addresses import addresses, ours, patterns
from tests.security.planted import Planted, changes
from tests.security.planting import ledger
from tests.security.world import World, body
from tests.support.hostile import Attack

# Made before the world of this file, which another database would break.
pytestmark = pytest.mark.usefixtures("planted")
# RFC 8058: a mail program posts without a cookie; the address carries its own signature.
WITHOUT_A_TOKEN = {"digest_unsubscribe"}


def checking(world: World) -> Client:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(world.user("opener"))
    return client


def theirs() -> list[str]:
    """Addresses of django-allauth's and of administration that take no argument."""
    found = []
    for route, entry in patterns():
        if entry.name and entry.name not in ours() and "<" not in route and "(?P" not in route:
            address = f"/{route.replace('^', '').rstrip('$')}"
            if not address.startswith("/static/"):
                found.append(address)
    return sorted(set(found))


def test_every_post_without_our_token_is_refused_and_changes_nothing(world: World, attack: Attack) -> None:
    client = checking(world)
    before = ledger()
    for name, address in addresses():
        if name in WITHOUT_A_TOKEN:
            continue
        attack("CSRF", f"POST {address}")
        answer = client.post(address, {"reason": "x", "save": ""})
        assert answer.status_code == 403, (name, answer.status_code)
    for address in theirs():
        attack("CSRF", f"POST {address}")
        assert client.post(address, {}).status_code in (403, 404, 405), address
    assert ledger() == before


@pytest.mark.parametrize(
    ("what", "sent"),
    [
        ("an empty token", {"csrfmiddlewaretoken": ""}),
        ("a short token", {"csrfmiddlewaretoken": "abc"}),
        ("a token of the right length", {"csrfmiddlewaretoken": "a" * 64}),
        ("characters that no token has", {"csrfmiddlewaretoken": "é" * 64}),
        ("a NUL", {"csrfmiddlewaretoken": "\0" * 64}),
        ("somebody else's token", None),
    ],
)
def test_a_wrong_token_is_none(world: World, attack: Attack, what: str, sent: dict[str, str] | None) -> None:
    attack("CSRF", what)
    client = checking(world)
    client.get("/initiatives/new/")
    if sent is None:
        sent = {"csrfmiddlewaretoken": get_token(RequestFactory().get("/"))}
    assert client.post("/initiatives/new/", sent).status_code == 403
    assert client.post("/initiatives/new/", {}, headers={"X-CSRFToken": "a" * 64}).status_code == 403


@pytest.mark.parametrize(
    "sender",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver:1"},
        {"Referer": "https://evil.example/"},
        {"Referer": "https://testserver.evil.example/"},
        {"Referer": ""},
    ],
    ids=str,
)
def test_our_token_from_somebody_elses_page_is_refused(
    world: World, attack: Attack, sender: dict[str, str]
) -> None:
    attack("CSRF", sender)
    client = checking(world)
    token = body(client.get("/initiatives/new/", secure=True)).split('name="csrfmiddlewaretoken" value="')[1][
        :64
    ]
    answer = client.post("/initiatives/new/", {"csrfmiddlewaretoken": token}, secure=True, headers=sender)
    assert answer.status_code == 403


def test_our_own_form_is_let_in(world: World) -> None:
    """Or the refusals above would prove nothing."""
    client = checking(world)
    token = body(client.get("/initiatives/new/")).split('name="csrfmiddlewaretoken" value="')[1][:64]
    assert client.post("/initiatives/new/", {"csrfmiddlewaretoken": token, "save": ""}).status_code == 422


def test_only_the_one_click_of_a_mail_program_needs_no_token() -> None:
    exempt = {
        entry.name or route for route, entry in patterns() if getattr(entry.callback, "csrf_exempt", False)
    }
    assert exempt == WITHOUT_A_TOKEN


@pytest.mark.parametrize(
    "sent",
    [{}, {"List-Unsubscribe": "one-click"}, {"List-Unsubscribe": "One-Click", "more": "1"}, {"stop": "1"}],
    ids=str,
)
def test_another_shape_of_that_post_needs_our_token(
    world: World, attack: Attack, sent: dict[str, str]
) -> None:
    attack("CSRF", f"unsubscribing with {sent}")
    user, group = world.user("member"), WorkingGroup.objects.get(code="eastern")
    address = reverse("digest_unsubscribe", args=[token_for(user, group)])
    client = Client(enforce_csrf_checks=True)
    assert client.post(address, sent).status_code == 403
    assert not DigestWish.objects.filter(user=user).exists()
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert DigestWish.objects.filter(user=user).exists()


def test_opening_a_page_changes_nothing(planted: Planted, attack: Attack) -> None:
    """Every page, opened by somebody who may do all that there is to do."""
    for address in planted.statuses:
        attack("change by GET", address)
    assert planted.changed == []


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_makes_another_method_of_a_request(world: World, attack: Attack, header: str) -> None:
    attack("change by GET", header)
    record = world.hidden[1]
    before = changes()
    for method in ("POST", "DELETE"):
        client = world.client("administrator")
        assert (
            client.get(f"/initiatives/{record.reference}/confirm/", headers={header: method}).status_code
            == 405
        )
    assert changes() == before
