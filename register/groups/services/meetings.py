"""When a working group meets."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from register.accounts.models import WorkingGroup
from register.accounts.roles import Permission
from register.core.errors import EditConflictError
from register.core.tracking import write_door
from register.groups.models import Meeting
from register.groups.services.common import must

if TYPE_CHECKING:
    from register.accounts.models import User


@write_door
def arrange_meeting(*, by: User | None, group: WorkingGroup, starts_at: datetime, **fields: Any) -> Meeting:
    must(by, Permission.MANAGE_GROUP, group)
    meeting = Meeting(group=group, starts_at=starts_at, **fields)
    meeting.full_clean()
    meeting.save()
    return meeting


@write_door
def change_meeting(
    *,
    by: User | None,
    meeting: Meeting,
    version: int | None,
    at: datetime,
    starts_at: datetime,
    **fields: Any,
) -> Meeting:
    """Move a meeting that has not begun, or say something else of it. EditConflictError if somebody did meanwhile."""
    current = _to_come(by, meeting, version, at)
    if starts_at <= at:
        raise ValidationError({"day": "That time has passed. Choose one that is still to come."})
    if Meeting.objects.filter(group=current.group_id, starts_at=starts_at).exclude(pk=current.pk).exists():
        raise ValidationError({"time": "The group meets then already. Choose another time."})
    for name, value in ({"starts_at": starts_at} | fields).items():
        setattr(current, name, value)
    current.version += 1
    current.full_clean()
    current.save(update_fields=["starts_at", *fields, "version"])
    return current


@write_door
def cancel_meeting(
    *, by: User | None, meeting: Meeting, version: int | None, at: datetime, reason: str = ""
) -> None:
    """Call off a meeting that has not begun. The ledger keeps when it was to be."""
    _to_come(by, meeting, version, at).delete()


def _to_come(by: User | None, meeting: Meeting, version: int | None, at: datetime) -> Meeting:
    """The meeting as it is now, locked. One that has begun stays as it was."""
    must(by, Permission.MANAGE_GROUP, meeting.group)
    current = Meeting.objects.select_for_update(of=["self"]).filter(pk=meeting.pk).first()
    if current is None:
        raise ValidationError("This meeting was cancelled meanwhile.")
    if current.began_at is not None or current.starts_at <= at:
        raise ValidationError("This meeting has begun, so it is neither moved nor cancelled.")
    if version is not None and version != current.version:
        raise EditConflictError(current)
    return current
