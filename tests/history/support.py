"""Doing things to a record, and what the ledger then says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from register.core.tracking import origin
from register.history.events import Event, fold, net
from register.history.models import Change


def do(service: Callable[..., Any], **how: Any) -> Any:
    """What one person does at one time: each its own request."""
    with origin("test"):
        return service(**({"by": None} | how))


def so_far() -> int:
    """The number of the ledger's last row."""
    return Change.objects.order_by("-id").values_list("id", flat=True).first() or 0


def since(last: int) -> list[Change]:
    return list(Change.objects.filter(pk__gt=last))


def told(last: int) -> list[str]:
    """What `fold` says happened since, oldest first."""
    return [event.sentence for event in reversed(fold(since(last)))]


def in_the_end(last: int) -> list[str]:
    """What `net` says has changed since."""
    return [event.sentence for event in net(since(last))]


def one(last: int) -> Event:
    [event] = fold(since(last))
    return event
