"""What every write door of a working group asks first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from register.accounts.models import WorkingGroup
from register.accounts.permissions import require
from register.accounts.roles import Permission

if TYPE_CHECKING:
    from register.accounts.models import User


def must(by: User | None, permission: Permission, group: WorkingGroup) -> None:
    """PermissionDenied unless the user may; the register itself (None) may."""
    if by is not None:
        require(by, permission, group)


def one_at_a_time(group: WorkingGroup) -> None:
    """Until this is committed, whoever else comes here for the same group waits: then they see what was done."""
    WorkingGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
