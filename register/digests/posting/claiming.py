"""Taking a message that waits, alone, and writing down how it ended: the same rules for every kind of `Posted`.

Claim, begin and mark are commits of their own and the sending is in no transaction. A worker that dies before it began
to send leaves a claim, which is given back: nothing was sent. One that dies after it began may have sent the message
or not: that is held, never sent again by guess.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import F, QuerySet

from register.accounts.models import User
from register.core.noted import Noted
from register.core.post import Fate, Result
from register.core.tracking import note, write_door
from register.digests.posted import ON_ITS_WAY, Posted

logger = logging.getLogger(__name__)

State = Posted.State
# After a temporary failure: the wait before the second attempt, the third …; then always the last.
WAITS = [timedelta(minutes=m) for m in (1, 5, 20, 60, 240, 720)]
# Each wait is drawn up to so much shorter or longer, so that what failed together does not come back together.
JITTER = 0.2
# Longer than any batch can take (the worker ends a task after ten minutes).
CLAIM_LASTS = timedelta(minutes=15)

P = TypeVar("P", bound=Posted)


@dataclass(frozen=True)
class Ended(Generic[P]):
    """How one attempt ended."""

    posted: P
    state: str
    why: str = ""


def claim(rows: QuerySet[P], *, pk: int, now: datetime) -> P | None:
    """Take one that waits and is due, committed at once; None when somebody else has it or it is not due.

    Whoever gets it, alone, may send it. Refuses to run inside a transaction, which could undo the claim.
    """
    due = rows.filter(pk=pk, state=State.WAITING, due_at__lte=now)
    with transaction.atomic(durable=True):
        taken = due.update(state=State.CLAIMED, claimed_at=now, attempts=F("attempts") + 1)
    return rows.get(pk=pk) if taken == 1 else None


def begin(row: Posted, *, now: datetime) -> bool:
    """Say that it is about to leave the house; False when it is somebody else's by now."""
    mine = type(row)._default_manager.filter(pk=row.pk, attempts=row.attempts, state=State.CLAIMED)
    return mine.update(state=State.SENDING, claimed_at=now) == 1


def hold_abandoned(rows: QuerySet[P], *, now: datetime) -> int:
    """Set aside what began to be sent and never ended: its worker died, and may have sent it or not. How many.

    What was only claimed waits again. Its number of attempts stays: it tells one claim from another, and a worker that
    only stood still must not take the next claim for its own.
    """
    left = rows.filter(claimed_at__lt=now - CLAIM_LASTS)
    left.filter(state=State.CLAIMED).update(state=State.WAITING)
    return left.filter(state=State.SENDING).update(
        state=State.HELD, why="The worker stopped while it was being sent: it may have been sent."
    )


def hold_restored(rows: QuerySet[P]) -> int:
    """Set aside what was on its way when a backup was made from which the database was restored; how many."""
    on_its_way = rows.filter(state__in=ON_ITS_WAY)
    return on_its_way.update(
        state=State.HELD, why="The register was restored from a backup: it may have been sent since."
    )


@write_door
def send_again(*, by: User | None, rows: QuerySet[P], now: datetime) -> int:
    """Let held and failed ones be tried once more, because somebody decided so; how many. The ledger says who."""
    again = rows.filter(state__in=[State.HELD, State.FAILED]).order_by("pk")
    found = list(again.select_for_update(of=["self"]).values_list("pk", "state"))
    for pk, state in found:
        detail = {"table": rows.model._meta.db_table, "was": state}
        note(Noted.SENT_AGAIN, by=by, object_id=pk, detail=detail)
    keys = [pk for pk, _ in found]
    rows.model._default_manager.filter(pk__in=keys).update(
        state=State.WAITING, due_at=now, why="", failed_at=None
    )
    return len(keys)


def record(row: P, result: Result, *, now: datetime, until: datetime) -> Ended[P]:
    """Write down what the mail server made of it. What it refused for now is tried again `until` then."""
    if result.fate is Fate.SENT:
        return mark(row, State.SENT, sent_at=now)
    if result.fate is Fate.UNKNOWN:
        return mark(row, State.HELD, result.why)
    if result.is_final:
        return mark(row, State.FAILED, result.why, failed_at=now)
    return put_off(row, result.why, now=now, until=until)


def put_off(row: P, why: str, *, now: datetime, until: datetime) -> Ended[P]:
    """It has not left the house: try again after growing waits, unless the next one would be due by then."""
    wait = wait_after(row.attempts)
    if now + wait >= until:
        logger.error("%s %s is given up: the next one is due", type(row).__name__, row.pk)
        return mark(row, State.FAILED, f"Given up: the next one is due. {why}", failed_at=now)
    return mark(row, State.WAITING, why, due_at=now + wait)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts."""
    return WAITS[min(attempts, len(WAITS)) - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311


def mark(row: P, state: str, why: str = "", **columns: Any) -> Ended[P]:
    """Write down how it ended, unless it is no longer ours (a held one is: now we know better)."""
    why = why[:300]
    mine = type(row)._default_manager.filter(
        pk=row.pk, attempts=row.attempts, state__in=[State.CLAIMED, State.SENDING, State.HELD]
    )
    if not mine.update(state=state, why=why, **columns):
        logger.error("%s %s ended as %s, but somebody had changed it", type(row).__name__, row.pk, state)
    return Ended(row, state, why)
