"""What beat has done to the ledger: sealing it."""

from __future__ import annotations

import logging

from celery import shared_task

from register.history.sealing import seal

logger = logging.getLogger(__name__)


@shared_task(name="history.seal")
def seal_history() -> None:
    """Seal what no longer changes. The newest hash goes to the log, which is kept elsewhere than the database."""
    made = seal()
    if made:
        number, _, newest = made[-1]
        logger.info("Sealed %s changes; seal %s is %s", sum(rows for _, rows, _ in made), number, newest)
