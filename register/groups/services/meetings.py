"""When a working group meets."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.timezone import localdate

from register.accounts.models import WorkingGroup
from register.accounts.roles import Permission
from register.core.errors import EditConflictError
from register.core.tracking import write_door
from register.groups.called_off import tell_that_it_is_off
from register.groups.models import Decision, Meeting
from register.groups.services.common import must, one_at_a_time

if TYPE_CHECKING:
    from register.accounts.models import User


@write_door
def arrange_meeting(
    *,
    by: User | None,
    group: WorkingGroup,
    starts_at: datetime,
    at: datetime | None = None,
    was_held: bool = False,
    **fields: Any,
) -> Meeting:
    """A meeting to come, or of today; or one that `was_held` before without the register, to record what it decided.

    Without `at`, the moment of now, its day may be any: for what is told of long ago.
    """
    must(by, Permission.MANAGE_GROUP, group)
    if at is not None:
        _check_day(starts_at, at, was_held)
    one_at_a_time(group)
    _must_be_free(group.pk, starts_at)
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
    was_held: bool = False,
    **fields: Any,
) -> Meeting:
    """Move a meeting that nobody started, or say something else of it. EditConflictError if somebody did meanwhile."""
    must(by, Permission.MANAGE_GROUP, meeting.group)
    one_at_a_time(meeting.group)
    current = _not_begun(meeting, version)
    if starts_at != current.starts_at:
        _check_day(starts_at, at, was_held)
    _must_be_free(current.group_id, starts_at, but=current)
    for name, value in ({"starts_at": starts_at} | fields).items():
        setattr(current, name, value)
    current.version += 1
    current.full_clean()
    current.save(update_fields=["starts_at", *fields, "version"])
    return current


@write_door
def cancel_meeting(
    *, by: User | None, meeting: Meeting, version: int | None, at: datetime, reason: str = ""
) -> int:
    """Call off a meeting that nobody started; how many are told. The ledger keeps when it was to be.

    The group's people get one email each, but for who calls it off; nobody where its time has passed (`at` is now).
    """
    must(by, Permission.MANAGE_GROUP, meeting.group)
    current = _not_begun(meeting, version)
    told = tell_that_it_is_off(current, by=by, at=at, reason=reason) if current.starts_at > at else 0
    current.delete()
    return told


def _check_day(starts_at: datetime, at: datetime, was_held: bool) -> None:
    """A meeting is arranged for today or later: an earlier day is a slip, unless it is said to be none."""
    if localdate(starts_at) < localdate(at) and not was_held:
        raise ValidationError(
            {"day": "That time has passed. Check the date, or say that the meeting was held already."}
        )
    if starts_at > at and was_held:
        raise ValidationError(
            {
                "day": "That time is still to come. Check the date, or untick that the meeting was held already."
            }
        )


def _must_be_free(group: int, starts_at: datetime, but: Meeting | None = None) -> None:
    others = Meeting.objects.filter(group=group, starts_at=starts_at)
    if (others.exclude(pk=but.pk) if but else others).exists():
        raise ValidationError({"time": "The group meets then already. Choose another time."})


def _not_begun(meeting: Meeting, version: int | None) -> Meeting:
    """The meeting as it is now, locked. One that was started, or where something was decided, stays as it was."""
    current = Meeting.objects.select_for_update(of=["self"]).filter(pk=meeting.pk).first()
    if current is None:
        raise ValidationError("This meeting was cancelled meanwhile.")
    if current.began_at is not None:
        raise ValidationError("This meeting has begun, so it is neither moved nor cancelled.")
    if Decision.objects.filter(meeting=current).exists():
        raise ValidationError("Something was decided at this meeting, so it is neither moved nor cancelled.")
    if version is not None and version != current.version:
        raise EditConflictError(current)
    return current
