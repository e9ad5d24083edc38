"""What people send can neither break a line of the log nor forge one."""

from __future__ import annotations

import logging
import sys

import pytest
from django.conf import settings

from register.core.logs import OneLine

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
