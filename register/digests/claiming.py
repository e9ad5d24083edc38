"""Taking a message that waits, alone, and writing down how it ended: the same for every kind of `Posted`.

Claim and mark are commits of their own and the sending is in no transaction, so a worker that dies leaves a claim
behind that says so. Such a message is held, never sent again by guess.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import F, QuerySet

from register.core.post import Fate, Result
from register.digests.posted import Posted

logger = logging.getLogger(__name__)

State = Posted.State
# After a temporary failure: the wait before the second attempt, the third … After the last, it has failed.
WAITS = [timedelta(minutes=m) for m in (1, 5, 20, 60, 240, 720)]
# Longer than any attempt can take (the worker ends a task after ten minutes).
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


def hold_abandoned(rows: QuerySet[P], *, now: datetime) -> int:
    """Set aside claims that nobody will finish: their worker died, and may have sent the message or not."""
    return rows.filter(state=State.CLAIMED, claimed_at__lt=now - CLAIM_LASTS).update(
        state=State.HELD, why="The worker stopped between claiming and sending: it may have been sent."
    )


def send_again(rows: QuerySet[P], *, now: datetime) -> int:
    """Let held and failed ones be tried once more, because somebody decided so; how many."""
    return rows.filter(state__in=[State.HELD, State.FAILED]).update(state=State.WAITING, due_at=now, why="")


def record(row: P, result: Result, now: datetime) -> Ended[P]:
    """Write down what the mail server made of it."""
    if result.fate is Fate.SENT:
        return mark(row, State.SENT, sent_at=now)
    if result.fate is Fate.UNKNOWN:
        return mark(row, State.HELD, result.why)
    if result.fate is Fate.PERMANENT:
        return mark(row, State.FAILED, result.why)
    return put_off(row, result.why, now)


def put_off(row: P, why: str, now: datetime) -> Ended[P]:
    """It has not left the house: try again later, after growing waits."""
    if row.attempts > len(WAITS):
        return mark(row, State.FAILED, f"Given up after {row.attempts} attempts. {why}")
    return mark(row, State.WAITING, why, due_at=now + WAITS[row.attempts - 1])


def mark(row: P, state: str, why: str = "", **columns: Any) -> Ended[P]:
    """Write down how it ended, unless the claim is no longer ours (a held one is: now we know better)."""
    why = why[:300]
    mine = type(row)._default_manager.filter(
        pk=row.pk, attempts=row.attempts, state__in=[State.CLAIMED, State.HELD]
    )
    if not mine.update(state=state, why=why, **columns):
        logger.error("%s %s ended as %s, but somebody had changed it", type(row).__name__, row.pk, state)
    return Ended(row, state, why)
