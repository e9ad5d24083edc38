"""Accounts that nobody uses: asked about by email, and paused when no answer comes.

Decided in the database, person by person, so that any number of beats may do this at once.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Coalesce

from register.accounts.joining.letters import owe
from register.accounts.joining.models import Letter
from register.accounts.models import User
from register.accounts.people.services import pause_account
from register.core.tracking import recorded

logger = logging.getLogger(__name__)

# What one task does; the next comes in an hour.
AT_ONCE = 500


def ask_unused(*, now: datetime) -> int:
    """Ask everybody who was not here for `LEAVER_ASKED_DAYS` whether they still need their account; how many."""
    since = now - timedelta(days=settings.LEAVER_ASKED_DAYS)
    unused = (
        User.objects.active()
        .filter(asked_if_needed_at=None)
        .annotate(here_at=Coalesce("last_seen_at", "joined_at"))
        .filter(here_at__lte=since)
        .order_by("pk")
    )
    asked = 0
    for pk in list(unused.values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic(), recorded(by=None, reason="Not used for a long time"):
            if User.objects.filter(pk=pk, asked_if_needed_at=None).update(asked_if_needed_at=now):
                owe(Letter.Kind.STILL_NEEDED, person_id=pk)
                asked += 1
    return asked


def pause_silent(*, now: datetime) -> int:
    """Pause who was asked `LEAVER_PAUSED_DAYS` ago, was written to, and did not answer; how many."""
    silent = User.objects.active().filter(
        asked_if_needed_at__lte=now - timedelta(days=settings.LEAVER_PAUSED_DAYS)
    )
    # Who could not be written to yet, because the mail server is away, has not been asked.
    unwritten = Letter.objects.filter(kind=Letter.Kind.STILL_NEEDED, state=Letter.State.WAITING)
    silent = silent.exclude(pk__in=unwritten.values("person"))
    paused = 0
    for pk in list(silent.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        paused += _pause(pk, now)
    return paused


def _pause(pk: int, now: datetime) -> bool:
    with transaction.atomic(), recorded(by=None, reason="Not used, and no answer when asked"):
        user = (
            User.objects.active().select_for_update().filter(pk=pk).exclude(asked_if_needed_at=None).first()
        )
        if user is None:  # they have come meanwhile
            return False
        try:
            pause_account(by=None, user=user, now=now)
        except ValidationError:
            logger.warning("The last administrator has not signed in for long, and is not paused")
            return False
        return True
