"""Sending the digests of a Monday, and reading the letters that come."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery
from register.digests.sending.delivery import deliver
from tests.digests.support import MONDAY


def send() -> None:
    open_due_editions(now=MONDAY)
    build_open_editions(now=MONDAY)
    deliver(list(Delivery.objects.values_list("pk", flat=True)), clock=lambda: MONDAY)


def text_of(message: Any) -> str:
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def html_of(message: Any) -> str:
    return message.get_body(("html",)).get_content()


def words_of(html: str) -> str:
    """What a reader sees, less the style."""
    without = re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", without)


def preview_of(html: str) -> str:
    found = re.search(r"<body[^>]*>\s*<div[^>]*>(.*?)</div>", html, re.DOTALL)
    assert found
    return found[1]


def flat(message: Any) -> str:
    return " ".join(text_of(message).split())


def beat(clock: Any, at: datetime) -> None:
    clock.set(at)
    open_due_editions(now=at)
    build_open_editions(now=at)
    deliver(list(Delivery.objects.due(now=at).values_list("pk", flat=True)), clock=lambda: at)
