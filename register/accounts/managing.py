"""Who manages the people of a place: an organisation, a working group, or (neither) the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

from register.accounts.permissions import has_permission
from register.accounts.roles import FOR_GROUP, FOR_ORGANISATION, FOR_REGISTER, Permission, Role

if TYPE_CHECKING:
    from register.accounts.models import User, WorkingGroup
    from register.reference.models import Organisation


def may_manage(
    user: User, organisation: Organisation | None = None, group: WorkingGroup | None = None
) -> bool:
    """Whether somebody gives and takes the roles of this place."""
    if group is not None:
        return has_permission(user, Permission.MANAGE_GROUP, group)
    if has_permission(user, Permission.MANAGE_REGISTER):
        return True
    return (
        organisation is not None
        and user.is_active
        and organisation.pk in user.holdings.organisations_allowing(Permission.MANAGE_PEOPLE)
    )


def must_manage(
    by: User | None, organisation: Organisation | None = None, group: WorkingGroup | None = None
) -> None:
    """PermissionDenied unless they may; the register itself (None) may."""
    if by is not None and not may_manage(by, organisation, group):
        what = Permission.MANAGE_GROUP if group else Permission.MANAGE_PEOPLE
        raise PermissionDenied(f"Your roles do not let you {what.value}.")


def roles_of(organisation: Organisation | None, group: WorkingGroup | None) -> list[Role]:
    """The roles that are held in such a place, from the least on."""
    where = FOR_GROUP if group else FOR_ORGANISATION if organisation else FOR_REGISTER
    return [role for role in Role if role in where]
