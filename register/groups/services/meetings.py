"""When a working group meets."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from register.accounts.models import WorkingGroup
from register.accounts.roles import Permission
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
