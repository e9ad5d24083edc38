"""What beat and workers do. The database holds the work; the broker only says that there is some.

When the broker is down nothing is lost: the sweep finds in the database what nobody could be told of.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from celery import shared_task
from kombu.exceptions import OperationalError

from register.core.clock import now
from register.core.tracking import origin
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery
from register.digests.posting.refused import tell_secretaries
from register.digests.sending.delivery import deliver, expire_held, hold_abandoned

logger = logging.getLogger(__name__)

# As many as share a connection to the mail server; a task gives back what it can't do well within its time limit.
SHARE = 200
# What one sweep hands out; the next comes in a minute.
AT_ONCE = 1000


@shared_task(name="digests.open_due")
def open_due() -> None:
    """Open and build what is due, and have it delivered."""
    at = now()
    with origin("task"):
        open_due_editions(now=at)
        build_open_editions(now=at)
    _hand_out()


@shared_task(name="digests.sweep")
def sweep() -> None:
    """Hold what a dead worker left behind, and hand out what waits: first tries, retries, what the broker lost."""
    at = now()
    held = hold_abandoned(now=at)
    if held:
        logger.warning("%s digest deliveries are held: their worker stopped while sending", held)
    expire_held(now=at)
    _hand_out()
    with origin("task"):
        tell_secretaries(now=at)


@shared_task(name="digests.deliver")
def deliver_batch(delivery_ids: Sequence[int]) -> None:
    """Deliver these, as far as they still wait."""
    with origin("task"):
        deliver(delivery_ids, clock=now)


def _hand_out() -> None:
    due = list(
        Delivery.objects.due(now=now()).order_by("due_at", "pk").values_list("pk", flat=True)[:AT_ONCE]
    )
    for start in range(0, len(due), SHARE):
        try:
            deliver_batch.apply_async([due[start : start + SHARE]], retry=False, expires=300)
        except (OperationalError, OSError) as error:
            logger.warning(
                "The broker did not answer; the next sweep hands out %s deliveries: %s", len(due), error
            )
            return
