"""What people send can neither break a line of the log nor forge one."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from register.accounts.joining.links import invitation_url
from register.accounts.joining.services import invite
from register.core.clock import now
from register.core.logs import OneLine
from register.core.tracking import origin
from tests.house.addresses import ours

LINE = settings.LOGGING["formatters"]["line"]


def line(message: str, *args: object, exc_info: object = None, stack: str | None = None) -> str:
    record = logging.LogRecord("register", logging.WARNING, __file__, 1, message, args, exc_info, sinfo=stack)
    return OneLine(LINE["format"], style=LINE["style"]).format(record)


def test_it_is_what_the_register_logs_with() -> None:
    assert LINE["()"] == "register.core.logs.OneLine"
    assert settings.LOGGING["handlers"] == {
        "console": {"class": "logging.StreamHandler", "formatter": "line"}
    }


@pytest.mark.parametrize(
    "typed",
    [
        "a\n2026-11-23 09:00:00,000 INFO register: forged",
        "a\r2026-11-23 INFO forged",
        "a\x0bb",
        "a\x0cb",
        "a\x85b",
        "a\u2028b",
        "a\u2029b",
        "a\x1b[2Jb",
        "a\x08\x08b",
        "a\x00b",
        "a\u202eb",
        "a\x9bb",
    ],
)
def test_a_message_is_one_line_that_can_be_read(typed: str) -> None:
    told = line("Not found: %s", typed)
    assert len(told.splitlines()) == 1
    assert told.isprintable()
    assert "\\" in told


KEY = "IjAxZGU0NTY3ODkwYWJjZGVmIg:1vXyZa:s1gnature-of_the_link"


def routes_with_a_token() -> list[str]:
    """Every address of ours that opens by what is in it, and the link for a new password."""
    found = [route for route in ours().values() if "token>" in route]
    return [re.sub(r"<[^>]*token>", KEY, f"/{route}") for route in found] + [
        f"/account/password/reset/key/1a-{KEY}/"
    ]


@pytest.mark.parametrize("address", routes_with_a_token())
def test_a_link_that_opens_something_is_cut_short(address: str) -> None:
    told = line("%s: %s", "Unprocessable Entity", address)
    assert KEY[8:] not in told
    assert told.endswith("…/")
    assert address[:16] in told
    try:
        raise ValueError(f"not at {address}")
    except ValueError:
        assert KEY[8:] not in line("It failed", exc_info=sys.exc_info())


def test_an_open_invitation_that_is_refused_is_not_in_the_log(db: None, client: Client, caplog: Any) -> None:
    with origin("test"):
        made = invite(by=None, email="rosa@kent.police.uk", role="administrator", now=now())
    path = urlsplit(invitation_url(made)).path
    assert client.post(path, {"name": "Rosa", "password": "password1"}).status_code == 422
    [record] = [record for record in caplog.records if record.name == "django.request"]
    assert path in record.getMessage()
    told = OneLine(LINE["format"], style=LINE["style"]).format(record)
    assert "Unprocessable" in told
    assert path.split("/")[2][6:] not in told


def test_words_stay_as_they_are() -> None:
    assert line("Café – £5 %s", "ünïcode").endswith("WARNING register: Café – £5 ünïcode")


def test_a_fault_stands_under_its_line_and_forges_none() -> None:
    try:
        raise ValueError("bad\n2026-11-23 09:00:00,000 INFO register: forged\x1b[2J")
    except ValueError:
        first, *rest = line("It failed", exc_info=sys.exc_info()).split("\n")
    assert first.endswith("It failed")
    assert rest
    assert all(one.startswith("    ") and one.isprintable() for one in rest)
    assert any("forged" in one for one in rest)


def test_a_stack_stands_under_its_line() -> None:
    assert line("Here", stack="Stack:\n  one").split("\n")[1:] == ["    Stack:", "      one"]
