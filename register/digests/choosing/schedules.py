"""The write door of a group's schedule: when its digest goes out."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError

from register.accounts.models import User, WorkingGroup
from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.core.errors import EditConflictError
from register.core.tracking import write_door
from register.digests.making.editions import open_last_edition
from register.digests.models import DigestSchedule


@write_door
def set_schedule(
    *,
    by: User | None,
    group: WorkingGroup,
    at: datetime,
    weekday: int = 0,
    hour: int = 7,
    zone: str = "Europe/London",
    rhythm: str = DigestSchedule.Rhythm.WEEK,
    turn: int = 0,
    is_on: bool = True,
    version: int | None = None,
) -> DigestSchedule:
    """When the group's digest goes out. A new one, and one switched on again, has its first window start at `at`.

    One that is switched off has its last window end at `at`: what happened until then is told.

    EditConflictError if somebody else changed it since `version`; ValidationError for an impossible time or zone.
    """
    if by is not None:
        require(by, Permission.MANAGE_GROUP, group)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValidationError({"zone": "There is no such time zone."}) from error
    schedule = DigestSchedule.objects.select_for_update().filter(group=group).first()
    if schedule is None:
        schedule = DigestSchedule(group=group, anchored_at=at)
    elif version is not None and version != schedule.version:
        raise EditConflictError(schedule)
    else:
        schedule.version += 1
        if is_on and not schedule.is_on:
            schedule.anchored_at = at
        elif schedule.is_on and not is_on:
            open_last_edition(schedule=schedule, at=at)
    schedule.weekday, schedule.hour, schedule.zone, schedule.is_on = weekday, hour, zone, is_on
    schedule.rhythm, schedule.turn = rhythm, turn
    schedule.full_clean()
    schedule.save()
    return schedule
