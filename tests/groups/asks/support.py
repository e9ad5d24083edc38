"""Pages of asks: their addresses, what their forms are sent, and what they show."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from register.groups.models import Ask
from register.initiatives.models import Barrier

HOME = "/groups/eastern/asks/"
NEW = f"{HOME}new/"


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def written(*barriers: Barrier, **fields: Any) -> dict[str, Any]:
    return {
        "title": "Change the rule",
        "what": "Let two services share one licence.",
        "addressee": "Home Office",
        "barrier": [str(one.pk) for one in barriers],
        "save": "1",
    } | fields


def ticked(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'name="barrier" value="(\d+)" checked', html)]


def offered(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'name="barrier" value="(\d+)">', html)]


def of_ask(made: Ask) -> set[str]:
    return set(made.barriers.values_list("title", flat=True))


def closing(made: Ask, *outcomes: tuple[Barrier, str], **fields: Any) -> dict[str, str]:
    told = {"closed_on": "20 November 2026", "ending": "done_as_asked", "version": str(made.version)}
    for one, state in outcomes:
        told |= {f"outcome_{one.pk}": state, f"version_{one.pk}": str(one.version)}
    return told | fields


def states(*barriers: Barrier) -> list[str]:
    return [Barrier.objects.get(pk=one.pk).state for one in barriers]
