"""Records that are late, askings about them, and what came of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from register.accounts.models import User
from register.digests.chasing.models import Chase, ChaseItem, ChaseRound
from register.digests.chasing.sending import deliver_chases
from register.digests.chasing.services import open_due_round
from register.digests.posting.claiming import State
from register.initiatives.models import Initiative
from tests.digests.support import london
from tests.factories import initiative

TUESDAY = london("2026-11-24T09:00")
WEEK = timedelta(weeks=1)
LONG_AGO = date(2026, 4, 1)  # confirmed then, its update was due on 30 September
DERBYSHIRE = "derbyshire-police"


def late(title: str = "Shared workshop", **fields: Any) -> Initiative:
    return initiative(title, on=fields.pop("on", LONG_AGO), **fields)


def open_at(at: datetime = TUESDAY) -> ChaseRound | None:
    return open_due_round(now=at)


def send_at(at: datetime = TUESDAY) -> dict[int, str]:
    """How each that waits ended, by person."""
    waiting = Chase.objects.filter(state=State.WAITING, due_at__lte=at).values_list("pk", flat=True)
    return {ended.posted.person_id: ended.state for ended in deliver_chases(list(waiting), clock=lambda: at)}


def ask(at: datetime = TUESDAY) -> dict[int, str]:
    open_at(at)
    return send_at(at)


def asked_about(user: User) -> list[str]:
    items = ChaseItem.objects.filter(chase__person=user, chase__kind="owner").order_by("pk")
    return [item.initiative.title for item in items.select_related("initiative")]


def text_of(message: Any) -> str:
    return " ".join(message.get_body(("plain",)).get_content().split())
