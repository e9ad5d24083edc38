"""What beat does about accounts that nobody uses."""

from __future__ import annotations

from celery import shared_task

from register.accounts.people.leavers import ask_unused, pause_silent
from register.core.clock import now
from register.core.tracking import origin


@shared_task(name="accounts.see_to_unused")
def see_to_unused() -> None:
    """Ask about accounts that nobody uses; pause those that nobody answered for."""
    with origin("task"):
        pause_silent(now=now())
        ask_unused(now=now())
