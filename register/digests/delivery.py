"""Bringing an edition to one person: claim, ask again, write, send, mark.

Claim and mark are commits of their own and the sending is in no transaction, so a worker that dies leaves a claim
behind that says so. Such a delivery is held, never sent again by guess.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from register.accounts.models import RoleGrant
from register.core.clock import today
from register.core.post import Fate, Post, Result
from register.digests.following import follows_anything
from register.digests.message import Writer
from register.digests.models import Delivery, DigestWish

logger = logging.getLogger(__name__)

State = Delivery.State
# After a temporary failure: the wait before the second attempt, the third … After the last, it has failed.
WAITS = [timedelta(minutes=m) for m in (1, 5, 20, 60, 240, 720)]
# Longer than any attempt can take (the worker ends a task after ten minutes).
CLAIM_LASTS = timedelta(minutes=15)

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Outcome:
    delivery: Delivery
    state: str
    why: str = ""


def deliver(delivery_ids: Iterable[int], *, clock: Clock) -> list[Outcome]:
    """Deliver those that are due and that nobody else has, over one connection to the mail server."""
    writer = Writer()
    outcomes = []
    with Post() as post:
        for pk in delivery_ids:
            delivery = claim(delivery_id=pk, now=clock())
            if delivery:
                outcomes.append(_carry_out(delivery, writer=writer, post=post, clock=clock))
    return outcomes


def claim(*, delivery_id: int, now: datetime) -> Delivery | None:
    """Take a waiting delivery, committed at once; None when somebody else has it or it is not due.

    Whoever gets it, alone, may send it. Refuses to run inside a transaction, which could undo the claim.
    """
    with transaction.atomic(durable=True):
        taken = (
            Delivery.objects.due(now=now)
            .filter(pk=delivery_id)
            .update(state=State.CLAIMED, claimed_at=now, attempts=F("attempts") + 1)
        )
    if taken != 1:
        return None
    return Delivery.objects.select_related("edition__group__digest_schedule", "user").get(pk=delivery_id)


def hold_abandoned(*, now: datetime) -> int:
    """Set aside claims that nobody will finish: their worker died, and may have sent the message or not."""
    return Delivery.objects.abandoned(before=now - CLAIM_LASTS).update(
        state=State.HELD, why="The worker stopped between claiming and sending: it may have been sent."
    )


def send_again(*, deliveries: QuerySet[Delivery], now: datetime) -> int:
    """Let held and failed deliveries be tried once more, because somebody decided so; how many."""
    return deliveries.filter(state__in=[State.HELD, State.FAILED]).update(
        state=State.WAITING, due_at=now, why=""
    )


def _carry_out(delivery: Delivery, *, writer: Writer, post: Post, clock: Clock) -> Outcome:
    try:
        refusal = why_not(delivery, now=clock())
        message = None if refusal else writer.write(delivery)
    except Exception:
        # Nothing has left the house yet, so it is safe to try again.
        logger.exception("Delivery %s could not be written", delivery.pk)
        return _put_off(delivery, "It could not be written; the log says why.", clock())
    if message is None:
        return _mark(delivery, State.SKIPPED, refusal or "Nothing new that they may see.")
    return _record(delivery, post.send(message), clock())


def why_not(delivery: Delivery, *, now: datetime) -> str:
    """Why the person is not to get it after all, as of now; empty when they are."""
    user, group = delivery.user, delivery.edition.group
    if not user.is_active or user.erased_at:
        return "They have left."
    if group is None and not follows_anything(user):
        return "They follow nothing any more."
    if group is not None and not RoleGrant.objects.filter(user=user, group=group).exists():
        return "They are no longer in the group."
    wish = DigestWish.objects.of(user, group)
    if wish is not None and wish.wish == DigestWish.Wish.NONE:
        return "They switched it off."
    if wish is not None and wish.is_paused(today(now)):
        return f"They paused it until {wish.paused_until:%-d %B %Y}."
    return ""


def _record(delivery: Delivery, result: Result, now: datetime) -> Outcome:
    if result.fate is Fate.SENT:
        return _mark(delivery, State.SENT, sent_at=now)
    if result.fate is Fate.UNKNOWN:
        return _mark(delivery, State.HELD, result.why)
    if result.fate is Fate.PERMANENT:
        return _mark(delivery, State.FAILED, result.why)
    return _put_off(delivery, result.why, now)


def _put_off(delivery: Delivery, why: str, now: datetime) -> Outcome:
    if delivery.attempts > len(WAITS):
        return _mark(delivery, State.FAILED, f"Given up after {delivery.attempts} attempts. {why}")
    return _mark(delivery, State.WAITING, why, due_at=now + WAITS[delivery.attempts - 1])


def _mark(delivery: Delivery, state: str, why: str = "", **columns: datetime) -> Outcome:
    """Write down how it ended, unless the claim is no longer ours (a held one is: now we know better)."""
    why = why[:300]
    marked = Delivery.objects.filter(
        pk=delivery.pk, attempts=delivery.attempts, state__in=[State.CLAIMED, State.HELD]
    ).update(state=state, why=why, **columns)
    if not marked:
        logger.error("Delivery %s ended as %s, but somebody had changed it meanwhile", delivery.pk, state)
    return Outcome(delivery, state, why)
