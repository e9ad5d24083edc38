"""Whom an edition is for, and when the next one for them is due."""

from __future__ import annotations

from datetime import datetime

from register.digests import following
from register.digests.models import Edition
from register.digests.slots import next_slot


def next_edition_due(edition: Edition) -> datetime:
    """When the audience's edition after this one is due: by the group's schedule as it is now, or by the weekly one."""
    if edition.group is None:
        return next_slot(following.WEEKDAY, following.HOUR, following.ZONE, after=edition.ends_at)
    return next_slot(*edition.group.digest_schedule.timing, after=edition.ends_at)
