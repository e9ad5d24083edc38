"""Bringing editions to people: claim a batch, commit, send it (`batch`); and what becomes of what has no end.

A worker that dies before it began to send leaves a claim, which is given back: nothing was sent. One that dies after it
began may have sent the message or not: such a delivery is held, never sent again by guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, QuerySet

from register.core.post import Post
from register.core.tracking import write_door
from register.digests.making.editions import next_edition_due
from register.digests.models import Delivery
from register.digests.posting import claiming
from register.digests.posting.refused import PAUSED
from register.digests.reading.readers import Items
from register.digests.sending.batch import Batch, Clock, Outcome

if TYPE_CHECKING:
    from register.accounts.models import User

State = Delivery.State
# As many are claimed and written together.
BATCH = 100
# When batches took so long, the rest is left to others.
BATCHES_LAST = timedelta(minutes=3)
# So long a digest waits for that of an older group of the same reader, which tells what both would say.
BEHIND = timedelta(minutes=1)
# Sending does not ask for these; to read thousands of dates takes a third of what a batch takes to be read.
UNREAD = {
    "user": ["password", "last_login", "post", "telephone", "joined_at", "last_seen_at", "paused_at"],
    "edition": ["snapshot", "left", "created_at"],
}


def deliver(delivery_ids: Iterable[int], *, clock: Clock) -> list[Outcome]:
    """Deliver those that are due and that nobody else has, batch by batch over one connection to the mail server.

    Those that had to wait for another in the same call have their turn at its end.
    """
    began, outcomes, items = clock(), dict[int, Outcome](), Items()
    with Post() as post:
        keys, again = list(delivery_ids), False
        while keys:
            behind: list[int] = []
            for first in range(0, len(keys), BATCH):
                if clock() - began >= BATCHES_LAST:
                    return list(outcomes.values())
                claimed = claim(delivery_ids=keys[first : first + BATCH], now=clock())
                batch = Batch(claimed, clock, items, wait=BEHIND if again else timedelta())
                outcomes |= {outcome.delivery.pk: outcome for outcome in batch.sent(post)}
                behind += batch.behind
            keys, again = ([], True) if again else (behind, True)
    return list(outcomes.values())


def claim(*, delivery_ids: Iterable[int], now: datetime) -> list[Delivery]:
    """Take waiting deliveries, committed at once; less those that somebody else has or that are not due.

    Whoever gets one, alone, may send it. Refuses to run inside a transaction, which could undo the claim.
    """
    wanted = list(delivery_ids)
    with transaction.atomic(durable=True):
        free = (
            Delivery.objects.due(now=now)
            .filter(pk__any_of=wanted)
            .order_by("pk")
            .select_for_update(skip_locked=True)
        )
        taken = list(free.values_list("pk", flat=True))
        Delivery.objects.filter(pk__any_of=taken).update(
            state=State.CLAIMED, claimed_at=now, attempts=F("attempts") + 1
        )
    claimed = Delivery.objects.filter(pk__any_of=taken).order_by("pk")
    unread = [f"{what}__{column}" for what, columns in UNREAD.items() for column in columns]
    return list(claimed.select_related("edition__group__digest_schedule", "user").defer(*unread))


def hold_abandoned(*, now: datetime) -> int:
    """Set aside what began to be sent and never ended, and give back what was only claimed; how many are held."""
    return claiming.hold_abandoned(Delivery.objects.all(), now=now)


def expire_held(*, now: datetime) -> int:
    """What nobody released by the time that the audience's next edition is due has failed; how many."""
    expired = 0
    held = Delivery.objects.filter(state=State.HELD).select_related("edition__group__digest_schedule")
    for delivery in held:
        if next_edition_due(delivery.edition) <= now:
            expired += Delivery.objects.filter(pk=delivery.pk, state=State.HELD).update(
                state=State.FAILED,
                why=f"Nobody released it before the next edition was due. {delivery.why}"[:300],
                failed_at=now,
            )
    return expired


@write_door
def send_again(*, by: User | None, deliveries: QuerySet[Delivery], now: datetime) -> int:
    """Let held and failed deliveries be tried once more, because somebody decided so; how many.

    So too those that were skipped as their reader's address was paused.
    """
    deliveries.filter(state=State.SKIPPED, why=PAUSED).update(state=State.FAILED)
    return claiming.send_again(by=by, rows=deliveries, now=now)
