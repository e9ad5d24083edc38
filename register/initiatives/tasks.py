"""What beat and workers do for records."""

from datetime import timedelta

from celery import shared_task

from register.core.clock import now
from register.initiatives.leftovers import remove_leftovers

# Longer than any transaction that keeps a file.
SPARED = timedelta(days=1)


@shared_task(name="initiatives.remove_leftovers")
def remove_leftover_files() -> None:
    remove_leftovers(before=now() - SPARED)
