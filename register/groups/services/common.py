"""What every write door of a working group asks first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from register.accounts.permissions import require
from register.accounts.roles import Permission

if TYPE_CHECKING:
    from register.accounts.models import User, WorkingGroup


def must(by: User | None, permission: Permission, group: WorkingGroup) -> None:
    """PermissionDenied unless the user may; the register itself (None) may."""
    if by is not None:
        require(by, permission, group)
