"""No page can be put into somebody else's frame, and nothing is taken for what it is not."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.security.planted import Planted
from tests.security.world import World
from tests.support.hostile import Attack

# Made before the world of this file, which another database would break.
pytestmark = pytest.mark.usefixtures("planted")


def unframed(headers: dict[str, str]) -> bool:
    policy = headers.get("Content-Security-Policy", "")
    return headers.get("X-Frame-Options") == "DENY" and "frame-ancestors 'none'" in policy


# An email as it will look, in a frame of our own page: nobody else's, without scripts, and with an email's styles.
SHOWN_IN_OUR_FRAME = "/digest/preview/email/"


def test_no_page_can_be_framed(planted: Planted, attack: Attack) -> None:
    for address, headers in planted.headers.items():
        if address.endswith(SHOWN_IN_OUR_FRAME):
            policy = headers["Content-Security-Policy"]
            assert "frame-ancestors 'self'" in policy
            assert "sandbox" in policy
            assert "allow-scripts" not in policy
            continue
        attack("clickjacking", address)
        assert unframed(headers), (address, headers)
        assert headers["X-Content-Type-Options"] == "nosniff", address
    assert not unframed({"X-Frame-Options": "DENY", "Content-Security-Policy": "default-src 'self'"})


def test_no_page_runs_what_is_not_a_file_of_ours(planted: Planted) -> None:
    for address, headers in planted.headers.items():
        if address.endswith(SHOWN_IN_OUR_FRAME):
            continue
        policy = dict(
            part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == "'none'", address
        assert "unsafe" not in headers["Content-Security-Policy"], address
        assert policy["base-uri"] == "'none'", address
        assert policy["form-action"].startswith("'self'"), address
        assert "*" not in policy["script-src"], address


ERRORS = {
    "nothing there": ("/nothing/there/", {}, 404),
    "no such record": ("/initiatives/BL-99999/", {}, 404),
    "not theirs": ("/components/", {}, 403),
    "another host": ("/", {"Host": "evil.example"}, 400),
    "sign-in": ("/account/login/", {}, 200),
    "reset": ("/account/password/reset/", {}, 200),
    "administration": ("/admin/", {}, 302),
    "a broken link": ("/digests/unsubscribe/x/", {}, 404),
    "another broken link": ("/digests/still-current/x/", {}, 404),
    "a wrong method": ("/initiatives/BL-00001/confirm/", {}, 405),
    "the statement": ("/accessibility/", {}, 200),
}


@pytest.mark.parametrize("what", ERRORS)
def test_neither_can_a_page_for_strangers_nor_one_that_says_what_is_wrong(
    world: World, attack: Attack, what: str
) -> None:
    attack("clickjacking", what)
    address, headers, status = ERRORS[what]
    client = Client() if status in (200, 302) else world.client("reader")
    answer = client.get(address, headers=headers)
    assert answer.status_code == status
    assert unframed(dict(answer.headers.items())), answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_nor_can_a_page_that_says_that_something_broke(
    world: World, attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack("clickjacking", "an error of ours")
    monkeypatch.setattr("register.pages.home.render", lambda *args, **kwargs: 1 / 0)
    answer = world.client("reader").get("/")
    assert answer.status_code == 500
    assert unframed(dict(answer.headers.items())), answer.headers
    assert b"ZeroDivisionError" not in answer.content
    assert b"Traceback" not in answer.content
