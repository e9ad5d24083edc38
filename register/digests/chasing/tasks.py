"""What beat and workers do to chase. The database holds the work; the broker only says that there is some."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from celery import shared_task
from kombu.exceptions import OperationalError

from register.core.clock import now
from register.core.tracking import origin
from register.digests.chasing.models import Chase
from register.digests.chasing.sending import deliver_chases
from register.digests.chasing.services import expire_held, open_due_round
from register.digests.posting.claiming import State, hold_abandoned

logger = logging.getLogger(__name__)

BATCH = 20
# What one beat hands out; the next comes in minutes.
AT_ONCE = 1000


@shared_task(name="digests.chase")
def chase() -> None:
    """Open a week's asking when it is due; hold what a dead worker left; hand out what waits, retries too."""
    with origin("task"):
        open_due_round(now=now())
    expire_held(now=now())
    held = hold_abandoned(Chase.objects.all(), now=now())
    if held:
        logger.warning("%s chases are held: their worker stopped while sending", held)
    _hand_out()


@shared_task(name="digests.deliver_chases")
def deliver_chase_batch(chase_ids: Sequence[int]) -> None:
    """Send these, as far as they still wait."""
    with origin("task"):
        deliver_chases(chase_ids, clock=now)


def _hand_out() -> None:
    due = Chase.objects.filter(state=State.WAITING, due_at__lte=now()).order_by("due_at", "pk")
    keys = list(due.values_list("pk", flat=True)[:AT_ONCE])
    for start in range(0, len(keys), BATCH):
        try:
            deliver_chase_batch.apply_async([keys[start : start + BATCH]], retry=False, expires=300)
        except (OperationalError, OSError) as error:
            logger.warning("The broker did not answer; the next beat hands out the chases: %s", error)
            return
