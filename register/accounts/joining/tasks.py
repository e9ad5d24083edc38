"""What beat and workers do about accounts. The database holds the work; the broker only says that there is some."""

from __future__ import annotations

from celery import shared_task

from register.accounts.joining.forgetting import forget
from register.accounts.joining.letters import TASK
from register.accounts.joining.letters import send_letters as send
from register.core.clock import now
from register.core.tracking import origin


@shared_task(name=TASK)
def send_letters() -> None:
    """Send the emails about accounts that wait."""
    with origin("task"):
        send(clock=now)


@shared_task(name="accounts.forget")
def forget_what_is_over() -> None:
    """Forget who was invited or asked for access long ago, and sessions that ended."""
    with origin("task"):
        forget(now=now())
