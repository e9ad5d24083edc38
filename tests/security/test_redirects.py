"""Nobody is sent to another site by an address of ours, whatever it or the request's headers say."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from register.accounts.models import User
from register.core.tracking import origin, recorded
from register.initiatives.models import Initiative
from tests.house.addresses import addresses
from tests.security.planted import Planted
from tests.security.world import World, body
from tests.support.hostile import Attack

pytestmark = pytest.mark.usefixtures("planted")

HERE = "http://testserver/account/login/"
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "/\\evil.example/",
    "\\\\evil.example/",
    "\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "/\t/evil.example/",
    "\t//evil.example/",
    "/%09/evil.example",
    "//testserver@evil.example/",
    "https://testserver.evil.example/",
    "https://evil.example/testserver/",
    "https://evil.example#@testserver/",
    "https://evil.example\\@testserver/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\r\nLocation: https://evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "//evil%E3%80%82example",
    "//\u2044evil.example",
    ".evil.example",
    "evil.example",
    "a-word",
    "",
]


def leads_elsewhere(location: str) -> bool:
    """As a browser takes it: it drops tabs and line ends, and takes backslashes for slashes."""
    told = re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/")
    where = urlsplit(urljoin(HERE, told))
    return where.scheme not in ("http", "https") or where.hostname not in ("testserver", "localhost")


@pytest.mark.parametrize(
    ("location", "elsewhere"),
    [
        ("/", False),
        ("next/", False),
        ("//evil.example", True),
        ("/\\evil.example", True),
        ("javascript:x", True),
    ],
)
def test_the_detector_tells_where_a_browser_would_go(location: str, elsewhere: bool) -> None:
    assert leads_elsewhere(location) is elsewhere


@pytest.fixture
def password(world: World) -> dict[str, str]:
    user: User = world.user("reader")
    user.set_password("a kettle of seven herons")
    with origin("test"), recorded(by=None):
        user.save()
    return {"login": user.email, "password": "a kettle of seven herons"}


@pytest.mark.parametrize("target", ELSEWHERE)
def test_after_signing_in_one_stays_here(
    world: World, attack: Attack, password: dict[str, str], target: str
) -> None:
    attack("open redirect", f"next of sign-in: {target}")
    answer = Client().post("/account/login/", password | {"next": target})
    assert answer.status_code == 302
    assert not leads_elsewhere(answer.headers["Location"]), answer.headers["Location"]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_after_confirming_a_record_one_stays_here(world: World, attack: Attack, target: str) -> None:
    attack("open redirect", f"next of confirming: {target}")
    record = Initiative.objects.get(title="Shared fleet workshop at Millbrook")
    answer = world.client("opener").post(f"/initiatives/{record.reference}/confirm/", {"next": target})
    assert answer.status_code == 302
    assert not leads_elsewhere(answer.headers["Location"]), answer.headers["Location"]


NAMES = ("next", "back", "url", "return", "redirect", "return_to", "continue", "next_url", "referer", "goto")


def test_no_page_takes_an_address_to_go_to(world: World, attack: Attack) -> None:
    """Neither from its query, nor from what is posted, nor as a link on it; on one page of each kind."""
    client, seen = world.client("opener"), set()
    told = dict.fromkeys(NAMES, ELSEWHERE[1])
    for view, address in addresses():
        kind = view.split("_")[-1]
        if kind in seen:
            continue
        seen.add(kind)
        attack("open redirect", f"{len(NAMES)} names of {view}")
        for answer in (client.get(address, told), client.post(address, told)):
            assert not leads_elsewhere(answer.headers.get("Location", "/")), address
            if not answer.streaming:
                assert not re.search(r'(href|action|src)="//evil', body(answer)), address


HOSTS: list[dict[str, Any]] = [
    {"Host": "evil.example"},
    {"Host": "testserver.evil.example"},
    {"Host": "evil.example:80"},
    {"Host": "testserver@evil.example"},
    {"Host": "testserver:80@evil.example"},
    {"Host": "evil.example#testserver"},
    {"Host": "evil.example\\testserver"},
    {"Host": ""},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Host": "evil.example"},
    {"X-Forwarded-Server": "evil.example"},
    {"Forwarded": "host=evil.example"},
    {"X-Original-URL": "https://evil.example/"},
    {"X-Rewrite-URL": "//evil.example/"},
    {"X-Forwarded-Proto": "javascript"},
    {"X-Forwarded-Prefix": "//evil.example"},
]


@pytest.mark.parametrize("sent", HOSTS, ids=str)
def test_no_header_makes_another_site_of_ours(world: World, attack: Attack, sent: dict[str, str]) -> None:
    """Neither where one is sent, nor in a link, nor in the email that resets a password."""
    attack("open redirect", sent)
    for client, address in (
        (Client(raise_request_exception=False), "/"),
        (world.client("reader"), "/initiatives/"),
    ):
        answer = client.get(address, headers=sent)
        assert answer.status_code < 500
        assert not leads_elsewhere(answer.headers.get("Location", "/"))
        assert "evil" not in body(answer)


def test_the_pages_link_to_other_sites_only_where_a_person_gave_the_link(planted: Planted) -> None:
    for address, html in planted.pages.items():
        for link in re.findall(r'<a [^>]*href="(?:https?:)?//[^"]*"[^>]*>', html):
            assert 'rel="' in link or "localhost" in link or "testserver" in link, (address, link)
